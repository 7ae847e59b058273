"""`python -m config.supervisor`: run Handrail on this machine until Ctrl-C."""

import os
import signal
import sys
from types import FrameType

from .checks import Refused
from .desk import run
from .leash import end_with_parent


def main() -> None:
    """Exit with 0 after Ctrl-C, with 1 and one line if Handrail cannot start."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    if "MAKELEVEL" in os.environ:
        end_with_parent(signal.SIGTERM)  # whoever kills `make run` means us
    try:
        run()
    except Refused as error:
        sys.exit(f"handrail: {error}")
    except KeyboardInterrupt:
        print("handrail: stopped", flush=True)


def _stop(number: int, frame: FrameType | None) -> None:
    """End the main thread's work; a second Ctrl-C must not interrupt the stopping."""
    for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()

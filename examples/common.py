"""What the examples share: the desk, the story, and the two commands.

    python examples/langchain_hitl.py hand-off            # prints the id of the handoff
    python examples/langchain_hitl.py resume <that id>    # in another process, any time later

`HANDRAIL_URL` and `HANDRAIL_KEY` say which desk, as which agent.
"""

import os
import sys
from collections.abc import Callable

from handrail_client import Case, Handrail, NotPossibleNow

REQUEST = "My order W100 never came. I want my $900 back."

desk = Handrail(os.environ["HANDRAIL_URL"], os.environ["HANDRAIL_KEY"])


def agent(framework: str) -> dict[str, str]:
    """Who hands off."""
    return {"name": "support", "version": "2.3", "framework": framework}


def main(hand_off: Callable[[], Case], resume: Callable[[str], str]) -> None:
    """Hand off and go away, or wait for the decision and resume the paused run with it."""
    match sys.argv[1:]:
        case ["hand-off"]:
            print(hand_off().id)
        case ["resume", handoff]:
            try:
                print(resume(handoff))
            except NotPossibleNow:
                print("Nothing to do: this decision was taken up before.")
        case _:
            sys.exit(__doc__)

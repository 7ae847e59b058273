"""`python -m tests.bench.roller`: count all figures ahead, and say how long each pass took."""

import json
import sys
import time

import django

BATCH = 5_000


def main() -> None:
    django.setup()
    from escalations.metrics import rolling

    taken = []
    while True:
        started = time.perf_counter()
        counted = rolling.roll_up(BATCH)
        taken.append(time.perf_counter() - started)

        print(f"{counted:,} cases in {taken[-1]:.2f} s", file=sys.stderr, flush=True)
        if rolling.is_ready() and not counted:
            break
    json.dump(taken, sys.stdout)


if __name__ == "__main__":
    main()

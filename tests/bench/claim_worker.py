"""`python -m tests.bench.claim_worker SECONDS OPERATOR...`: operators that take and decide, a thread each.

Says "ready", waits for a line, works for so many seconds, and says how many cases were decided.
"""

import sys
import threading
import time

import django

django.setup()

from escalations import transitions  # noqa: E402  needs Django set up
from escalations.models import Operator  # noqa: E402
from escalations.transitions import DecisionInput, Labels  # noqa: E402

_DECISION = DecisionInput("takeover", message="Done.")
_LABELS = Labels(disposition="take_over", agent_correct="no", failure_primary="none")


def main(seconds: float, operators: list[Operator]) -> None:
    started, counts = threading.Event(), [0] * len(operators)

    def work(index: int) -> None:
        started.wait()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            _one(operators[index])
            counts[index] += 1

    threads = [threading.Thread(target=work, args=(index,)) for index in range(len(operators))]
    for thread in threads:
        thread.start()
    print("ready", flush=True)
    sys.stdin.readline()
    started.set()
    for thread in threads:
        thread.join()
    print(sum(counts), flush=True)


def _one(operator: Operator) -> None:
    claimed = transitions.claim_next(operator=operator)
    assert claimed is not None, "too few cases for this machine"
    transitions.resolve(lease=claimed.lease, decision=_DECISION, labels=_LABELS)


if __name__ == "__main__":
    main(float(sys.argv[1]), list(Operator.objects.filter(id__in=map(int, sys.argv[2:]))))

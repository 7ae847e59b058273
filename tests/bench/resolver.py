"""`python -m tests.bench.resolver COUNT RATE OPERATOR...`: people who decide so many cases, so many a second.

Says "ready", waits for a line, decides (as fast as it can at rate 0), and says as JSON when each decision was
begun, by the case's id, in seconds since the epoch.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import django

django.setup()

from escalations import transitions  # noqa: E402  needs Django set up
from escalations.models import Operator  # noqa: E402
from escalations.transitions import DecisionInput, Labels  # noqa: E402

_DECISION = DecisionInput("takeover", message="Done.")
_LABELS = Labels(disposition="take_over", agent_correct="no", failure_primary="none")


def main(count: int, rate: float, operators: list[Operator]) -> None:
    print("ready", flush=True)
    sys.stdin.readline()
    start = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        begun = []
        for number in range(count):
            if rate:
                time.sleep(max(0.0, start + number / rate - time.monotonic()))
            begun.append(pool.submit(_one, operators[number % len(operators)]))
        print(json.dumps(dict(one.result() for one in begun)), flush=True)


def _one(operator: Operator) -> tuple[str, float]:
    claimed = transitions.claim_next(operator=operator)
    assert claimed is not None, "too few cases"
    begun = time.time()
    transitions.resolve(lease=claimed.lease, decision=_DECISION, labels=_LABELS, can_be_undone=True)
    return str(claimed.lease.case_id), begun


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), list(Operator.objects.filter(id__in=map(int, sys.argv[3:]))))

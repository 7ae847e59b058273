"""What figures, reviews and datasets ask reads no more rows where the desk has a long past."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from escalations.datasets.batches import in_batches
from escalations.datasets.filters import Filter
from escalations.jobs import JobLease, claim
from escalations.labels import overrides
from escalations.metrics import METRICS, Scope, page
from escalations.models import AgentVersion, LabelRevision, Replay, Resolution, ReviewRates, ReviewState
from escalations.models.jobs import FREE
from escalations.replay import Settings, running
from escalations.reports import code_candidates, coverage, failures, risk, scorecard, usual_costs, wall
from escalations.reviews import drawing, line, pairs
from tests.escalations.metrics import desk
from tests.factories import make_operator
from tests.plans import copy_case, read_while

pytestmark = pytest.mark.django_db

TABLES = ("escalation", "resolution", "labelrevision", "claim", "run", "review")
# Each copy of the case has its decision, its labels and its claim, all a year old and more.
_PAST = """
WITH old AS (
    SELECT id, received_at, first_claimed_at, closed_at FROM escalations_escalation old
    WHERE NOT EXISTS (SELECT FROM escalations_resolution WHERE case_id = old.id)
),
decided AS (
    INSERT INTO escalations_resolution ({resolution})
    SELECT {of_resolution} FROM old, escalations_resolution first WHERE first.id = %(resolution)s
    RETURNING id, created_at
),
claimed AS (
    INSERT INTO escalations_claim ({claim})
    SELECT {of_claim} FROM old, escalations_claim first WHERE first.case_id = %(case)s
)
INSERT INTO escalations_labelrevision ({labelrevision})
SELECT {of_labelrevision} FROM decided, escalations_labelrevision first
WHERE first.resolution_id = %(resolution)s
"""
_CHANGED = {
    "resolution": {"id": "gen_random_uuid()", "case_id": "old.id", "created_at": "old.closed_at"},
    "claim": {"case_id": "old.id", "started_at": "old.first_claimed_at", "ended_at": "old.closed_at"},
    "labelrevision": {
        "id": "gen_random_uuid()",
        "resolution_id": "decided.id",
        "submitted_at": "decided.created_at",
    },
}


@pytest.fixture
def decided():
    """A case of an hour ago; its decision stands."""
    said = {"first_error_index": 1, "responsible": "tool", "failure_primary": "cost", "agent_correct": "no"}
    talk = {"steps": [{"name": "find order"}, {"name": "refund"}]}
    hour_ago = timezone.now() - timedelta(hours=1)
    desk.case(hour_ago, picked_up_after=60, resolved_after=600, labels=said, **talk)
    LabelRevision.objects.update(submitted_at=hour_ago)
    return Resolution.objects.get()


def add_past(decided, size: int) -> None:
    then = "{} - interval '1 year' - number * interval '1 minute'"
    times = ("received_at", "first_claimed_at", "picked_up_at", "closed_at", "due_at", "pickup_due_at")
    copy_case(decided.case_id, size, **{name: then.format(name) for name in times})
    with connection.cursor() as cursor:
        filled = {}
        for table, changed in _CHANGED.items():
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s",
                [f"escalations_{table}"],
            )
            names = [name for (name,) in cursor.fetchall() if (table, name) != ("claim", "id")]
            filled[table] = ", ".join(names)
            filled[f"of_{table}"] = ", ".join(changed.get(name, f"first.{name}") for name in names)
        cursor.execute(_PAST.format(**filled), {"resolution": decided.pk, "case": decided.case_id})
        cursor.execute(f"ANALYZE {', '.join(f'escalations_{table}' for table in TABLES)}")


def asked(scope: Scope, version: AgentVersion) -> dict[str, Callable[[], object]]:
    """What to do, by what it is called."""
    reviewer = make_operator("rita", role="reviewer")

    def replay() -> None:
        running.start(operator=reviewer, queue="", settings=Settings())
        waiting = claim(Replay.objects.filter(FREE, finished_at=None), timedelta(minutes=2))
        assert waiting
        running.findings(JobLease(waiting, timedelta(minutes=2)))

    ReviewRates.objects.update_or_create(id=1, defaults={"drawn_until": scope.since})
    return {
        "wall": wall.wall,
        "risk": risk.risk,
        "coverage": lambda: coverage.coverage(scope),
        "scorecard": lambda: scorecard.scorecard(version, scope),
        "controls": lambda: scorecard.controls(version, scope.until),
        "causes": lambda: failures.said(scope),
        "candidates for code": lambda: code_candidates.candidates(scope),
        "overrides": overrides.by_detector,
        "usual costs": usual_costs.measure,
        "replay": replay,
        "draw reviews": lambda: drawing.draw(limit=100),
        "next review": lambda: line.take(operator=reviewer, state=ReviewState.WAITING),
        "agreement": lambda: pairs.pairs(scope.since, scope.until),
        "dataset of a week": lambda: list(
            in_batches(Filter(since=scope.since, until=scope.until).trainable())
        ),
        **{
            f"rows of {name}": lambda name=name: page(METRICS[name], scope, limit=50)
            for name in METRICS
            if not METRICS[name].is_now
        },
    }


def test_a_long_past_is_not_read(decided):
    now = timezone.now()
    scope = Scope(now - timedelta(days=7), now, desk.WEEK.zone)
    acts = asked(scope, AgentVersion.objects.get())
    most: dict[str, Counter[str]] = {}
    for size in (500, 5_000):
        add_past(decided, size)
        for name, act in acts.items():
            read = read_while(act)
            most[name] = Counter({table: read[f"escalations_{table}"] for table in TABLES})
    assert min(Resolution.objects.count(), LabelRevision.objects.count()) > 5_500
    assert most["causes"]["resolution"] > 0
    assert {name: read for name, read in most.items() if max(read.values()) > 40} == {}

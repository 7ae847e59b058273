"""A look reads no more rows where the desk has a long history."""

from datetime import timedelta

import pytest

from escalations.alerts import kinds
from escalations.models import AlertKind, AlertRule
from escalations.sla import clocks
from tests.factories import make_agent, make_resolved
from tests.plans import copy_case, read_by_named, read_while

pytestmark = pytest.mark.django_db
NAMED = ("alert_open_cases", "alert_audits", "alert_nobody")
FLOWS = [
    kind.kind for kind in kinds.KINDS.values() if kind.hours is not None and kind.kind != AlertKind.DELIVERY
]


def read_of_a_long_past(read):
    """How many cases `read` reads, with few and with many that are a year old."""
    case, counts = make_resolved(), []
    for size in (1_000, 10_000):
        times = ("received_at", "first_claimed_at", "closed_at")
        then = "{} - interval '1 year' - number * interval '1 minute'"
        copy_case(case.id, size, **{name: then.format(name) for name in times})
        counts.append(read())
    return counts


@pytest.mark.parametrize("kind", FLOWS)
def test_what_happened_in_the_last_hours_is_found_by_an_index(kind):
    agent = make_agent() if kinds.KINDS[kind].needs_agent else None
    rule = AlertRule(kind=kind, threshold=1, hours=1, agent=agent)

    def read():
        now = clocks.database_now()
        return read_while(lambda: kinds.of(rule).read(rule, [now]))["escalations_escalation"]

    assert max(read_of_a_long_past(read)) <= 20


@pytest.mark.parametrize("statement", NAMED)
def test_what_stands_is_found_by_an_index(statement):
    def read():
        now = clocks.database_now()
        span = {"moments": [now], "there": timedelta(seconds=60)}
        asked = span if statement == "alert_nobody" else {"first": now, "last": now}
        return read_by_named(statement, queue=None, agent=None, **asked)["escalations_escalation"]

    assert max(read_of_a_long_past(read)) <= 20

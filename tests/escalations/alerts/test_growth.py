"""A look reads no more rows where the desk has a long history."""

from datetime import timedelta

import pytest
from django.db.models import F

from escalations.alerts import kinds, readings, trial
from escalations.metrics import rolling
from escalations.models import AlertKind, AlertRule, Escalation, Resolution
from escalations.models.offers import AFFINITY
from escalations.sla import clocks
from tests.factories import claim, decide, make_agent, make_case, make_operator, make_resolved
from tests.plans import copy_case, read_by_named, read_while

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
OF_NOW = (readings.OPEN_CASES, readings.AUDITS)
NAMED = [
    (readings.ALONE, "alert_nobody"),
    *((of_now, "alert_stretches") for of_now in OF_NOW),
    *((stood, "alert_stood") for stood in (readings.ALONE, *OF_NOW)),
]
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


@pytest.mark.parametrize(("statement", "asked_of_it"), NAMED)
def test_what_stands_is_found_by_an_index(statement, asked_of_it):
    def read():
        now = clocks.database_now()
        span = {"moments": [now], "there": timedelta(seconds=60), "kept": AFFINITY}
        asked = span if statement == readings.ALONE else {"first": now, "last": now}
        if asked_of_it == "alert_stood":
            asked |= {"limit": 50, "offset": 0}
        read = read_by_named(statement, asked_of_it, queue=None, agent=None, **asked)
        return read["escalations_escalation"]

    assert max(read_of_a_long_past(read)) <= 20


def test_the_past_is_read_out_of_what_was_counted_ahead():
    agent, operator = make_agent(), make_operator()
    for number in range(60):
        case = make_case(usage={"cost_usd": number / 7})
        if number % 3:
            decide(claim(case, operator), **({"failure_primary": "cost"} if number % 2 else {}))
        ago = timedelta(hours=7 * number, minutes=number)
        clock = {name: F(name) - ago for name in ("received_at", "first_claimed_at", "closed_at")}
        Escalation.objects.filter(id=case.id).update(**clock)
        Resolution.objects.filter(case=case).update(created_at=F("created_at") - ago)
    rules = [AlertRule(kind=kind, threshold=1, hours=168, agent=agent) for kind in FLOWS]
    now = clocks.database_now()
    moments = trial.moments_until(now, HOUR)

    def read(at):
        return [(rule.kind, one) for rule in rules for one in kinds.of(rule).read(rule, at)]

    counted = read(moments) + read([now])
    rolling.roll_up()
    ahead = read(moments) + read([now])

    for (kind, one), (_, other) in zip(counted, ahead, strict=True):
        same = None if one.value is None else pytest.approx(one.value, abs=1e-6)
        assert (other.at, other.n, other.detail, other.value) == (one.at, one.n, one.detail, same), kind
    measured = {kind for kind, one in counted if one.value is not None}
    assert set(FLOWS) - measured == {AlertKind.CALIBRATION}  # there are no audits
    copy_case(Escalation.objects.filter(state="resolved").first().id, 3_000)  # which nothing has counted yet
    assert (
        read_while(lambda: read(moments))["escalations_escalation"] <= Escalation.objects.open().count() == 20
    )

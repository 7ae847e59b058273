"""What is counted ahead equals a recount of all facts, whatever happened to the cases in between."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from escalations import sweeps, transitions
from escalations.metrics import BY, METRICS, breakdown, measure, narrowed, rolled, rolling, series, waiting
from escalations.models import (
    Bookmark,
    Claim,
    Escalation,
    Offer,
    Priority,
    Queue,
    RolledCase,
    Rollup,
    RollupBin,
    SlaTarget,
)
from tests import factories
from tests.escalations.transitions.lives import MOVES
from tests.escalations.transitions.lives import Desk as LivedDesk
from tests.escalations.transitions.playing import live

from . import desk

_RECOUNT = """
WITH fact AS (
{facts}
)
SELECT metric, date_trunc('hour', at, 'UTC'), dimension.version_id, dimension.queue_id, part, label,
       {bin}, sum({micro})::bigint, count(*)
FROM fact CROSS JOIN LATERAL
    (VALUES (fact.version_id, fact.queue_id), (0, 0)) dimension (version_id, queue_id)
GROUP BY 1, 2, 3, 4, 5, 6, 7
"""
_KEY = ("metric", "hour", "version_id", "queue_id", "part", "label")


def recounted() -> tuple[Counter[Any], Counter[Any], Counter[Any]]:
    """How many facts there are, the sum of their values, and how many are in each bin: of all there are."""
    facts = "\nUNION ALL\n".join(
        f"SELECT '{metric.name}' AS metric, fact.* FROM ({metric.sql}) fact WHERE fact.settled"
        for metric in rolling.rolled_up()
    )
    numbers: Counter[Any] = Counter()
    totals: Counter[Any] = Counter()
    bins: Counter[Any] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(
            _RECOUNT.format(facts=facts, bin=rolling.BIN, micro=rolling.MICRO), rolling.parameters()
        )
        for *key, bin_number, total, number in cursor.fetchall():
            numbers[tuple(key)] += number
            totals[tuple(key)] += total or 0
            if bin_number is not None:
                bins[(*key, bin_number)] += number
    return +numbers, Counter({key: total for key, total in totals.items() if total}), +bins


def rolled_cells() -> tuple[Counter[Any], Counter[Any], Counter[Any]]:
    """The same as it was counted ahead."""
    cells = list(Rollup.objects.values_list(*_KEY, "n", "total"))
    binned = RollupBin.objects.values_list(*_KEY, "bin", "n")
    return (
        Counter({tuple(key): n for *key, n, _ in cells if n}),
        Counter({tuple(key): total for *key, _, total in cells if total}),
        Counter({tuple(key): n for *key, n in binned if n}),
    )


class LongDesk(LivedDesk):
    """A desk whose cases may be of an earlier hour, and where answers to users are due at once or later."""

    def __init__(self) -> None:
        super().__init__()
        seconds = {"pickup_seconds": 600, "resolution_seconds": 3_600}
        for queue in Queue.objects.all():
            for priority in Priority:
                due = {"response_seconds": 0 if priority < Priority.NORMAL else 3_600}
                SlaTarget.objects.update_or_create(queue=queue, priority=priority, defaults=seconds | due)

    def long_ago(self, number: int, other: int) -> None:
        chosen = self.choose(number)
        if chosen is None:
            return
        earlier = timedelta(minutes=37 * (other + 1))
        cases = Escalation.objects.filter(id=chosen[0])
        cases.update(
            received_at=F("received_at") - earlier,
            first_claimed_at=F("first_claimed_at") - earlier,
            picked_up_at=F("picked_up_at") - earlier,
            closed_at=F("closed_at") - earlier,
        )
        cases.get().resolutions.update(created_at=F("created_at") - earlier)

    def count(self, _: int, __: int) -> None:
        rolling.roll_up()


def counts_are_right(played: Any) -> None:
    rolling.roll_up()
    assert rolled_cells() == recounted()


@pytest.mark.django_db
def test_whatever_happens_to_cases_their_figures_are_those_of_a_recount():
    live(4, kind=LongDesk, moves=[*MOVES, "long_ago", "long_ago", "count"], checked=counts_are_right)


@pytest.mark.django_db(transaction=True)
def test_only_what_changed_is_counted_again(monkeypatch):
    cases = [desk.case(resolved_after=60) for _ in range(3)]
    counted: list[Any] = []
    count_cases = rolling.count_cases
    monkeypatch.setattr(
        rolling, "count_cases", lambda case_ids: (counted.extend(case_ids), count_cases(case_ids))
    )
    assert not rolling.is_ready()
    sweeps.sweep_figures()
    assert rolling.is_ready()
    assert sorted(counted) == sorted(case.id for case in cases)
    counted.clear()
    transitions.reopen(case_id=cases[1].id, operator=desk.person(), reason="again")
    sweeps.sweep_figures()
    assert counted == [cases[1].id]
    assert rolled_cells() == recounted()


@pytest.mark.django_db
def test_all_begins_anew_when_a_definition_changes():
    desk.case(resolved_after=60)
    rolling.roll_up()
    Bookmark.objects.filter(name="figures defined").update(place="as it was before")
    Rollup.objects.update(n=7)
    assert not rolling.is_ready()
    rolling.roll_up()
    assert rolled_cells() == recounted()
    assert rolling.is_ready()


@pytest.mark.django_db
def test_what_was_forgotten_stays_counted():
    case = desk.case(resolved_after=60)
    lease = Claim.objects.get(case=case)
    made = {"case": case, "operator": lease.operator, "ring": 0, "weight": 1, "outcome": "accepted"}
    times = dict.fromkeys(("offered_at", "expires_at", "ended_at"), desk.NOON)
    Offer.objects.create(**made, **times)
    rolling.roll_up()
    Offer.objects.all().delete()
    rolling.roll_up()
    assert [line.split("\x1f")[0] for line in RolledCase.objects.get().facts].count("offers") == 1
    assert Rollup.objects.get(metric="offers", version_id=0).n == 1


def assert_alike(one: Any, other: Any, name: str) -> None:
    """The same figure, but for percentiles, which bins give within 4.5%."""
    assert (one.n, one.parts, one.of) == (other.n, other.parts, other.of), name
    for field, within in (("mean", 1e-6), ("p50", 0.045), ("p90", 0.045), ("p95", 0.045)):
        exact = getattr(other, field)
        assert getattr(one, field) == (exact and pytest.approx(exact, rel=within, abs=1e-6)), (name, field)


@pytest.mark.django_db
def test_figures_that_were_counted_ahead_are_those_that_are_counted_now(monkeypatch):
    billing = factories.make_agent("billing", queue=factories.make_queue("billing"))
    desk.person().queues.add(billing.default_queue)
    for day in range(5):
        noon = desk.NOON - timedelta(days=day, hours=day)
        for wait in (7, 60, 61, 3_000):
            desk.case(noon, picked_up_after=wait, resolved_after=wait + 400, usage={"cost_usd": wait / 100})
        desk.case(noon, resolved_after=90_000, agent=billing, decision="reject", version="2.4")
        desk.withdrawn(noon, after=30)
        desk.case(noon)
    flows = [name for name, metric in METRICS.items() if not metric.is_now]
    scopes = [desk.WEEK, replace(desk.WEEK, agent="billing"), replace(desk.WEEK, queue="support")]
    scopes.append(replace(desk.WEEK, since=desk.NOON - timedelta(hours=30), until=desk.NOON))

    def asked() -> list[dict[str, Any]]:
        found = [measure(METRICS, scope) for scope in scopes]
        found += [of_days for scope in scopes for of_days in series(flows, scope).values()]
        return found + [told for by in BY for told in breakdown(flows, desk.WEEK, by).values()]

    now = asked()
    rolling.roll_up()
    monkeypatch.setattr(rolled, "FEW", 0)
    assert rolled.applies(desk.WEEK)
    ahead = asked()
    assert measure(["resolution"], desk.WEEK)["resolution"].is_binned
    for one, other in zip(ahead, now, strict=True):
        assert one.keys() == other.keys()
        for key, figure in one.items():
            assert_alike(figure, other[key], f"{figure.metric.name} {key}")


@pytest.mark.django_db
def test_a_period_that_ended_within_an_hour_counts_no_more_of_it(monkeypatch):
    for minutes in (10, 20, 50, 200):
        desk.case(desk.NOON + timedelta(minutes=minutes), resolved_after=60, usage={"cost_usd": minutes})
    rolling.roll_up()
    monkeypatch.setattr(rolled, "FEW", 0)
    cut = replace(desk.WEEK, until=desk.NOON + timedelta(minutes=30))
    assert rolled.applies(cut)
    for by in ("", "version", "time"):
        found = figures_by(cut, by)
        assert [(one.n, one.mean) for one in found["agent_cost"].values()] == [(2, 15)], by
        assert [one.parts["claimed"] for one in found["wait"].values()] == [2], by
    assert waiting(cut).events == 2
    assert waiting(replace(cut, until=desk.NOON + timedelta(minutes=51))).events == 3


def figures_by(scope: Any, by: str) -> dict[str, dict[Any, Any]]:
    names = ["agent_cost", "wait"]
    if by == "time":
        return series(names, scope)
    if by:
        return breakdown(names, scope, by)
    return {name: {"": figure} for name, figure in measure(names, scope).items()}


@pytest.mark.django_db
def test_hours_that_a_day_cuts_apart_are_counted_as_they_are_asked_for(monkeypatch):
    monkeypatch.setattr(rolled, "FEW", 0)
    desk.case(resolved_after=60)
    rolling.roll_up()
    zone = type(desk.WEEK.zone)("Asia/Kathmandu")
    assert rolled.applies(desk.WEEK)
    assert not rolled.applies(replace(desk.WEEK, zone=zone))


def test_all_statements_of_facts_have_the_same_columns():
    for metric in METRICS.values():
        for column in ("case_id", "version_id", "queue_id", "part", "label", "value", "settled"):
            assert column in metric.sql, (metric.name, column)
    assert narrowed.COLUMNS.startswith("case_id, at")

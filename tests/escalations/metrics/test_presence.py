"""What is measured of the people who are there, and of what waits for them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db.models.functions import Now

from escalations import sql
from escalations.live.measuring import Meter, keep
from escalations.metrics import all_rows, breakdown, measure, rows
from escalations.metrics.registry import METRICS
from escalations.models import (
    Availability,
    Claim,
    Escalation,
    LiveMinute,
    Offer,
    Operator,
    Presence,
    Queue,
    Stay,
)
from escalations.models.people import CONNECTED
from escalations.reports.wall import wall
from escalations.sla import clocks
from tests import factories

from . import desk

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def stay(person: Operator, start: datetime, end: datetime, availability: str = "available") -> None:
    Stay.objects.create(operator=person, availability=availability, started_at=start, ended_at=end)


def held(person: Operator, start: datetime, end: datetime | None, weight: int = 1) -> None:
    case = factories.make_case()
    Escalation.objects.filter(id=case.id).update(weight=weight)
    Claim.objects.create(
        case=case,
        operator=person,
        token=1,
        how="pulled",
        started_at=start,
        ended_at=end,
        outcome="released" if end else "",
    )


def test_occupancy_and_use_of_capacity_are_shares_of_the_time_available():
    ann, bob = (factories.make_operator(name, capacity=4) for name in ("ann", "bob"))
    stay(ann, desk.NOON, desk.NOON + 2 * HOUR)
    stay(ann, desk.NOON + 2 * HOUR, desk.NOON + 3 * HOUR, "away")
    stay(bob, desk.NOON, desk.NOON + 2 * HOUR)
    held(ann, desk.NOON, desk.NOON + HOUR, weight=2)
    held(ann, desk.NOON, desk.NOON + 3 * HOUR)
    held(bob, desk.NOON + timedelta(minutes=1), desk.NOON + timedelta(minutes=14))  # between two looks

    found = measure(["occupancy", "capacity_use"], desk.WEEK)
    by_person = breakdown(["occupancy"], desk.WEEK, "label")["occupancy"]

    assert found["occupancy"].parts == {"busy": 8, "free": 8}
    assert by_person[str(ann.pk)].share == 1
    assert by_person[str(bob.pk)].share == 0
    assert found["capacity_use"].parts == {"used": 4 * 3 + 4 * 1, "free": 2 * 8 * 4 - 16}
    assert len(rows(METRICS["occupancy"], desk.WEEK, part="busy", limit=100)) == 8


def test_a_stay_and_a_claim_are_cut_to_the_period():
    ann = factories.make_operator("ann")
    stay(ann, desk.WEEK.since - 5 * HOUR, desk.WEEK.since + HOUR)
    stay(ann, desk.WEEK.until - HOUR, desk.WEEK.until + HOUR)
    held(ann, desk.WEEK.since - 4 * HOUR, desk.WEEK.since + HOUR / 2)
    held(ann, desk.WEEK.until - HOUR / 2, None)

    assert measure(["occupancy"], desk.WEEK)["occupancy"].parts == {"busy": 4, "free": 4}


def test_offers_per_hour_are_of_each_person_and_day_with_an_hour_or_more():
    today = clocks.database_now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    scope = replace(desk.WEEK, since=today - timedelta(days=40), until=today)
    ann, bob = (factories.make_operator(name) for name in ("ann", "bob"))
    stay(ann, today - 26 * HOUR, today - 20 * HOUR)  # 2 hours of one day, 4 of the next
    stay(bob, today - 20 * HOUR, today - 19.5 * HOUR)
    stay(bob, today - timedelta(days=35), today - timedelta(days=34.5))  # offers of then are forgotten
    case = factories.make_case()
    for hours in (25, 24.5, 24.2, 23, 22):
        at = today - hours * HOUR
        ended = {"expires_at": at, "ended_at": at, "outcome": "missed"}
        Offer.objects.create(case=case, operator=ann, ring=0, weight=1, offered_at=at, **ended)

    found = rows(METRICS["offers_per_hour"], scope, limit=10)

    assert [(row.label, row.value) for row in found] == [(str(ann.pk), 2 / 4), (str(ann.pk), 3 / 2)]
    assert list(all_rows(METRICS["offers_per_hour"], scope)) == found


def offered(person: Operator, case: Escalation, *hours_ago: float, hour: datetime) -> None:
    """Offers that were missed, so long before the hour that runs."""
    for hours in hours_ago:
        at = hour - hours * HOUR
        ended = {"expires_at": at, "ended_at": at, "outcome": "missed"}
        Offer.objects.create(case=case, operator=person, ring=0, weight=1, offered_at=at, **ended)


def test_the_evenness_of_offers_is_the_gini_coefficient_of_those_per_eligible_available_hour():
    ann, bob, cyd, dan = (factories.make_operator(name) for name in ("ann", "bob", "cyd", "dan"))
    eve = factories.make_operator("eve", queues=[factories.make_queue("billing")])
    factories.make_skill("fr")
    plain, french = factories.make_case(), factories.make_case()
    Escalation.objects.filter(id=french.id).update(skills=["fr"])
    Operator.objects.filter(pk=ann.pk).update(skills=["fr"])
    hour = clocks.database_now().astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    # Work comes in the hours that began 5 and 4 hours ago, and such as only Ann can take 3 hours ago.
    for person in (ann, bob, cyd, eve):
        stay(person, hour - 5 * HOUR, hour - HOUR)
    stay(dan, hour - 5 * HOUR, hour - 4.5 * HOUR)  # too short to tell
    offered(ann, french, 2.9, 2.8, 2.7, hour=hour)
    offered(ann, plain, 4.9, 4.8, 4.7, hour=hour)
    offered(bob, plain, *(4.9 - part / 100 for part in range(5)), 3.9, hour=hour)
    scope = replace(desk.WEEK, since=hour - 24 * HOUR, until=hour)

    found = measure(["fairness"], scope)["fairness"]
    by_person = breakdown(["fairness"], scope, "label")["fairness"]

    # Ann had 6 offers in 3 hours, Bob 6 in 2, Cyd none in 2; nothing that Eve may take came.
    # Half the mean difference of all pairs of 2, 3 and 0, over their mean: (1 + 2 + 3) / (3 * 5).
    assert found.gini == pytest.approx(6 / 15)
    assert (found.people, found.mean, found.is_enough) == (3, pytest.approx(12 / 7), True)
    assert found.parts == {"offers": 12, "hours": 8}
    assert by_person[str(ann.pk)].mean == 2
    assert by_person[str(ann.pk)].gini is None
    assert len(rows(METRICS["fairness"], scope, part="offers", label=str(bob.pk), limit=20)) == 6
    assert measure(["fairness"], replace(scope, until=scope.since + HOUR))["fairness"].value is None


def test_live_processes_tell_how_late_they_read_and_how_often_pages_started_over():
    ours, theirs = uuid4(), uuid4()
    meter = Meter()
    meter.note_lags([0.01] * 98 + [4.0, 4.0])
    meter.note_resync()
    while True:
        for process in (ours, ours, theirs):
            keep(process, meter)
        keep(theirs, Meter())
        if LiveMinute.objects.count() == 2:
            break
        LiveMinute.objects.all().delete()  # the minute ended meanwhile
    LiveMinute.objects.update(minute=desk.NOON)
    keep(ours, Meter())
    LiveMinute.objects.exclude(minute=desk.NOON).update(minute=desk.NOON + HOUR)

    found = measure(["event_lag", "resyncs"], desk.WEEK)

    assert (found["event_lag"].n, found["resyncs"].n) == (2, 2)
    assert found["event_lag"].p95 == pytest.approx(0.01, rel=0.05)
    assert [row.value for row in rows(METRICS["resyncs"], desk.WEEK, limit=5)] == [0, 3]
    assert LiveMinute.objects.get(process=ours, minute=desk.NOON).events == 200


def there(person: Operator, availability: Availability = Availability.AVAILABLE) -> None:
    Presence.objects.filter(operator=person).update(availability=availability, seen_at=Now())


def test_the_drain_forecast_is_that_of_the_wall():
    billing = factories.make_queue("billing")
    for _ in range(3):
        factories.make_case()
    person = factories.make_operator(capacity=4)
    there(person)
    factories.claim(factories.make_case(), person)
    there(factories.make_operator(queues=[billing]), Availability.AWAY)
    factories.make_case(factories.make_agent("billing", queue=billing))
    Queue.objects.update(mean_handle_seconds=120)

    drain = breakdown(["drain"], desk.WEEK, "queue")["drain"]

    assert {line.name: line.drain_seconds for line in wall().queues} == {
        name: figure.p50 for name, figure in drain.items()
    }
    assert drain["support"].p50 == 120
    assert drain["billing"].parts == {"served": 0, "deserted": 1}


def test_cases_that_nobody_can_take_are_those_that_routing_finds_deserted():
    factories.make_skill("fr")
    there(factories.make_operator(capacity=2))
    billing = factories.make_queue("billing")
    there(factories.make_operator(skills=["fr"], queues=[billing]))
    cases = [factories.make_case() for _ in range(4)]
    Escalation.objects.filter(id=cases[1].id).update(skills=["fr"])
    Escalation.objects.filter(id=cases[2].id).update(weight=3)
    Escalation.objects.filter(id=cases[3].id).update(
        overflow_queue=Queue.objects.get(name="billing"), skills=["fr"]
    )

    found = measure(["unroutable"], desk.WEEK)["unroutable"]
    counted = rows(METRICS["unroutable"], desk.WEEK, part="unroutable", limit=10)

    deserted = sql.run(
        "subject", "able", "deserted", case_ids=[case.id for case in cases], connected=CONNECTED
    )
    assert found.parts == {"unroutable": 2, "routable": 2}
    assert {row.case_id for row in counted} == {row["id"] for row in deserted} == {cases[1].id, cases[2].id}

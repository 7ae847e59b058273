"""Whom the router offers what: eligibility, order, rings, alerts. Times are written into rows."""

from datetime import datetime, timedelta
from itertools import product

import pytest
from django.db.models import F
from django.db.models.functions import Now

from escalations import presence, routing, sweeps, transitions
from escalations.handoffs.line import line_of
from escalations.models import (
    Availability,
    Calendar,
    Escalation,
    Event,
    Notice,
    Offer,
    OpeningHours,
    Presence,
    Queue,
    Ring,
    Role,
    RoutingDecision,
    State,
)
from escalations.routing import reach, router, unroutable
from escalations.routing.eligibility import ring_by_time
from tests import factories
from tests.escalations.people.test_capacity import ready
from tests.escalations.routing.test_offers import time_out
from tests.factories import reread

pytestmark = pytest.mark.django_db


def wait(case, seconds):
    """As if the case had been waiting for so long."""
    ago = timedelta(seconds=seconds)
    Escalation.objects.filter(id=case.id).update(
        received_at=F("received_at") - ago, clock_started_at=F("clock_started_at") - ago
    )


def offered(case):
    """Who has a live offer of the case."""
    return {offer.operator for offer in Offer.objects.live().filter(case=case).select_related("operator")}


def prefer(case, *skills):
    Escalation.objects.filter(id=case.id).update(preferred_skills=list(skills))


def overflowing():
    """The support queue, whose cases overflow into billing."""
    support, billing = factories.make_queue(), factories.make_queue("billing")
    support.overflow = billing
    support.save(update_fields=["overflow"])
    return support, billing


def test_a_waiting_case_is_offered_to_one_person_and_a_second_sweep_changes_nothing():
    people = {ready(), ready()}
    case = factories.make_case()

    assert sweeps.sweep_routing() == 1
    [person] = offered(case)
    assert person in people
    assert sweeps.sweep_routing() == 0
    assert offered(case) == {person}
    assert Presence.objects.get(operator=person).last_offered_at is not None


def test_only_people_who_may_and_can_take_it_are_asked():
    case = factories.make_case(routing={"skills": ["fr"]})
    fits = ready(skills=["fr"])
    ready(skills=["de"])
    ready(skills=["fr"], queues=[factories.make_queue("travel")])
    ready(skills=["fr"], is_active=False)
    ready(skills=["fr"], capacity=0)
    factories.make_operator(skills=["fr"])
    presence.set_availability(operator=ready(skills=["fr"]), availability=Availability.WRAP_UP)

    routing.route()
    assert offered(case) == {fits}


def test_the_most_urgent_case_goes_out_first():
    agent = factories.make_agent()
    factories.make_case(agent)
    urgent = factories.make_case(agent, routing={"priority": "urgent"})
    person = ready()
    routing.route()
    assert offered(urgent) == {person}
    assert Offer.objects.count() == 1


def test_who_was_asked_longest_ago_is_asked_first_and_then_who_has_least_to_do():
    recent, idle, busy = ready(), ready(), ready()
    Presence.objects.filter(operator=recent).update(last_offered_at=Now())
    factories.claim(factories.make_case(), busy)
    case = factories.make_case()
    routing.route()
    assert offered(case) == {idle}

    other = factories.make_case()
    routing.route()
    assert offered(other) == {busy}


def test_who_had_the_case_is_asked_first_and_for_a_while_alone():
    case = factories.make_case()
    before, other = ready(), ready()
    Presence.objects.filter(operator=before).update(last_offered_at=Now())
    keep = Escalation.objects.filter(id=case.id)
    keep.update(affinity=before, affinity_until=Now() + timedelta(seconds=30))
    presence.set_availability(operator=before, availability=Availability.WRAP_UP)
    routing.route()
    assert offered(case) == set()
    assert transitions.claim_next(operator=other) is None

    presence.set_availability(operator=before, availability=Availability.AVAILABLE)
    routing.route()
    assert offered(case) == {before}

    Offer.objects.all().delete()
    keep.update(affinity_until=Now())
    presence.set_availability(operator=before, availability=Availability.AWAY)
    routing.route()
    assert offered(case) == {other}


@pytest.mark.parametrize("gone", ["away", "left", "never there"])
def test_nothing_is_kept_for_who_is_away_or_absent(gone):
    case = factories.make_case()
    before, other = ready(), ready()
    Escalation.objects.update(affinity=before, affinity_until=Now() + timedelta(seconds=30))
    if gone == "away":
        presence.set_availability(operator=before, availability=Availability.AWAY)
    elif gone == "left":
        presence.left(before.pk)
    else:
        Presence.objects.filter(operator=before).update(seen_at=None)
    routing.route()
    assert offered(case) == {other}
    Offer.objects.all().delete()
    assert transitions.claim_next(operator=other).lease.case_id == case.id


def test_who_only_watches_and_is_there_has_the_reply_kept_for_them():
    case = factories.make_case()
    watching, other = ready(role=Role.ADMIN), ready()
    assert reason_of(watching, case) == "away"
    Escalation.objects.update(affinity=watching, affinity_until=Now() + timedelta(seconds=30))
    routing.route()
    assert offered(case) == set()
    assert transitions.claim_next(operator=other) is None


def test_preferred_skills_are_waited_for_a_minute_if_somebody_has_them():
    plain = ready()
    best = ready(skills=["vip"], capacity=1)
    factories.claim(factories.make_case(), best)
    case = factories.make_case()
    prefer(case, "vip")

    routing.route()
    assert offered(case) == set()
    wait(case, 61)
    routing.route()
    assert offered(case) == {plain}
    assert Offer.objects.get().ring == Ring.REQUIRED


def test_a_ring_with_nobody_available_is_skipped_at_once():
    plain = ready()
    case = factories.make_case()
    prefer(case, "vip")
    routing.route()
    assert offered(case) == {plain}


def test_after_three_minutes_the_overflow_queue_may_take_it_too():
    support, billing = overflowing()
    busy = ready(queues=[support], capacity=1)
    factories.claim(factories.make_case(), busy)
    helper = ready(queues=[billing])
    case = factories.make_case()
    assert transitions.claim_next(operator=helper) is None

    routing.route()
    assert offered(case) == set()
    wait(case, 181)
    routing.route()
    assert offered(case) == {helper}
    assert Escalation.objects.get(id=case.id).overflow_queue == billing
    assert case.events.filter(kind="overflowed", data__queue="billing").exists()
    assert case in Escalation.objects.visible_to(helper)
    assert transitions.claim_next(operator=helper).lease.case_id == case.id


def test_the_overflow_queue_may_take_it_at_once_if_nobody_of_its_own_is_there():
    _, billing = overflowing()
    helper = ready(queues=[billing])
    case = factories.make_case()
    routing.route()
    assert offered(case) == {helper}
    assert Offer.objects.get().ring == Ring.OVERFLOW


def test_late_cases_go_to_three_at_once():
    people = [ready() for _ in range(4)]
    case = factories.make_case(routing={"priority": "urgent"})
    wait(case, 0.8 * 121)
    Escalation.objects.filter(id=case.id).update(pickup_due_at=F("clock_started_at") + timedelta(seconds=120))
    routing.route()
    assert len(offered(case)) == 3
    [first, *rest] = Offer.objects.select_related("operator").order_by("id")
    transitions.accept(offer_id=first.pk, operator=first.operator)
    assert {one.outcome for one in Offer.objects.exclude(id=first.pk)} == {"rescinded"}
    assert {first.operator, *(one.operator for one in rest)} < set(people)


@pytest.mark.parametrize(
    ("started", "now", "ring"),
    [
        ("2026-01-02T16:00Z", "2026-01-05T09:30", Ring.OVERFLOW),
        ("2026-01-02T16:00Z", "2026-01-05T10:30", Ring.SEVERAL),
        # Late before a weekend, though most of the time by the clock on the wall is left.
        ("2026-01-01T15:00Z", "2026-01-02T16:30", Ring.OVERFLOW),
        ("2026-01-01T09:00Z", "2026-01-02T16:30", Ring.SEVERAL),
    ],
)
def test_late_is_counted_in_the_business_time_of_the_queue(started, now, ring):
    calendar = Calendar.objects.create(name="Weekdays")
    for weekday in range(5):
        OpeningHours.objects.create(calendar=calendar, weekday=weekday, opens="09:00", closes="17:00")
    factories.make_queue()
    Queue.objects.update(calendar=calendar)
    case = factories.make_case()
    Escalation.objects.filter(id=case.id).update(
        clock_started_at=datetime.fromisoformat(started),
        picked_up_at=datetime.fromisoformat(started),
        due_at=datetime.fromisoformat("2026-01-05T11:00Z"),
    )
    assert ring_by_time(reread(case), datetime.fromisoformat(f"{now}Z")) == ring


def test_a_person_has_one_offer_to_answer_at_a_time():
    person = ready()
    for _ in range(3):
        factories.make_case()
    routing.route()
    assert Offer.objects.filter(operator=person).count() == 1


def test_who_declined_is_not_asked_again_and_who_missed_only_after_a_pause():
    case = factories.make_case()
    declines, misses = ready(), ready()
    Presence.objects.filter(operator=misses).update(last_offered_at=Now())
    routing.route()
    transitions.decline(offer_id=Offer.objects.live().get().pk, operator=declines)
    routing.route()
    assert offered(case) == {misses}
    time_out(Offer.objects.live().get())
    routing.route()
    assert offered(case) == set()

    Offer.objects.filter(operator=misses).update(ended_at=Now() - timedelta(seconds=31))
    routing.route()
    assert offered(case) == {misses}


def test_nothing_starves_behind_cases_that_nobody_there_can_take(monkeypatch):
    monkeypatch.setattr("escalations.routing.reach.PAGE", 2)
    agent = factories.make_agent()
    ready(skills=["fr"], capacity=1)
    ready(skills=["de"], capacity=1)
    for _ in range(5):
        factories.make_case(agent, routing={"skills": ["fr", "de"], "priority": "urgent"})
    possible = [factories.make_case(agent, routing={"skills": [skill]}) for skill in ("fr", "de")]

    routing.route()
    assert all(offered(case) for case in possible)


def test_every_case_of_a_long_queue_gets_its_turn():
    agent = factories.make_agent()
    cases = {factories.make_case(agent, kind=kind).id for kind in ("takeover", "question") * 6}
    people = [ready(capacity=2), ready(capacity=3)]
    done = set()
    for _ in range(40):
        routing.route()
        for offer in Offer.objects.live().select_related("operator"):
            transitions.accept(offer_id=offer.pk, operator=offer.operator)
        for person in people:
            for held in Escalation.objects.held_by(person)[:1]:
                lease = transitions.LeaseToken(held.id, person, held.lease_token)
                decision = "takeover" if held.kind == "takeover" else "respond"
                factories.decide(lease, decision, message="Done.")
                done.add(held.id)
    assert done == cases


def test_a_long_run_of_cases_that_nobody_can_take_hides_none_behind_it(monkeypatch):
    monkeypatch.setattr(reach, "PAGE", 2)
    monkeypatch.setattr(reach, "PAGES", 1)
    monkeypatch.setattr(router, "_reach", reach.Reach())
    agent = factories.make_agent()
    people = {ready(skills=["fr"]), ready(skills=["de"])}
    for _ in range(11):
        factories.make_case(agent, routing={"skills": ["de", "fr"]})
    hidden = [factories.make_case(agent) for _ in range(2)]

    passes = 0
    while not all(offered(case) for case in hidden):
        passes += 1
        assert passes < 10
        routing.route()
    assert passes > 3
    assert offered(hidden[0]) | offered(hidden[1]) == people
    urgent = factories.make_case(agent, routing={"priority": "urgent"})
    free = ready()
    routing.route()
    assert offered(urgent) == {free}


def test_a_late_heavy_case_is_not_passed_by_lighter_ones_for_ever():
    agent = factories.make_agent()
    person = ready(capacity=2)
    lease = factories.claim(factories.make_case(agent), person)
    heavy = factories.make_case(agent, kind="takeover")
    wait(heavy, 4 * 3600)
    factories.make_case(agent)
    routing.route()
    assert not Offer.objects.exists()

    factories.decide(lease)
    routing.route()
    assert offered(heavy) == {person}


def late(case, seconds=4 * 3600):
    wait(case, seconds)
    return reread(case)


def reason_of(person, case):
    account = routing.explain(Escalation.objects.select_related("queue", "policy").get(id=case.id))
    [reason] = [one.reason.why for one in account.people if one.operator_id == person.pk]
    return reason.value or "none"


def test_who_missed_a_late_case_is_offered_other_cases_at_once():
    agent = factories.make_agent()
    person = ready()
    case, *others = [late(factories.make_case(agent), 4 * 3600 - number) for number in range(3)]
    routing.route()
    assert offered(case) == {person}
    time_out(Offer.objects.live().get())
    routing.route()
    assert offered(others[0]) == {person}
    assert reason_of(person, case) == "missed"


def test_another_case_goes_before_one_that_was_missed_last_and_then_it_has_its_turn():
    agent = factories.make_agent()
    person = ready()
    missed = late(factories.make_case(agent))
    routing.route()
    time_out(Offer.objects.live().get())
    routing.route()
    long_ago = Now() - timedelta(seconds=40)
    Offer.objects.update(ended_at=long_ago)
    Presence.objects.update(last_offered_at=Now() - timedelta(seconds=60))
    other, third = factories.make_case(agent), factories.make_case(agent)
    routing.route()
    assert offered(other) == {person}
    assert offered(missed) == set()

    transitions.accept(offer_id=Offer.objects.live().get().pk, operator=person)
    routing.route()
    assert offered(missed) == {person}
    assert offered(third) == set()


def test_a_late_case_that_is_kept_for_another_freezes_nobody():
    agent = factories.make_agent()
    kept = late(factories.make_case(agent))
    asker, person = ready(), ready()
    presence.set_availability(operator=asker, availability=Availability.WRAP_UP)
    Escalation.objects.update(affinity=asker, affinity_until=Now() + timedelta(seconds=30))
    other = factories.make_case(agent)
    routing.route()
    assert offered(other) == {person}
    assert reason_of(person, kept) == "kept"


def test_room_that_is_kept_for_a_late_case_is_named():
    agent = factories.make_agent()
    person = ready(capacity=2)
    factories.claim(factories.make_case(agent), person)
    heavy = late(factories.make_case(agent, kind="takeover"))
    light = factories.make_case(agent)
    routing.route()
    assert reason_of(person, heavy) == "at_capacity"
    assert reason_of(person, light) == "room_kept"
    Escalation.objects.filter(id=heavy.id).update(state=State.RESOLVED, closed_at=Now())
    assert reason_of(person, light) == "none"


def test_nothing_new_is_offered_once_the_last_page_was_closed_and_offers_that_run_stay():
    agent = factories.make_agent()
    person = ready()
    running = factories.make_case(agent)
    routing.route()
    presence.left(person.pk)
    routing.route()
    assert offered(running) == {person}

    transitions.accept(offer_id=Offer.objects.live().get().pk, operator=person)
    new = factories.make_case(agent)
    routing.route()
    assert offered(new) == set()
    assert not transitions.offer(case_id=new.id, operator_ids=[person.pk], ring=Ring.EXACT)
    assert reason_of(person, new) == "not_connected"
    assert presence.seen(person.pk), "the router is told at once"
    routing.route()
    assert offered(new) == {person}


def test_nobody_there_is_said_once_a_stretch_and_to_every_supervisor():
    supervisors = [factories.make_admin(queues=[]), factories.make_operator(queues=[], role="reviewer")]
    case, other = factories.make_case(), factories.make_case()
    for _ in range(3):
        routing.route()
    alerts = Event.objects.filter(kind="unroutable")
    assert {event.case_id for event in alerts} == {case.id, other.id}
    assert alerts.count() == 2
    assert {notice.operator for notice in Notice.objects.all()} == set(supervisors)
    assert Notice.objects.count() == 2

    person = ready()
    routing.route()
    assert offered(case) == {person}
    Offer.objects.all().delete()
    Presence.objects.update(seen_at=None)
    Notice.objects.update(read_at=Now())
    routing.route()
    assert Event.objects.filter(kind="unroutable", case=case).count() == 2
    assert Notice.objects.count() == 4


def test_every_case_that_nobody_can_take_is_alerted_once_however_many_wait(
    monkeypatch, django_assert_max_num_queries
):
    monkeypatch.setattr(unroutable, "FIRST", 5)
    monkeypatch.setattr(unroutable, "OTHERS", 10)
    factories.make_admin(queues=[])
    agents = [factories.make_agent(), factories.make_agent("other", queue=factories.make_queue("billing"))]
    french = {"skills": ["fr"]}
    hopeless = {factories.make_case(agents[number % 2], routing=french).id for number in range(50)}
    busy = ready(capacity=1)
    factories.claim(factories.make_case(agents[0]), busy)
    fine = factories.make_case(agents[0])
    alerts = Event.objects.filter(kind="unroutable").values_list("case", flat=True)
    unroutable.alert()
    assert 10 <= len(alerts) <= 20
    for _ in range(12):
        unroutable.alert()
    assert sorted(alerts.all()) == sorted(hopeless)
    assert fine.id not in alerts.all()
    with django_assert_max_num_queries(
        4
    ):  # the first, the others (twice at the end), who is there, what is known
        unroutable.alert()


def test_a_case_that_is_too_heavy_for_everybody_is_alerted():
    factories.make_admin(queues=[])
    ready(capacity=1)
    case = factories.make_case(kind="takeover")
    routing.route()
    assert Notice.objects.get().case == case


def test_decisions_are_kept_when_something_changed_and_forgotten_in_time():
    busy = ready(capacity=1)
    factories.claim(factories.make_case(), busy)
    case = factories.make_case()
    for _ in range(3):
        routing.route()
    assert not RoutingDecision.objects.exists()

    person = ready()
    for _ in range(3):
        routing.route()
    kept = RoutingDecision.objects.get()
    assert (kept.case, kept.offered, kept.ring) == (case, 1, Ring.EXACT)
    assert kept.inputs["rank"] == case.rank
    assert {one["operator"]: one["why"] for one in kept.people} == {person.pk: "", busy.pk: "at_capacity"}

    RoutingDecision.objects.update(created_at=Now() - timedelta(days=8))
    routing.route()
    assert not RoutingDecision.objects.exists()


@pytest.mark.parametrize("waited", [0, 200])
def test_push_and_pull_agree_on_who_may_take_what(waited):
    """With one case and one person ready, the router offers it exactly when they could pull it."""
    queues = [*overflowing(), factories.make_queue("travel")]
    for queue, skills, weight, kept_for_other in product(queues, [[], ["fr"]], (1, 2), (False, True)):
        Presence.objects.update(seen_at=None)
        person = ready(queues=[queue], skills=skills, capacity=1)
        case = factories.make_case(routing={"skills": ["fr"]})
        wait(case, waited)
        Escalation.objects.filter(id=case.id).update(weight=weight)
        if kept_for_other:
            Escalation.objects.filter(id=case.id).update(
                affinity=ready(queues=[]), affinity_until=Now() + timedelta(seconds=9)
            )
        assert_agreement(case, person, is_kept=kept_for_other)


@pytest.mark.parametrize("waited", [0, 59, 61])
@pytest.mark.parametrize("due_in", [10, 10_000])
def test_push_and_pull_agree_on_who_waits_for_somebody_with_the_preferred_skills(waited, due_in):
    """Somebody who has what the case prefers is there, too, or could not take it for one reason."""
    support, billing = overflowing()
    fitting = {"skills": ["fr", "vip"], "queues": [support]}
    for other in (
        fitting,
        fitting | {"skills": ["vip"]},
        fitting | {"queues": [billing]},
        fitting | {"capacity": 0},
        fitting | {"is_active": False},
        fitting | {"seen": False},
        fitting | {"availability": Availability.WRAP_UP},
        fitting | {"declined": True},
        {"skills": ["fr"], "queues": [support], "had_it": True},
    ):
        Presence.objects.update(seen_at=None)
        person = ready(skills=["fr"])
        case = factories.make_case(routing={"skills": ["fr"], "preferred_skills": ["vip"]})
        wait(case, waited)
        Escalation.objects.filter(id=case.id).update(pickup_due_at=Now() + timedelta(seconds=due_in))
        somebody = make_other(case, **other)
        assert_agreement(case, person, busy=somebody)


def make_other(
    case, *, seen=True, availability=Availability.AVAILABLE, declined=False, had_it=False, **fields
):
    """Somebody who may hold one case."""
    somebody = ready(**{"capacity": 1} | fields)
    Presence.objects.filter(operator=somebody).update(availability=availability)
    if not seen:
        Presence.objects.filter(operator=somebody).update(seen_at=None)
    if declined:
        offer = Offer.objects.create(
            case=case,
            operator=somebody,
            ring=Ring.EXACT,
            weight=1,
            expires_at=Now(),
            ended_at=Now(),
            outcome="declined",
        )
        Offer.objects.filter(pk=offer.pk).update(offered_at=Now())
    if had_it:
        Escalation.objects.filter(id=case.id).update(affinity=somebody, affinity_until=Now())
    return somebody


def assert_agreement(case, person, *, busy=None, is_kept=False):
    """The router offers the case to `person` if and only if they could take it by themselves.

    And then its agent is told that somebody is available, unless it is kept for another. With a `busy` person
    of the preferred skills there, that is so although it waits for them.
    """
    if busy:
        fill(busy)
    routing.route()
    pushed = person in offered(case)
    Offer.objects.live().delete()
    available = line_of(case.id).available
    pulled = transitions.claim_next(operator=person) is not None
    assert pushed == pulled
    assert is_kept or not pushed or available >= 1
    assert pushed or busy or is_kept or not available
    Escalation.objects.all().delete()


def fill(somebody):
    """Give them a case that fills their desk."""
    held = factories.make_case(routing={"queue": "billing"})
    Escalation.objects.filter(id=held.id).update(
        state=State.CLAIMED, holder=somebody, lease_expires_at=Now() + timedelta(seconds=60)
    )


def test_with_nobody_there_a_sweep_is_a_handful_of_queries(django_assert_max_num_queries):
    for _ in range(3):
        factories.make_case()
    routing.route()
    with django_assert_max_num_queries(6):
        routing.route()


def test_the_account_names_one_reason_for_each_person():
    case = factories.make_case(routing={"skills": ["fr"]})
    expected = {}

    def person(why, **fields):
        fields.setdefault("skills", ["fr"])
        someone = ready(**fields)
        expected[someone.pk] = why
        return someone

    declined = person("declined")
    routing.route()
    transitions.decline(offer_id=Offer.objects.get().pk, operator=declined)
    missed = person("missed")
    routing.route()
    time_out(Offer.objects.live().get(operator=missed))
    transitions.end_dead_offers()
    factories.claim(factories.make_case(), person("at_capacity", capacity=1))
    presence.set_availability(operator=person("away"), availability=Availability.AWAY)
    Presence.objects.filter(operator=person("not_connected")).update(seen_at=None)
    person("lacks_skill", skills=[])
    person("not_in_queue", queues=[], role=Role.ADMIN)
    person("offered")
    routing.route()

    account = routing.explain(Escalation.objects.select_related("queue", "policy").get(id=case.id))

    assert {one.operator_id: one.reason.why.value for one in account.people} == expected
    assert [one.reason.detail for one in account.people if one.reason.detail] == ["fr"]
    assert account.ring == Ring.EXACT
    assert account.triggers[0].code == "stated"
    assert [offer.outcome for offer in account.offers] == ["", "missed", "declined"]
    assert len(account.looks) == 3

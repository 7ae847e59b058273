"""What an agent is told of the line: the answer to the handoff and a look a moment later say the same."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from escalations import presence, routing, transitions
from escalations.handoffs.line import AHEAD_LIMIT
from escalations.models import Availability, Escalation, Offer, Presence, Queue, Ring, WaitingFor
from escalations.models.people import CONNECTED
from tests.factories import claim, lapse, make_case, make_operator, make_queue
from tests.plans import copy_case, read_by_named

pytestmark = pytest.mark.django_db

TOLD = ("routable", "available", "ahead", "expected_wait_seconds")


def told(caller, **overrides):
    """What the answer says; a look at the same case must say the same."""
    answer = caller.hand_off(**overrides).json()
    assert {name: caller.get(f"/api/v1/handoffs/{answer['id']}").json()[name] for name in TOLD} == {
        name: answer[name] for name in TOLD
    }
    return tuple(answer[name] for name in TOLD)


def there(**fields):
    operator = make_operator(**fields)
    Presence.objects.filter(operator=operator).update(seen_at=Now())
    return operator


def test_cases_that_are_due_later_are_not_ahead(caller):
    make_operator()
    make_case()
    Escalation.objects.update(due_at=F("due_at") + timedelta(days=1))
    make_case()
    assert told(caller) == (True, 0, 1, None)


def test_a_case_under_a_dead_lease_is_ahead_and_one_in_hand_is_not(caller):
    lost, held, over = make_case(), make_case(), make_case()
    claim(lost, make_operator())
    lapse(lost)
    claim(held, make_operator())
    Escalation.objects.filter(id=over.id).update(expires_at=Now())
    assert told(caller) == (True, 0, 1, None)


def test_people_with_a_full_desk_are_not_available_and_must_finish_a_case_first(caller):
    Queue.objects.update(mean_handle_seconds=100)
    for _ in range(2):
        claim(make_case(), there(capacity=1))
    assert told(caller) == (True, 0, 0, 50)
    assert told(caller) == (True, 0, 1, 100)


def test_who_closed_their_last_page_is_not_available_at_once_as_for_the_router(caller):
    person = there()
    assert told(caller)[1] == 1
    presence.left(operator_id=person.pk)
    assert told(caller)[1] == 0


def test_what_is_offered_fills_a_desk_but_not_for_the_case_itself(caller):
    person = there(capacity=1)
    case = make_case()
    transitions.offer(case_id=case.id, operator_ids=[person.pk], ring=Ring.EXACT)
    assert Offer.objects.live().count() == 1
    assert told(caller)[:3] == (True, 0, 1)
    look = routing.explain(Escalation.objects.select_related("queue", "policy").get(id=case.id))
    assert look.ahead == 0


def test_who_may_hold_less_than_it_weighs_cannot_take_it(caller):
    there(capacity=1)
    assert told(caller, kind="takeover", pending_actions=[]) == (False, 0, 0, None)
    there(capacity=2)
    assert told(caller, kind="takeover", pending_actions=[])[:2] == (True, 1)


def test_members_of_the_overflow_queue_count_and_are_asked_when_nobody_of_its_own_is_there(caller):
    queue, behind = make_queue(), make_queue("backup")
    queue.overflow = behind
    queue.save(update_fields=["overflow"])
    helper = there(queues=[behind])
    assert told(caller) == (True, 1, 0, 0)
    full = there(capacity=1, queues=[queue, behind])
    claim(make_case(), full)
    assert told(caller)[:2] == (True, 0)
    assert helper.pk


def test_who_declined_it_may_not_take_it_and_who_is_away_is_not_available(caller):
    person = there()
    address = caller.opened()
    case = Escalation.objects.get()
    transitions.offer(case_id=case.id, operator_ids=[person.pk], ring=Ring.EXACT)
    transitions.decline(offer_id=Offer.objects.get().pk, operator=person)
    assert caller.get(address).json()["routable"] is False
    assert told(caller)[:2] == (True, 1)
    Presence.objects.update(availability=Availability.WRAP_UP)
    assert told(caller)[:2] == (True, 0)


def test_a_case_that_somebody_has_waits_no_more_and_one_put_aside_nobody_can_say(caller):
    make_case()
    address = caller.opened()
    person = there()
    lease = claim(Escalation.objects.latest("id"), person)
    answer = caller.get(address).json()
    assert (answer["ahead"], answer["expected_wait_seconds"]) == (0, 0)
    transitions.ask(
        lease=lease, whom=WaitingFor.AGENT, question="Which order?", reply_within=timedelta(hours=1)
    )
    answer = caller.get(address).json()
    assert (answer["ahead"], answer["expected_wait_seconds"]) == (0, None)


@pytest.mark.parametrize("change", [{}, {"state": "'snoozed'", "snoozed_until": "now()"}])
def test_a_look_reads_the_front_of_the_line_only(change):
    case = make_case()
    early = {"due_at": "due_at - number * interval '1 second'"}
    copy_case(case.id, 20 * AHEAD_LIMIT, **early, **change)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    read = read_by_named(
        *("subject", "able", "line", "line_told"),
        case_ids=[case.id],
        connected=CONNECTED,
        ahead_limit=AHEAD_LIMIT,
    )
    assert read["escalations_escalation"] <= (1 if change == {} else 5) * 1.1 * AHEAD_LIMIT + 5

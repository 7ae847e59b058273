"""Who holds a case and looks elsewhere hears that the user wrote."""

import pytest
from django.urls import reverse

from escalations import transitions
from escalations.models import Notice, NoticeKind
from operators import viewings
from operators.live import user_turns
from tests.factories import claim, lapse, make_case, make_operator
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def user_writes(case, role="user"):
    transitions.add_message(
        case_id=case.id, messages=[{"role": role, "content": "Hello?"}], actor="agent:support"
    )


def unread(operator):
    return list(Notice.objects.filter(operator=operator, read_at=None).values_list("text", flat=True))


@pytest.fixture
def held():
    case, holder = make_case(kind="takeover", question="Talk to Mia"), make_operator("noor")
    claim(case, holder)
    return case, holder


def test_a_holder_elsewhere_is_told_once_until_they_open_the_case(client, held):
    case, holder = held
    user_writes(case, role="assistant")
    assert unread(holder) == []
    user_writes(case)
    user_writes(case)
    assert unread(holder) == ["The user wrote: Talk to Mia"]

    client.force_login(holder)
    client.post(reverse("mark_notices_read"), {"case": make_case().id})
    assert len(unread(holder)) == 1
    client.post(reverse("mark_notices_read"), {"case": case.id})
    assert unread(holder) == []
    user_writes(case)
    assert len(unread(holder)) == 1


def test_opening_a_case_reads_what_led_there_and_no_mention(client, held):
    case, holder = held
    Notice.objects.create(operator=holder, case=case, kind=NoticeKind.MENTION, text="Kim mentioned you")
    client.force_login(holder)
    client.post(reverse("mark_notices_read"), {"case": case.id})
    assert unread(holder) == ["Kim mentioned you"]


def test_nobody_is_told_who_looks_or_holds_it_no_more(held):
    case, holder = held
    viewings.look(case.id, holder.pk)
    user_writes(case)
    viewings.leave(case.id, holder.pk)
    lapse(case)
    user_writes(case)
    assert not Notice.objects.exists()


def test_what_came_while_the_page_was_closing_is_told(held):
    case, holder = held
    viewings.look(case.id, holder.pk)
    user_writes(case)
    user_turns.left(case.id, holder.pk)
    assert unread(holder) == ["The user wrote: Talk to Mia"]


def test_a_page_that_closes_after_the_answer_tells_nothing(held):
    case, holder = held
    viewings.look(case.id, holder.pk)
    user_writes(case)
    transitions.say(lease=transitions.LeaseToken(case.id, holder, 1), text="Hello!")
    user_turns.left(case.id, holder.pk)
    assert not Notice.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_turns_that_come_at_once_make_one_notice(held):
    case, holder = held
    answers = at_once([lambda: user_writes(case)] * 6)
    assert answers == [None] * 6
    assert len(unread(holder)) == 1

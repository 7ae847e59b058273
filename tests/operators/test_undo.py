"""Undo in the pages: the form comes back as it was sent."""

import pytest
from django.contrib.messages import get_messages
from django.db.models.functions import Now

from escalations.models import Escalation, Resolution, State
from operators.models import Draft
from tests.factories import make_case, make_operator
from tests.operators.test_decide import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, settings):
    settings.UNDO_SECONDS = 5
    return Desk(client)


def undo(desk):
    return desk.client.post(f"/decisions/{desk.resolution.id}/undo/")


def told(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_a_decision_says_that_it_can_be_undone(desk):
    answer = desk.send(decision="reject", message="Not their card")

    assert f"/decisions/{desk.resolution.id}/undo/" in told(answer)[0]


def test_undo_brings_back_the_form_as_it_was_sent(desk):
    Draft.objects.create(case=desk.case, operator=desk.operator, fields={"args-0": ['{"amount": 1}']})
    desk.send(decision="reject", message="Not their card", note="Called them")
    page = desk.client.get(f"/cases/{desk.case.id}/").content.decode()
    assert "Called them" in page  # as the decision
    assert "Your draft" not in page

    answer = undo(desk)

    assert answer.url == f"/cases/{desk.case.id}/"
    assert Escalation.objects.get().holder == desk.operator
    page = desk.client.get(answer.url).content.decode()
    assert ">Not their card</textarea>" in page
    assert ">Called them</textarea>" in page
    assert Draft.objects.get().fields["args-0"] == ['{"amount": 1}']


def test_undo_puts_back_the_case_that_came_next(desk):
    following = make_case()
    desk.send(decision="approve", then="next")
    assert Escalation.objects.get(id=following.id).holder == desk.operator

    undo(desk)

    assert Escalation.objects.get(id=following.id).state == State.QUEUED
    assert Escalation.objects.get(id=desk.case.id).holder == desk.operator


def test_too_late_says_what_to_do(desk):
    desk.send(decision="approve")
    Escalation.objects.update(dispatch_at=Now())

    assert "Reopen the case" in told(undo(desk))[-1]
    assert Escalation.objects.get().state == State.RESOLVED


def test_nobody_undoes_what_another_decided(desk):
    desk.send(decision="approve")
    desk.client.force_login(make_operator())

    assert undo(desk).status_code == 404
    assert Resolution.objects.current().exists()


def test_what_was_sent_is_forgotten_with_the_next_decision_and_with_reopening(desk):
    desk.send(decision="approve")
    Escalation.objects.update(dispatch_at=Now())
    assert Draft.objects.exists()

    desk.client.post(f"/cases/{desk.case.id}/reopen/", {"reason": "Wrong"})

    assert not Draft.objects.exists()


def test_reopening_waits_for_the_end_of_the_window(desk):
    desk.send(decision="approve")

    answer = desk.client.post(f"/cases/{desk.case.id}/reopen/", {"reason": "Wrong"})

    assert "in a few seconds" in told(answer)[-1]

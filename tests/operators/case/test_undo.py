"""Undo in the pages: the form comes back as it was sent."""

import json
import re

import pytest
from django.db.models.functions import Now

from escalations.models import Escalation, Resolution, State
from operators.models import Draft
from tests.factories import make_case, make_operator
from tests.operators.bulk.test_bulk import ALIKE, filled, seen_in
from tests.operators.case.test_decide import Desk
from tests.operators.toasts import told

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, settings):
    settings.UNDO_SECONDS = 5
    return Desk(client)


def undo(desk):
    return desk.client.post(f"/decisions/{desk.resolution.id}/undo/")


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


def resolve_alike(client, *cases):
    chosen = {"cases": ",".join(str(case.id) for case in cases)} | filled(ALIKE)
    seen = seen_in(client.post("/bulk/resolve/preview/", chosen).content.decode())
    answer = client.post("/bulk/resolve/", chosen | {"bulk-seen": seen})
    return answer, dict(re.findall(r'name="(decisions|freely)" value="([^"]*)"', answer.content.decode()))


def toast(answer):
    return json.loads(answer.headers["HX-Trigger"])["handrail:toast"]


def test_many_decisions_are_taken_back_at_once_and_stand_as_before(desk):
    free = make_case()
    Draft.objects.create(case=desk.case, operator=desk.operator, fields={"message": ["half"]})
    answer, form = resolve_alike(desk.client, desk.case, free)
    assert "2 of 2 cases resolved." in answer.content.decode()
    assert "handrail:bulk-done" in answer.headers["HX-Trigger"]
    assert Resolution.objects.current().count() == 2

    undone = desk.client.post("/decisions/undo/", form)

    assert toast(undone)["text"] == "2 of 2 decisions taken back; their agents have seen nothing of them."
    assert not Resolution.objects.current().exists()
    assert Escalation.objects.get(id=desk.case.id).holder == desk.operator
    assert Escalation.objects.get(id=free.id).state == State.QUEUED
    assert "half" in desk.client.get(f"/cases/{desk.case.id}/").content.decode()


def test_of_many_decisions_those_that_were_sent_are_named_and_stay(desk):
    late = make_case(question="Late fee?")
    _, form = resolve_alike(desk.client, desk.case, late)
    Escalation.objects.filter(id=late.id).update(dispatch_at=Now())

    undone = toast(desk.client.post("/decisions/undo/", form))

    assert undone["text"].startswith("1 of 2 decisions taken back;")
    assert "Late fee?: Too late to undo: the decision is on its way to the agent." in undone["text"]
    assert undone["tone"] == "warn"
    assert Escalation.objects.get(id=late.id).state == State.RESOLVED
    assert Escalation.objects.get(id=desk.case.id).state == State.CLAIMED


def test_nobody_takes_back_decisions_of_another_among_many(desk):
    _, form = resolve_alike(desk.client, desk.case)
    desk.client.force_login(make_operator())

    assert toast(desk.client.post("/decisions/undo/", form))["text"].startswith("0 of 0")
    assert Resolution.objects.current().exists()


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

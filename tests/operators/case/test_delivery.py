"""What people see of how far a decision got: that the agent has it, has gone, or got it too late."""

import re
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from escalations import sweeps, transitions
from escalations.models import Delivery, Escalation, Notice, NoticeKind
from tests.factories import make_admin, make_case, make_operator, make_resolved

pytestmark = pytest.mark.django_db

GONE = "the agent has gone"
NOT_YET = "the agent has not got the decision yet"


def pills(html: str) -> set[str]:
    """The pills that are shown."""
    found = re.findall(r'<span class="pill[^>]*>[^<]*', html)
    return {pill.split(">")[1] for pill in found if " hidden" not in pill}


def minutes_ago(case: Escalation, minutes: int) -> None:
    Escalation.objects.filter(id=case.id).update(closed_at=Now() - timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("minutes", "delivered", "shown"),
    [(1, False, NOT_YET), (4, False, GONE), (4, True, "the agent has it")],
)
def test_an_agent_that_does_not_come_for_a_decision_has_gone(client, minutes, delivered, shown):
    operator = make_operator()
    case = make_resolved(operator)
    minutes_ago(case, minutes)
    if delivered:
        transitions.mark_delivered(case_id=case.id, how="get")
    client.force_login(operator)
    for address in (f"/cases/{case.id}/", "/me/", "/me/decisions/"):
        html = client.get(address).content.decode()
        assert pills(html) & {GONE, NOT_YET, "the agent has it"} == {shown}, address
    sweeps.sweep_words()
    for address in ("/cases/", "/?q=Refund&scope=all&view=all"):
        assert (GONE in pills(client.get(address).content.decode())) == (shown == GONE), address


def test_an_agent_that_withdrew_has_gone(client):
    case = make_case()
    transitions.cancel(case_id=case.id, actor="agent:support")
    client.force_login(make_admin())
    for address in (f"/cases/{case.id}/", "/cases/"):
        assert GONE in pills(client.get(address).content.decode())


def test_who_decided_is_told_that_it_came_too_late(client):
    operator = make_operator()
    case = make_resolved(operator)
    make_resolved(operator)
    for _ in range(2):
        transitions.acknowledge(case_id=case.id, outcome=Delivery.LATE, detail="", actor="agent:support")
    notice = Notice.objects.get()
    assert (notice.operator, notice.kind, notice.case) == (operator, NoticeKind.TOO_LATE, case)
    client.force_login(operator)
    assert "came too late" in client.get("/notices/").content.decode()
    assert "the decision came too late" in pills(client.get("/me/").content.decode())
    assert "came too late" in pills(client.get("/cases/").content.decode())
    page = client.get(f"/cases/{case.id}/").content.decode()
    assert "the decision came too late" in pills(page)
    assert "It did not carry this out." in page
    assert Notice.objects.get().read_at is None  # a look changes nothing; desk.js tells by POST

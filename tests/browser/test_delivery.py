"""How far a decision got, on pages that are open."""

from datetime import timedelta

from django.db.models.functions import Now
from playwright.sync_api import expect

from escalations import transitions
from escalations.models import Delivery, Escalation
from tests.factories import make_operator, make_resolved


def test_that_the_agent_has_gone_or_came_too_late_shows_by_itself(signed_in):
    operator = make_operator()
    case = make_resolved(operator)
    soon = Now() - timedelta(minutes=3) + timedelta(seconds=4)
    Escalation.objects.filter(id=case.id).update(closed_at=soon)
    page = signed_in(operator)
    page.goto(f"/cases/{case.id}/")
    status = page.locator("#case-status")
    expect(status.get_by_text("the agent has not got the decision yet")).to_be_visible()
    expect(status.get_by_text("the agent has gone")).to_be_visible()
    expect(status.get_by_text("the agent has not got the decision yet")).to_be_hidden()
    expect(page.locator("#live-badge")).to_have_text("live")
    transitions.acknowledge(case_id=case.id, outcome=Delivery.LATE, detail="", actor="agent:support")
    expect(status.get_by_text("the decision came too late")).to_be_visible()
    expect(page.locator(".decide").get_by_text("It did not carry this out.")).to_be_visible()

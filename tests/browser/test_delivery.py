"""How far a decision got, on pages that are open."""

from playwright.sync_api import expect

from escalations import transitions
from escalations.models import Delivery
from tests.factories import make_operator, make_resolved


def test_that_the_agent_has_gone_or_came_too_late_shows_by_itself(signed_in):
    operator = make_operator()
    case = make_resolved(operator)
    page = signed_in(operator)
    page.clock.install()
    page.goto(f"/cases/{case.id}/")
    status = page.locator("#case-status")
    expect(status.get_by_text("the agent has not got the decision yet")).to_be_visible()
    expect(status.get_by_text("the agent has gone")).to_be_hidden()
    page.clock.fast_forward("04:00")
    expect(status.get_by_text("the agent has gone")).to_be_visible()
    expect(status.get_by_text("the agent has not got the decision yet")).to_be_hidden()
    transitions.acknowledge(case_id=case.id, outcome=Delivery.LATE, detail="", actor="agent:support")
    expect(status.get_by_text("the decision came too late")).to_be_visible()
    expect(page.locator(".decide").get_by_text("It did not carry this out.")).to_be_visible()

"""Why a case is not moving, on its page."""

from playwright.sync_api import expect

from escalations import presence, routing, transitions
from escalations.models import Availability, Offer
from tests.escalations.test_capacity import ready
from tests.factories import make_case


def test_the_fold_is_filled_when_it_is_opened_and_looks_again_when_asked(live_server, signed_in):
    case = make_case(routing={"skills": ["fr"]})
    noor = ready(first_name="Noor", skills=["fr"])
    presence.set_availability(operator=ready(first_name="Ida", skills=["fr"]), availability=Availability.AWAY)
    page = signed_in(ready(first_name="Kim"))
    page.goto(f"{live_server.url}/cases/{case.id}/")
    fold = page.get_by_text("Why is it not moving?")
    expect(page.get_by_text("Lacks a skill")).to_have_count(0)

    fold.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#routing")).to_contain_text("Kim (fr)")
    expect(page.locator("#routing")).to_contain_text("Ida")

    routing.route()
    transitions.decline(offer_id=Offer.objects.live().get().pk, operator=noor, reason="Not my field")
    page.get_by_role("button", name="Look again").click()
    expect(page.locator("#routing")).to_contain_text("Noor: declined (Not my field)")
    expect(page.locator("#routing")).to_contain_text("Nobody who could take it is there.")

"""From the handoff to the screen of whoever is there, and why a case is not moving."""

from playwright.sync_api import expect

from escalations import presence, routing, transitions
from escalations.models import Availability, Claim, How, Offer, Role
from tests.browser.test_axe import violations
from tests.escalations.people.test_capacity import ready
from tests.factories import make_case, make_operator
from tests.servers import wait_until


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
    assert violations(page) == []


def test_the_fold_follows_its_case_while_it_is_open(live_server, signed_in):
    case = make_case()
    noor = ready(first_name="Noor")
    presence.set_availability(operator=ready(first_name="Ida"), availability=Availability.AWAY)
    page = signed_in(make_operator("ruth", role=Role.REVIEWER))  # whoever only watches is offered nothing
    page.goto(f"/cases/{case.id}/")
    expect(page.locator("#live-badge")).to_have_text("live")
    page.get_by_text("Why is it not moving?").click()
    expect(page.locator("#routing")).to_contain_text("Ida")
    page.get_by_role("button", name="Look again").focus()

    routing.route()
    expect(page.locator("#routing")).to_contain_text("Noor: ")
    transitions.decline(offer_id=Offer.objects.live().get().pk, operator=noor, reason="Not my field")
    expect(page.locator("#routing")).to_contain_text("Noor: declined (Not my field)")
    expect(page.get_by_role("button", name="Look again")).to_be_focused()


def test_who_has_a_page_open_is_offered_what_comes_and_declining_passes_it_on(
    another_browser, celery_worker_process
):
    pages = []
    for name in ("Noor", "Kim"):
        page = another_browser(make_operator(name.lower(), first_name=name, capacity=2))
        page.goto("/notices/")
        expect(page.locator("#live-badge")).to_have_text("live")
        pages.append(page)
    make_operator("ida", first_name="Ida")  # has no page open
    case = make_case(question="May I waive the late fee?")

    first, second = pages
    wait_until(lambda: Offer.objects.live().filter(case=case).exists(), seconds=20)
    if Offer.objects.get(case=case).operator.first_name == "Kim":
        first, second = second, first
    expect(first.locator("#offers article")).to_contain_text("May I waive the late fee?")
    expect(second.locator("#offers article")).to_have_count(0)

    first.keyboard.press("Shift+O")
    first.get_by_role("button", name="Busy").click()
    expect(second.locator("#offers article")).to_contain_text("May I waive the late fee?")
    second.keyboard.press("o")
    second.wait_for_url(f"**/cases/{case.id}/")
    assert Claim.objects.get(case=case).how == How.OFFERED

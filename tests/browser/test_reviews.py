"""A second look, and what a third person makes of it: by keyboard alone."""

from json import dumps

from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from escalations.models import Operator, Review, ReviewState, Role
from escalations.reviews.rates import Rates, set_rates
from tests.browser.test_axe import THEMES, ready, violations
from tests.browser.test_reflow import SIZES, faults
from tests.escalations.reviews.audits import WRONG, drawn, make_audit, review_next
from tests.factories import make_admin, make_operator

PASSWORD = "a-long-horse-battery"


def test_two_looks_and_the_settling_take_no_mouse(signed_in, another_browser):
    set_rates(Rates(right=0, ordinary=0, gold=0), make_admin())
    noor, kim, lee = (make_operator(name, role=Role.REVIEWER) for name in ("noor", "kim", "lee"))
    review = drawn(make_audit(noor, **WRONG))
    page = signed_in(kim)
    page.goto("/reviews/")
    ready(page)
    page.keyboard.press("n")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Refund $912 to a card that is not the payer's?"
    )
    ready(page)
    page.keyboard.press("3")
    page.keyboard.press("f")
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("s")
    page.keyboard.press("ArrowRight")
    come_back_with_what_was_typed(page, kim, chosen="partial")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("That was the last one for you.")).to_be_visible()
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('handrail.typed.'))") == []
    review.refresh_from_db()
    assert review.blind.note == "For kim alone. And more"
    said = (review.blind.agent_correct, review.blind.failure_primary, review.blind.first_error_index)
    assert (review.state, said) == (ReviewState.DIFFERS, ("partial", "error_cascade", 0))

    page = another_browser(lee)
    page.goto("/reviews/")
    ready(page)
    page.keyboard.press("t")
    expect(page.get_by_role("group", name="Was the agent right?")).to_be_visible()
    ready(page)
    page.keyboard.press("1")
    page.keyboard.press("2")
    page.keyboard.press("3")
    page.keyboard.type("3")  # the step whose name begins so, in the list of what else it may be
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Settled. These labels are in force.")).to_be_visible()
    resolution = review.resolution
    resolution.refresh_from_db()
    settled = (resolution.agent_correct, resolution.failure_primary, resolution.first_error_index)
    assert settled == ("no", "error_cascade", 2)


def come_back_with_what_was_typed(page: Page, person: Operator, *, chosen: str) -> None:
    """The answer that was `chosen` outlives a reload, and words the end of the session."""
    expect(page.locator("#draft-status")).to_have_text("draft saved")
    page.reload()
    ready(page)
    expect(page.locator("[name=agent_correct]:checked")).to_have_value(chosen)
    if not page.locator("#note").is_visible():
        page.keyboard.press("Shift+D")
    page.locator("#note").fill("For kim alone.")
    expect(page.locator("#draft-status")).to_have_text("draft saved")
    person.set_password(PASSWORD)
    person.save(update_fields=["password"])
    Session.objects.all().delete()
    page.locator("#note").fill("For kim alone. And more")
    expect(page.locator("#draft-status")).to_have_text("not saved")
    page.keyboard.press("Control+Enter")
    page.get_by_label("Username").fill(person.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    offer = page.locator("[data-unsaved=labels]")
    expect(offer).to_contain_text("And more")
    expect(page.locator("#note")).to_have_value("For kim alone.")
    offer.get_by_role("button", name="Use it").click()
    expect(page.locator("#note")).to_have_value("For kim alone. And more")
    expect(offer).to_be_hidden()
    ready(page)


def test_who_finds_the_agent_right_says_no_more_than_that(signed_in):
    set_rates(Rates(right=0, ordinary=0, gold=0), make_admin())
    review = drawn(make_audit(make_operator("noor", role=Role.REVIEWER), **WRONG))
    page = signed_in(make_operator("kim", role=Role.REVIEWER))
    page.goto("/reviews/")
    ready(page)
    page.keyboard.press("n")
    expect(page.get_by_role("radio", name="yes")).to_be_visible()
    ready(page)
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("That was the last one for you.")).to_be_visible()
    review.refresh_from_db()
    assert (review.blind.agent_correct, review.blind.failure_primary) == ("yes", "none")


def test_the_pages_of_reviews_break_no_rule(signed_in):
    admin = make_admin()
    set_rates(Rates(right=0, ordinary=0, gold=0), admin)
    noor, kim = make_operator("noor"), make_operator("kim")
    audits = [make_audit(noor, **WRONG) for _ in range(3)]
    for audit in audits:
        drawn(audit)
    for said in ("no", "partial"):
        review_next(kim, agent_correct=said)
    agreed, differs, waiting = Review.objects.order_by("created_at", "id")
    page = signed_in(admin)
    found = {}
    addresses = ["/reviews/", f"/reviews/{agreed.id}/", "/figures/agreement/"]
    only_light = ["/figures/agreement/pairs/", "/reviews/gold/", f"/reviews/gold/{audits[0].id}/"]
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        for address in [*addresses, *(only_light if theme == "light" else [])]:
            page.goto(address)
            ready(page)
            found[f"{theme} {address}"] = violations(page)
        for key, review in [("n", waiting), ("t", differs)]:
            page.goto("/reviews/")
            ready(page)
            page.keyboard.press(key)
            page.wait_for_url(f"**/reviews/{review.id}/")
            ready(page)
            found[f"{theme} {review.state}"] = violations(page)
            page.keyboard.press("r")
            expect(page.get_by_text("Put back. Somebody else may take it.")).to_be_visible()
    page.set_viewport_size(SIZES["400%"])
    for address in addresses:
        page.goto(address)
        ready(page)
        found[f"enlarged {address}"] = faults(page)
    assert not any(found.values()), dumps(found, indent=1)

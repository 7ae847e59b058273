"""An offer has its own place: it lies on nothing that one reads or presses, and moves no button."""

import pytest
from playwright.sync_api import expect

from escalations.models import Escalation, Ring
from escalations.transitions.offer import offer
from tests.browser.test_screens import desk
from tests.factories import make_case

__all__ = ["desk"]
SIZES = [(1440, 960), (900, 800), (720, 480), (390, 844)]
TOLD = """() => document.body.dispatchEvent(
  new CustomEvent("handrail:toast", { detail: { text: "Put back in the queue, where it stood before." } }))"""
# What lies under an offer or a toast though it is to be read or pressed: only as much of it as is seen.
_UNDER = """([over, selectors]) => {
  const seen = (one) => {
    let { left, top, right, bottom } = one.getBoundingClientRect();
    for (let around = one.parentElement; around; around = around.parentElement) {
      if (getComputedStyle(around).overflowY === "visible") continue;
      const box = around.getBoundingClientRect();
      [left, top, right, bottom] = [Math.max(left, box.left), Math.max(top, box.top),
        Math.min(right, box.right), Math.min(bottom, box.bottom)];
    }
    return { left, top, right, bottom };
  };
  const meets = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
  const covers = [...document.querySelectorAll(over)].map(seen);
  return [...document.querySelectorAll(selectors)]
    .filter((one) => one.checkVisibility() && !one.closest(over))
    .filter((one) => covers.some((cover) => meets(cover, seen(one))))
    .map((one) => one.id || one.textContent.trim().slice(0, 30));
}"""
READ = "#ask, .why, #peek h1, .action"
PRESSED = (
    ".side :is(button, .opt), .bulk-bar button, .sheet :is(button, a.button), .rail a, .top :is(a, button)"
)


@pytest.fixture
def at(signed_in, desk):
    """The page of that address in a window of that size, live; and who looks at it."""
    person, case, _ = desk
    for number in range(20):
        make_case(question=f"Refund {number}?", routing={"queue": "billing"})

    def open_page(size, address=f"/cases/{case.id}/"):
        page = signed_in(person)
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.goto(address)
        expect(page.locator("#live-badge")).to_have_attribute("data-state", "live")
        return page

    open_page.person = person
    return open_page


def offer_comes(page, person):
    """An offer and a toast, and what the page looks like with both."""
    case = make_case(question="May I waive the late fee for somebody who paid twice by mistake?")
    Escalation.objects.filter(id=case.id).update(queue=person.queues.get())
    assert offer(case_id=case.id, operator_ids=[person.pk], ring=Ring.SEVERAL)
    page.evaluate(TOLD)
    page.emulate_media(reduced_motion="reduce")
    expect(page.locator("[data-offer]")).to_be_in_viewport(ratio=1)
    expect(page.locator("[data-accept]")).to_be_in_viewport(ratio=1)
    expect(page.locator(".toast")).to_be_in_viewport(ratio=1)


def places(page, selector):
    boxes = (
        "all => all.filter((one) => one.checkVisibility()).map((one) => one.getBoundingClientRect().toJSON())"
    )
    return page.locator(selector).evaluate_all(boxes)


def lies_free(page):
    assert page.evaluate(_UNDER, [".offers", f"{READ}, {PRESSED}, .toast"]) == []
    assert page.evaluate(_UNDER, [".toast", f"{PRESSED}, .offer"]) == []


@pytest.mark.parametrize("size", SIZES)
def test_on_a_case_an_offer_lies_on_nothing_and_moves_no_button(at, size):
    page = at(size)
    before = places(page, ".act button, .opt, #ask")
    offer_comes(page, at.person)
    lies_free(page)
    assert places(page, ".act button, .opt, #ask") == before


@pytest.mark.parametrize("size", SIZES)
def test_on_the_queue_it_stands_over_the_bar_of_chosen_rows_and_moves_no_row(at, size):
    page = at(size, "/?view=all")
    for number in range(3):
        page.locator("[data-pick]").nth(number).click()
    before = places(page, "[data-row]:nth-child(-n + 3), .bulk-bar button")
    offer_comes(page, at.person)
    lies_free(page)
    assert places(page, "[data-row]:nth-child(-n + 3), .bulk-bar button") == before
    page.locator("[data-row]").last.scroll_into_view_if_needed()
    page.keyboard.press("k")
    assert page.evaluate(_UNDER, [".queue-foot", "[data-row]:focus-within"]) == []


@pytest.mark.parametrize("size", SIZES)
def test_beside_a_look_at_a_case_it_leaves_the_way_to_claim_it(at, size):
    page = at(size, "/?view=all")
    page.get_by_role("link", name="Refund 2?").click()
    expect(page.locator("#peek h1")).to_be_visible()
    before = places(page, "#peek .act :is(button, a)")
    offer_comes(page, at.person)
    lies_free(page)
    assert places(page, "#peek .act > :not(.offer-slot) button, #peek .act > a") == before


def test_on_a_phone_it_is_one_line_that_opens(at):
    page = at((390, 844))
    offer_comes(page, at.person)
    card = page.locator("[data-offer]")
    assert card.bounding_box()["height"] < 60
    expect(card.get_by_text("approval · billing")).to_be_hidden()
    card.get_by_role("button", name="Show all of the offer").click()
    expect(card.get_by_text("approval · billing")).to_be_visible()
    make_case(question="Something else")  # through a live update
    expect(card.get_by_text("approval · billing")).to_be_visible()
    card.locator("summary").click()
    expect(card.get_by_role("button", name="Not my skill")).to_be_focused()
    lies_free(page)


def test_the_reasons_to_decline_have_keys_and_the_focus(at):
    page = at((1440, 960))
    offer_comes(page, at.person)
    page.get_by_label("Message").focus()
    page.keyboard.press("F2")
    page.keyboard.press("Shift+O")
    expect(page.get_by_role("button", name="Not my skill")).to_be_focused()
    page.keyboard.press("4")
    expect(page.get_by_label("Another reason")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Message")).to_be_focused()
    expect(page.get_by_role("button", name="Not my skill")).to_be_hidden()
    page.keyboard.press("F2")
    page.keyboard.press("Shift+O")
    page.keyboard.press("2")
    expect(page.locator(".toast").last).to_contain_text("Declined")
    expect(page.locator("#side [name=agent_correct]:checked")).to_have_count(0)

"""What belongs together stands in line, and nothing is shown that is not meant yet."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from escalations.models import AlertKind, AlertRule, Operator, Role
from operators.models import Macro
from tests.browser.test_axe import look, ready
from tests.browser.test_screens import desk
from tests.escalations.reviews.audits import WRONG, drawn, make_audit, review_next
from tests.factories import claim, make_admin, make_case, make_operator

__all__ = ["desk", "look"]
# Of the fields that stand in one line, the pixels between the highest and the lowest of what is measured.
_UNEVEN = """([fields, inside]) => {
  const lines = [];
  for (const field of document.querySelectorAll(fields)) {
    const box = field.getBoundingClientRect();
    const line = lines.find((one) => Math.abs(one.bottom - box.bottom) < 12);
    const top = field.querySelector(inside).getBoundingClientRect().top;
    if (line) line.tops.push(top);
    else lines.push({ bottom: box.bottom, tops: [top] });
  }
  return Math.max(...lines.map(({ tops }) => Math.max(...tops) - Math.min(...tops)));
}"""
_LINES = {
    "replays": ("/figures/replays/", ".replay-fields .field"),
    "audit log": ("/audit/", ".filters .field"),
    "cases of a link": (
        "/cases/?since=2026-11-20T00%3A00%3A00Z&until=2026-11-26T00%3A00%3A00Z",
        ".filters .field",
    ),
}


@pytest.mark.parametrize("place", _LINES)
def test_labels_of_fields_in_one_line_are_level(look, place):
    page, *_ = look("light")
    address, fields = _LINES[place]
    page.goto(address)
    ready(page)
    assert page.locator(fields).count() > 3
    assert page.evaluate(_UNEVEN, [fields, ":first-child"]) < 0.5


def test_cards_of_a_grid_are_as_far_apart_down_as_across(look):
    page, *_ = look("light")
    for address in ("/taxonomy/", "/me/", "/preferences/"):
        page.goto(address)
        ready(page)
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            assert _gaps(page) <= {12}, (address, width)


def _gaps(page: Page) -> set[int]:
    """The pixels from each card of a grid down to the next line of cards."""
    lines: list[list[float]] = page.locator(".grid").first.evaluate(
        """(grid) => {
          const lines = new Map();
          for (const card of grid.children) {
            const { top, bottom } = card.getBoundingClientRect();
            lines.set(top, Math.max(lines.get(top) ?? 0, bottom));
          }
          return [...lines];
        }"""
    )
    lines.sort()
    return {round(lower[0] - upper[1]) for upper, lower in pairwise(lines)}


def test_every_key_fits_its_field(look):
    page, *_ = look("light")
    page.goto("/preferences/")
    ready(page)
    cut = page.locator(".key-field input").evaluate_all(
        "all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.value)"
    )
    assert cut == []


def test_no_words_of_a_decision_are_shown_before_one_is_chosen(signed_in):
    operator = make_operator()
    case = make_case(kind="takeover")
    claim(case, operator)
    page = signed_in(operator)
    page.route("**/*.js", lambda route: route.abort())
    page.goto(f"/cases/{case.id}/")
    expect(page.locator("label[for=message]")).to_have_text("Message", use_inner_text=True)


def test_the_sheet_of_a_phone_starts_below_its_edge(signed_in):
    noor, kim = (make_operator(name, role=Role.REVIEWER) for name in ("noor", "kim"))
    make_admin()
    review = drawn(make_audit(noor, **WRONG))
    review_next(kim, **WRONG)
    page = signed_in(kim)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/reviews/{review.id}/")
    ready(page)
    side, first = (page.locator(one).bounding_box() for one in ("#side", "#side .pill >> nth=0"))
    assert side
    assert first
    assert first["y"] - side["y"] >= 12


def test_what_a_page_is_for_has_the_focus(look):
    page, *_ = look("light")
    for address, label in {
        "/datasets/new/": "Name",
        "/macros/new/": "Name",
        "/alerts/new/oldest_case/": "More than",
    }.items():
        page.goto(address)
        ready(page)
        expect(page.get_by_label(label).first).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Nothing was saved.")).to_be_visible()
    expect(page.get_by_label("More than")).to_be_focused()


def test_what_is_asked_of_many_cases_has_the_focus(look):
    page, *_ = look("light")
    page.goto("/?view=all")
    ready(page)
    page.locator("[data-pick]").first.check()
    for key, asked in {"Shift+s": "For", "Shift+g": "Person"}.items():
        page.keyboard.press(key)
        expect(page.locator("#bulk-dialog").get_by_label(asked)).to_be_focused()
        page.keyboard.press("Escape")


@pytest.mark.parametrize("address", ["/cases/", "/figures/all/", "/figures/metrics/intake/", "/policies/"])
def test_rows_of_every_list_are_gone_through_by_the_same_keys(look, address):
    page, *_ = look("light")
    page.goto(address)
    ready(page)
    rows = page.locator("main [data-row]")
    page.keyboard.press("j")
    expect(rows.first.locator("a").first).to_be_focused()
    page.keyboard.press("j")
    expect(rows.nth(1).locator("a").first).to_be_focused()


def test_how_one_is_there_is_read_on_a_phone_in_german(signed_in, desk):
    sam = make_admin("sam")
    Operator.objects.filter(pk=sam.pk).update(language="de")
    page = signed_in(sam)
    page.set_viewport_size({"width": 390, "height": 844})
    for address in ("/?view=all", "/me/", "/taxonomy/"):
        page.goto(address)
        expect(page.get_by_role("button", name="Nur zum Zusehen")).to_be_visible()
        cut = page.locator("#availability").evaluate("one => one.scrollWidth - one.clientWidth")
        assert cut <= 0, address
        assert page.locator("main").evaluate("one => one.scrollWidth - one.clientWidth") <= 0, address


def test_a_replay_is_started_by_the_form_in_which_one_is(look):
    page, *_ = look("light")
    page.goto("/figures/replays/")
    ready(page)
    policy = page.get_by_label("Policy to try")
    policy.focus()
    page.keyboard.press("Control+Enter")
    expect(policy).to_be_focused()
    expect(page).to_have_url(re.compile("/figures/replays/(policies/)?$"))
    page.goto("/figures/replays/")
    ready(page)
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile(r"/figures/replays/\d+/$"))


def test_keys_stop_at_no_row_that_leads_nowhere(signed_in):
    reviewer = make_operator(role=Role.REVIEWER)
    Macro.objects.create(owner=None, name="Ask", fields={"decision": "reject", "message": "Why?"})
    AlertRule.objects.create(kind=AlertKind.OLDEST_CASE, threshold=3600, hours=1)
    page = signed_in(reviewer)
    for address, row in {"/macros/": "Ask", "/alerts/": "Oldest case"}.items():
        page.goto(address)
        ready(page)
        expect(page.get_by_role("row", name=row).first).to_be_visible()
        stops = page.locator("main [data-row]")
        assert stops.count() == stops.filter(has=page.locator("a, button")).count(), address

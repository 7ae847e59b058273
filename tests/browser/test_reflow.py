"""Enlarged to 200% and 400%, a page is read by scrolling one way only (WCAG 1.4.10); motion can be less."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_axe import ACCOUNT, PAGES, look
from tests.browser.test_screens import desk

__all__ = ["desk", "look"]
# A window of 1280 by 1024 at 200%, and at 400%.
SIZES = {"200%": {"width": 640, "height": 512}, "400%": {"width": 320, "height": 256}}
# What lies beyond the edge though it is no part of something that scrolls by itself, as wide diffs may.
_BEYOND = """() => [...document.querySelectorAll("body *")].filter((one) => {
  if (!one.checkVisibility() || one.closest(".visually-hidden, dialog, [popover], svg")) return false;
  const box = one.getBoundingClientRect();
  if (box.width < 2 || box.right <= innerWidth + 1) return false;
  for (let around = one.parentElement; around; around = around.parentElement)
    if (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(around).overflowX)) return false;
  return true;
}).map((one) => one.outerHTML.slice(0, 120)).slice(0, 5)"""


def faults(page: Page) -> list[str]:
    """What has to be pushed sideways to be read."""
    beyond: list[str] = page.evaluate(_BEYOND)
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        return beyond or ["the page itself"]
    return beyond


@pytest.mark.parametrize("size", SIZES)
def test_no_page_scrolls_sideways_when_it_is_enlarged(look, size):
    page, case, closed = look("light")
    page.set_viewport_size(SIZES[size])
    cases = {"case": f"/cases/{case.id}/", "closed case": f"/cases/{closed.id}/"}
    found = {}
    for name, address in (PAGES | ACCOUNT | cases).items():
        page.goto(address)
        expect(page.get_by_role("heading", level=1).first).to_be_visible()
        if beyond := faults(page):
            found[name] = beyond
    page.context.clear_cookies()
    page.goto("/")
    if beyond := faults(page):
        found["sign-in"] = beyond
    assert not found


def test_the_decision_leaves_room_to_read_at_400_percent(look):
    page, case, _ = look("light")
    page.set_viewport_size(SIZES["400%"])
    page.goto(f"/cases/{case.id}/")
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport()
    expect(page.locator(".side")).not_to_be_in_viewport()
    page.get_by_role("button", name="Submit and next").scroll_into_view_if_needed()
    expect(page.get_by_role("radio", name="Approve", exact=True)).to_be_in_viewport()


@pytest.mark.parametrize(("motion", "moves"), [("no-preference", True), ("reduce", False)])
def test_what_comes_moves_unless_that_is_not_wanted(look, motion, moves):
    page, case, _ = look("light")
    page.emulate_media(reduced_motion=motion)
    page.goto(f"/cases/{case.id}/")
    expect(page.locator("#live-badge")).to_have_text("live")
    moving = page.evaluate(
        """() => {
          document.body.dispatchEvent(new CustomEvent("handrail:toast", { detail: { text: "Here" } }));
          return document.getAnimations().length > 0;
        }"""
    )
    assert moving == moves

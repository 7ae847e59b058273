"""The pages that tests open, with their scripts at work."""

from playwright.sync_api import Page, expect

from escalations.models import Escalation


def opened(page: Page, case: Escalation) -> Page:
    """The page of `case`, live."""
    page.goto(f"/cases/{case.id}/")
    expect(page.locator("#live-badge")).to_have_text("live")
    return page

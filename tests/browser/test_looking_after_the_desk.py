"""The pages of whoever looks after the desk: alerts, retention and the audit log, by keyboard."""

from json import dumps

from playwright.sync_api import expect

from escalations.auditing import checks, seals
from escalations.models import AlertRule, Kept
from escalations.retention import keeping
from tests.browser.test_axe import THEMES, ready, violations
from tests.browser.test_reflow import SIZES, faults
from tests.factories import make_admin, make_operator, make_resolved


def test_alerts_retention_and_the_audit_log_are_looked_after_by_keyboard(signed_in):
    make_resolved(make_operator())
    page, found = signed_in(make_admin()), {}
    page.goto("/alerts/")
    ready(page)
    page.keyboard.press("m")
    expect(page.get_by_text("9 alerts were added.")).to_be_visible()
    oldest = AlertRule.objects.get(kind="oldest_case")
    page.goto(f"/alerts/{oldest.pk}/")
    ready(page)
    expect(page.locator("#trial")).to_contain_text("It would have fired 0 times.")
    page.get_by_label("More than, in minutes").fill("90")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("row", name="Oldest case")).to_contain_text("> 90 min")
    page.goto("/retention/")
    ready(page)
    notices = page.get_by_role("spinbutton", name="Notices")
    notices.fill("45")
    notices.press("Tab")
    expect(page.locator("#trial").get_by_role("row", name="Notices changed")).to_contain_text("45")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("1 setting was changed.")).to_be_visible()
    assert keeping.days(Kept.NOTICES) == 45
    seals.seal()
    page.goto("/audit/")
    ready(page)
    page.keyboard.press("c")
    expect(page.locator("#audit-check")).to_contain_text("Checking: 0 of 1 seals.")
    checks.proceed(seconds=5)
    expect(page.locator("#audit-check")).to_contain_text("Everything is as it was written.")
    for address in ("/alerts/", f"/alerts/{oldest.pk}/", "/retention/", "/audit/"):
        page.goto(address)
        ready(page)
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            found[f"{theme} {address}"] = violations(page)
        page.set_viewport_size(SIZES["400%"])
        found[f"enlarged {address}"] = faults(page)
        page.set_viewport_size({"width": 1440, "height": 960})
    assert not any(found.values()), dumps(found, indent=1)

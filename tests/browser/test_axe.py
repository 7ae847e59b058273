"""No page breaks a rule that axe-core can check, in light and in dark."""

from json import dumps

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from escalations.models import Notice, NoticeKind, Ring, Role
from escalations.search import indexing
from escalations.transitions.offer import offer
from operators.models import Macro
from tests.browser.test_screens import desk
from tests.factories import make_case, make_operator

__all__ = ["desk"]

PAGES = {
    "queue": "/?view=all",
    "list": "/cases/",
    "figures": "/figures/",
    "all metrics": "/figures/all/",
    "one metric": "/figures/metrics/wait/",
    "datasets": "/datasets/",
    "new dataset": "/datasets/new/",
    "erasures": "/erasures/",
    "macros": "/macros/",
    "new macro": "/macros/new/",
    "preferences": "/preferences/",
    "policies": "/policies/",
    "my day": "/me/",
    "notices": "/notices/",
}
# Pages of libraries in the desk's frame, without a live line.
ACCOUNT = {"password": "/accounts/password/change/", "second factor": "/accounts/2fa/"}
THEMES = ["light", "dark"]
_ALL = {"resultTypes": ["violations"]}
_COLOURS = _ALL | {"runOnly": ["color-contrast", "link-in-text-block"]}


def violations(page: Page) -> list[str]:
    """The rules that are broken, and where. In the dark only colours differ, so only they are looked at."""
    # A colour on its way to another is neither.
    page.emulate_media(reduced_motion="reduce")
    is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    found = Axe().run(page, options=_COLOURS if is_dark else _ALL).response["violations"]
    return [
        f"{each['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for each in found
        for node in each["nodes"][:5]
    ]


def ready(page: Page) -> None:
    expect(page.locator("#live-badge")).to_have_text("live")


@pytest.fixture
def look(signed_in, desk):
    """An admin at the desk, in the theme that is asked for."""
    operator, *cases = desk
    operator.role = Role.ADMIN
    operator.save(update_fields=["role"])
    Macro.objects.create(
        owner=operator, name="Ask", key="h", fields={"decision": "reject", "message": "{customer}?"}
    )

    def look(theme: str):
        page = signed_in(operator)
        page.set_viewport_size({"width": 1440, "height": 960})
        page.emulate_media(color_scheme=theme)
        return page, *cases

    return look


@pytest.mark.parametrize("theme", THEMES)
def test_pages_break_no_rule(look, theme):
    page, *_ = look(theme)
    found = {}
    for name, address in PAGES.items():
        page.goto(address)
        ready(page)
        if broken := violations(page):
            found[name] = broken
    for name, address in ACCOUNT.items():
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        if broken := violations(page):
            found[name] = broken
    assert not found, dumps(found, indent=1)


@pytest.mark.parametrize("theme", THEMES)
def test_the_queue_breaks_no_rule_while_one_works_with_it(look, theme):
    page, *_ = look(theme)
    indexing.index_pending()
    found = {}
    page.goto("/?q=card&scope=all")
    ready(page)
    expect(page.locator("mark").first).to_be_visible()
    found["search"] = violations(page)
    page.goto("/?q=nothingatall")
    found["nothing found"] = violations(page)
    page.goto("/?view=all&kind=approval")
    ready(page)
    page.keyboard.press("s")
    expect(page.locator("#view-dialog")).to_be_visible()
    found["name of a view"] = violations(page)
    page.keyboard.press("Escape")
    for number in (0, 1):
        page.locator("[data-pick]").nth(number).click()
    found["chosen rows"] = violations(page)
    for action in ("Give to", "Priority", "Snooze", "Resolve alike"):
        page.locator("#bulk-bar").get_by_role("button", name=action).click()
        expect(page.locator("#bulk-dialog")).to_be_visible()
        found[action] = violations(page)
        page.locator("#bulk-dialog [data-close]").first.click()
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="Filters").click()
    found["filters on a phone"] = violations(page)
    assert not any(found.values()), dumps(found, indent=1)


@pytest.mark.parametrize("theme", THEMES)
def test_a_case_breaks_no_rule_in_any_state(look, theme):
    page, held, closed = look(theme)
    found = {}
    open_case = make_case(held.agent_version.agent, question="Nobody has it yet")
    for name, case in {"held": held, "closed": closed, "open": open_case}.items():
        page.goto(f"/cases/{case.id}/")
        ready(page)
        if name == "held":
            expect(page.get_by_role("button", name="Macros")).to_be_visible()
            page.get_by_role("radio", name="Edit and approve").check()
            page.get_by_label("Arguments of issue_refund").fill('{"order_id": "W2378156", "amount": -1}')
            expect(page.locator("#action-0-arguments-state li").first).to_be_visible()
        page.locator("summary").evaluate_all("all => all.forEach(each => { each.parentElement.open = true })")
        if broken := violations(page):
            found[name] = broken
    assert not found, dumps(found, indent=1)


@pytest.mark.parametrize("theme", THEMES)
def test_what_opens_over_a_page_breaks_no_rule(look, theme):
    page, held, _ = look(theme)
    found = {}
    page.goto("/?view=all")
    ready(page)
    page.get_by_role("link", name="Invoice totals").click()
    expect(page.locator("#peek h1, #peek h2").first).to_be_visible()
    found["look"] = violations(page)
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("Shift+S")
    expect(page.locator("#bulk-dialog")).to_be_visible()
    found["many"] = violations(page)
    page.goto(f"/cases/{held.id}/")
    ready(page)
    expect(page.get_by_role("button", name="Macros")).to_be_visible()
    for name, key, selector in (
        ("help", "?", "#help"),
        ("palette", "Control+k", "#palette"),
        ("macros", "y", "#macro-dialog"),
        ("moves", "Shift+M", "#more-moves"),
        ("put aside", "Shift+S", "#move-dialog"),
        ("availability", "Shift+A", "#availability-menu"),
        ("notices", "Shift+N", "#notices-menu"),
    ):
        page.keyboard.press(key)
        expect(page.locator(selector)).to_be_visible()
        found[name] = violations(page)
        page.keyboard.press("Escape")
        expect(page.locator(selector)).to_be_hidden()
    assert not any(found.values()), dumps(found, indent=1)


@pytest.mark.parametrize("theme", THEMES)
def test_a_phone_breaks_no_rule(look, theme):
    page, held, _ = look(theme)
    page.set_viewport_size({"width": 390, "height": 844})
    found = {}
    for name, address in {"queue": "/?view=all", "case": f"/cases/{held.id}/"}.items():
        page.goto(address)
        ready(page)
        if broken := violations(page):
            found[name] = broken
    assert not found, dumps(found, indent=1)


@pytest.mark.parametrize("theme", THEMES)
def test_the_door_breaks_no_rule(browser_page, theme):
    make_operator()
    browser_page.emulate_media(color_scheme=theme)
    browser_page.goto("/accounts/login/")
    expect(browser_page.get_by_label("Username")).to_be_visible()
    found = violations(browser_page)
    assert not found, dumps(found, indent=1)


@pytest.mark.parametrize("theme", THEMES)
def test_what_opens_over_any_page_breaks_no_rule(look, theme):
    page, held, _ = look(theme)
    held.refresh_from_db()
    person = held.holder
    Notice.objects.create(operator=person, case=held, kind=NoticeKind.REPLY, text="The user answered")
    page.goto("/notices/")
    ready(page)
    found = {}
    for name, keys, shown in [
        ("availability", "Shift+A", "#availability-menu"),
        ("notices", "Shift+N", "#notices-menu li >> nth=0"),
        ("palette", "Control+k", "#palette [role=option] >> nth=0"),
        ("help", "?", "#help"),
    ]:
        page.keyboard.press(keys)
        expect(page.locator(shown)).to_be_visible()
        if broken := violations(page):
            found[name] = broken
        page.keyboard.press("Escape")
    offer(case_id=make_case().id, operator_ids=[person.pk], ring=Ring.EXACT)
    page.locator("#offers summary").click()
    if broken := violations(page):
        found["offer"] = broken
    assert not found, dumps(found, indent=1)

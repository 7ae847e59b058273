"""What surrounds every page, without a mouse: command palette, keys of one's own, notices."""

import re
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from escalations.models import Notice, NoticeKind
from escalations.search import indexing
from operators.models import SavedView
from tests.factories import claim, make_case, make_operator
from tests.servers import wait_until


@pytest.fixture
def noor():
    return make_operator("noor", first_name="Noor", last_name="Haddad")


@pytest.fixture
def page(signed_in, noor):
    page = signed_in(noor)
    page.goto("/?view=all")
    expect(page.locator("#live-badge")).to_have_text("live")
    return page


def chosen(page):
    return page.locator("#palette [role=option][aria-selected=true]")


def test_the_palette_leads_to_pages_cases_and_views(page, noor):
    case = make_case(question="Refund the late fee?")
    indexing.index_pending()
    SavedView.objects.create(owner=noor, name="Mine at risk", params={"view": "at_risk"})
    for words, group, label, address in [
        ("my day", "Go to", "My day", "**/me/"),
        ("late fee", "Cases", "Refund the late fee?", f"**/cases/{case.id}/"),
        ("mine at", "Views", "Mine at risk", "**/?view=at_risk"),
        (str(case.id)[:18], "Cases", "Refund the late fee?", f"**/cases/{case.id}/"),
    ]:
        expect(page.locator("#live-badge")).to_have_text("live")
        page.keyboard.press("Control+k")
        expect(page.get_by_role("combobox", name="Search pages")).to_be_focused()
        page.keyboard.type(words)
        expect(page.get_by_role("group", name=group).get_by_role("option", name=label)).to_be_visible()
        while label not in chosen(page).inner_text():
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url(address)


def test_the_palette_does_what_the_page_can_do_also_from_within_a_field(page, noor):
    case = make_case(question="In my hands")
    claim(case, noor)
    page.goto(f"/cases/{case.id}/")
    page.locator("#message").click()
    page.keyboard.press("Control+k")
    page.keyboard.type("put the case back")
    expect(chosen(page)).to_contain_text("Put the case back")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("Put back in the queue")
    page.keyboard.press("Control+k")
    page.keyboard.type("wrapping")
    page.keyboard.press("Enter")
    expect(page.locator("#availability")).to_contain_text("Wrapping up")


def test_the_palette_gives_the_focus_back(page):
    page.get_by_role("button", name="Take next").focus()
    page.keyboard.press("Control+k")
    page.keyboard.type("no such thing at all")
    expect(page.locator("#palette p[role=status]")).to_contain_text("Nothing found")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Take next")).to_be_focused()


def test_a_key_is_changed_by_pressing_it_and_holds_everywhere(page, noor, another_browser):
    make_case(question="The next one")
    page.goto("/preferences/")
    field = page.get_by_label("Take the next case")
    field.focus()
    page.keyboard.press("o")
    page.get_by_role("button", name="Save keys").click()
    expect(page.locator("#keys")).to_contain_text("o is the key of “Accept the offer” already")
    field.focus()
    page.keyboard.press(";")
    page.get_by_role("button", name="Save keys").click()
    expect(page.locator(".toast")).to_contain_text("Your keys are saved")

    other = another_browser(noor)
    other.goto("/?view=waiting")
    expect(other.get_by_role("button", name="Take next").locator("kbd")).to_have_text(";")
    other.keyboard.press("?")
    expect(other.get_by_role("row", name="Take the next case")).to_contain_text(";")
    other.keyboard.press("Escape")
    other.keyboard.press("n")
    expect(other).to_have_url(other.url)
    other.keyboard.press(";")
    expect(other.get_by_role("heading", name="The next one")).to_be_visible()


def test_single_letters_are_switched_off_on_every_device(page, noor, another_browser):
    page.keyboard.press("?")
    with page.expect_response("**/preferences/keys/single/"):
        page.get_by_label("Single-letter keys are on").uncheck()
    other = another_browser(noor)
    other.goto("/")
    other.keyboard.press("?")
    expect(other.locator("#help")).to_be_hidden()
    other.keyboard.press("Control+k")
    expect(other.locator("#palette")).to_be_visible()


def test_notices_come_live_and_are_read_where_one_says_so(page, noor):
    case = make_case(question="Who is the payer?")
    expect(page.locator("#bell")).to_have_accessible_name("Notices")
    for text in ("Kim mentioned you", "The user answered"):
        Notice.objects.create(operator=noor, case=case, kind=NoticeKind.MENTION, text=text)
    expect(page.locator("#bell")).to_have_accessible_name("2 unread notices")
    page.keyboard.press("Shift+N")
    menu = page.locator("#notices-menu")
    menu.get_by_role("link", name="Kim mentioned you").click()
    page.wait_for_url(f"**/cases/{case.id}/")
    expect(page.locator("#bell")).to_have_accessible_name("1 unread notice")
    page.goto("/notices/")
    page.keyboard.press("m")
    expect(page.locator("#bell")).to_have_accessible_name("Notices")
    assert not Notice.objects.filter(read_at=None).exists()


def test_an_open_menu_and_what_is_typed_in_it_survive_a_live_update(page, noor):
    page.keyboard.press("Shift+A")
    page.get_by_label("Away, because of").fill("Train")
    Notice.objects.create(operator=noor, kind=NoticeKind.REPLY, text="The user answered")
    expect(page.locator("#bell")).to_have_accessible_name("1 unread notice")
    expect(page.get_by_label("Away, because of")).to_be_focused()
    expect(page.get_by_label("Away, because of")).to_have_value("Train")


# Stands for a person who looks at another tab, and notes what reaches them there.
ELSEWHERE = """
  window.reached = [];
  Object.defineProperty(document, "hidden", { get: () => true });
  window.Notification = class {
    static permission = "granted";
    constructor(title, { body }) { reached.push(body); }
  };
  const Real = window.AudioContext;
  window.AudioContext = class extends Real { constructor() { super(); reached.push("tone"); } };
"""


@pytest.mark.parametrize(
    ("allowed", "sounds", "reached"),
    [
        (False, False, []),
        (True, False, ["You have a new notice."]),
        (True, True, ["You have a new notice.", "tone"]),
    ],
)
def test_a_notice_reaches_who_looks_elsewhere_where_they_wanted_it(page, noor, allowed, sounds, reached):
    noor.sounds = sounds
    noor.save(update_fields=["sounds"])
    page.add_init_script(ELSEWHERE)
    page.evaluate("allowed => localStorage.setItem('handrail.notify', allowed ? 'on' : 'off')", allowed)
    page.reload()
    expect(page.locator("#live-badge")).to_have_text("live")
    Notice.objects.create(operator=noor, kind=NoticeKind.REPLY, text="The user answered")
    expect(page.locator("#bell")).to_have_accessible_name("1 unread notice")
    wait_until(lambda: len(page.evaluate("reached")) >= len(reached))
    page.wait_for_timeout(300)  # and nothing else
    assert page.evaluate("reached") == reached


# A person who says yes when they are asked; a browser without windows can ask nobody.
_SAYS_YES = """
    let answer = "default";
    window.timesAsked = 0;
    Object.defineProperty(Notification, "permission", { get: () => answer });
    Notification.requestPermission = async () => { timesAsked += 1; return (answer = "granted"); };
"""


def test_permission_is_asked_for_on_a_click_only(page):
    page.add_init_script(_SAYS_YES)
    page.goto("/preferences/")
    expect(page.get_by_text("Notifications are off.")).to_be_visible()
    assert page.evaluate("timesAsked") == 0
    page.get_by_role("button", name="Show notifications").click()
    expect(page.get_by_text("Notifications are on.")).to_be_visible()
    assert page.evaluate("timesAsked") == 1
    page.get_by_role("button", name="Show no notifications").click()
    expect(page.get_by_text("Notifications are off.")).to_be_visible()


def test_the_pages_of_the_account_have_keys_but_no_desk(page):
    page.goto("/accounts/2fa/")
    expect(page.locator("#availability, #bell, #offers")).to_have_count(0)
    page.keyboard.press("Control+k")
    page.keyboard.type("preferences")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Preferences")).to_be_visible()


def test_exact_times_are_those_of_the_zone_that_the_person_chose(another_browser):
    noor = make_operator("noor", timezone="Asia/Tokyo")
    notice = Notice.objects.create(operator=noor, kind=NoticeKind.REPLY, text="The user answered")
    page = another_browser(noor)  # its own zone is another one
    page.goto("/notices/")
    there = notice.created_at.astimezone(ZoneInfo("Asia/Tokyo"))
    expect(page.locator("main time").first).to_have_attribute("title", re.compile(f"{there:%H:%M} GMT\\+9"))

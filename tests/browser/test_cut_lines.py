"""A case page whose line is cut comes back as a new page would be, with what was typed meanwhile."""

import re
from contextlib import suppress

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from escalations import transitions
from escalations.transitions import notes
from tests.factories import claim, make_case, make_operator
from tests.proxy import NO_CODE, NO_FRAME, Proxy, proxy_to
from tests.servers import wait_until

PASSWORD = "a-long-horse-battery"
TYPED = {"#message": "Typed in the dark", "#say": "Hello Mia, one mo", "#note-body": "Half a no"}
KEEP_CODES = """
window.codes = [];
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    this.addEventListener("close", ({ code }) => codes.push(code));
  }
};
"""
# All words of the page but times, which go on, and what is typed, which is compared by itself.
SHOWN = """() => {
  const copy = document.getElementById("main").cloneNode(true);
  const gone = "time, textarea, template, [data-countdown], [role=status]";
  for (const part of copy.querySelectorAll(gone)) part.remove();
  return copy.textContent.replace(/\\s+/g, " ");
}"""


@pytest.fixture
def line(live_server):
    with proxy_to(live_server.url) as proxy:
        yield proxy


@pytest.fixture
def noor(live_server):
    operator = make_operator("noor", first_name="Noor")
    operator.set_password(PASSWORD)
    operator.save(update_fields=["password"])
    return operator


@pytest.fixture
def case(noor):
    case = make_case(kind="takeover")
    claim(case, noor)
    return case


@pytest.fixture
def page(signed_in, noor, case, line) -> Page:
    page = signed_in(noor)
    page.add_init_script(KEEP_CODES)
    page.goto(f"{line.url}/cases/{case.id}/")
    expect(page.locator("#live-badge")).to_have_text("live")
    page.wait_for_load_state("networkidle")  # macros and cases like it come after the page, once
    return page


def type_in_the_dark(page: Page) -> None:
    for field, words in TYPED.items():
        page.locator(field).fill(words)
    for status in ("#draft-status", "#note-status"):
        expect(page.locator(status)).to_have_text("not saved")


def typed(page: Page) -> dict[str, str]:
    return {field: page.locator(field).input_value() for field in TYPED}


@pytest.mark.parametrize("code", [1000, 1001, NO_CODE, NO_FRAME, 1011, 1012])
def test_a_page_that_lost_its_line_is_like_a_new_one_and_no_word_is_lost(page, case, line: Proxy, code):
    line.go_down()
    line.hang_up(code)
    expect(page.locator("#live-badge")).to_have_text("not live")
    wait_until(lambda: page.evaluate("codes.length") > 1)
    assert set(page.evaluate("codes.slice(0, 2)")) == {code}
    type_in_the_dark(page)
    says = [{"role": "user", "content": "Are you there?"}]
    transitions.add_message(case_id=case.id, messages=says, actor="agent:support")
    notes.add(case=case, author=make_operator("kim"), body="She called, too")

    line.come_up()
    expect(page.locator("#live-badge")).to_have_text("live")
    expect(page.locator(".bubble.user")).to_contain_text("Are you there?")
    for status in ("#draft-status", "#note-status"):
        expect(page.locator(status)).to_have_text("draft saved")
    fresh = page.context.new_page()
    fresh.goto(page.url)
    expect(fresh.locator("#live-badge")).to_have_text("live")
    with suppress(AssertionError):
        wait_until(lambda: page.evaluate(SHOWN) == fresh.evaluate(SHOWN))
    assert page.evaluate(SHOWN) == fresh.evaluate(SHOWN)
    assert typed(page) == typed(fresh) == TYPED
    expect(fresh.locator("[data-unsaved]:visible")).to_have_count(0)


def test_who_was_signed_out_in_the_dark_signs_in_and_is_offered_what_they_typed(page, line: Proxy):
    line.go_down()
    type_in_the_dark(page)
    Session.objects.all().delete()
    line.come_up()
    line.hang_up(4401)
    page.wait_for_url(re.compile("/accounts/login/"))
    page.get_by_label("Username").fill("noor")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    for name in ("decision", "note"):
        page.locator(f"[data-unsaved={name}]").get_by_role("button", name="Use it").click()
        expect(page.locator(f"[data-unsaved={name}]")).to_be_hidden()
    assert typed(page) == TYPED

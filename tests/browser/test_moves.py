"""Cases that move between people, in two browsers at once."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import httpx
import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from escalations.models import Escalation, Operator, Presence, Resolution, Role, State
from escalations.sla import clocks
from operators.models import Draft
from tests.browser.pages import opened
from tests.browser.test_axe import THEMES, violations
from tests.factories import claim, make_case, make_key, make_operator
from tests.servers import Server, wait_until


@pytest.fixture
def desk_of(browser: Browser, live_server: Server) -> Iterator[Callable[[Operator], Page]]:
    """A browser for each person."""
    contexts = []

    def sign_in(operator: Operator) -> Page:
        client = Client()
        client.force_login(operator)
        context = browser.new_context(base_url=live_server.url)
        contexts.append(context)
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        return context.new_page()

    yield sign_in
    for context in contexts:
        context.close()


def here(operator: Operator) -> Operator:
    Presence.objects.filter(operator=operator).update(seen_at=clocks.database_now())
    return operator


def typed(page: Page, text: str) -> None:
    page.keyboard.press("d")
    page.get_by_role("textbox", name="Message to the agent: why not").fill(text)
    page.keyboard.press("Tab")
    expect(page.locator("#draft-status")).to_have_text("draft saved")


def test_a_case_is_passed_on_and_back_and_each_finds_their_own_draft(desk_of):
    noor, kim = make_operator(first_name="Noor"), here(make_operator(first_name="Kim"))
    case = make_case(question="Refund $912?")
    claim(case, noor)
    hers, his = desk_of(noor), desk_of(kim)
    opened(hers, case)
    typed(hers, "Not their card")

    hers.keyboard.press("g")
    hers.get_by_label("To", exact=True).select_option(label="Kim · available, 0 of 100")
    hers.get_by_label("Note for whoever gets it").fill("You know this customer")
    hers.keyboard.press("Control+Enter")
    expect(hers.locator("#toasts")).to_contain_text("Passed on to Kim.")

    opened(his, case)
    expect(his.get_by_role("textbox", name="Message", exact=True)).to_have_value("")
    expect(his.locator(".activity")).to_contain_text("passed it on to Kim: You know this customer")
    here(noor)
    his.keyboard.press("g")
    his.get_by_label("To", exact=True).select_option(label="Noor · available, 0 of 100")
    his.keyboard.press("Control+Enter")
    expect(his.locator("#toasts")).to_contain_text("Passed on to Noor.")

    opened(hers, case)
    expect(hers.get_by_role("textbox", name="Message to the agent: why not")).to_have_value("Not their card")
    hers.keyboard.press("2")
    hers.get_by_role("radio", name="edge case").check()
    hers.keyboard.press("Control+Enter")
    wait_until(lambda: Resolution.objects.filter(case=case, message="Not their card", operator=noor).exists())


def test_who_loses_a_case_to_a_supervisor_keeps_what_they_typed(desk_of):
    noor, robin = make_operator(first_name="Noor"), make_operator(first_name="Robin", role=Role.REVIEWER)
    case = make_case(question="Refund $912?")
    claim(case, noor)
    hers, theirs = desk_of(noor), desk_of(robin)
    opened(hers, case)
    typed(hers, "Not their card")
    opened(theirs, case)

    theirs.keyboard.press("Shift+T")

    expect(hers.get_by_text("Robin has this case now.")).to_be_visible()
    expect(hers.get_by_role("button", name="Submit and next")).to_be_disabled()
    expect(hers.get_by_role("textbox", name="Message to the agent: why not")).to_have_value("Not their card")
    expect(theirs.locator("#lease")).to_contain_text("Yours for")
    wait_until(lambda: Draft.objects.filter(operator=noor).exists())

    pills = [desk.locator("#case-status [data-holder]") for desk in (hers, theirs)]
    expect(pills[0]).to_have_text("Robin has it", use_inner_text=True)
    expect(pills[1]).to_have_text("yours", use_inner_text=True)

    # What only the holder may do is not offered, by button or by key, and nobody claims what another holds.
    again = hers.get_by_role("button", name="Claim again")
    expect(again).to_be_hidden()
    for name in ("Move on…", "Put back"):
        expect(hers.get_by_role("button", name=name)).to_be_disabled()
    hers.locator("#ask").focus()
    for key in ("g", "r", "c"):
        hers.keyboard.press(key)
    expect(hers.locator("#move-dialog")).to_be_hidden()
    assert Escalation.objects.get(id=case.id).holder == robin

    theirs.locator("#ask").focus()
    theirs.keyboard.press("r")
    expect(hers.get_by_text("The case is queued now.")).to_be_visible()
    again.click()
    expect(hers.locator("#lease")).to_contain_text("Yours for")
    assert Escalation.objects.get(id=case.id).holder == noor


def test_a_question_to_the_agent_and_its_reply_bring_the_case_back(desk_of, live_server):
    noor = make_operator(first_name="Noor")
    case = make_case(question="Refund $912?")
    key = make_key(case.agent)
    claim(case, noor)
    page = desk_of(noor)
    opened(page, case)

    page.keyboard.press("q")
    page.get_by_label("Question").fill("Which card was used?")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Asked.")
    opened(page, case)
    expect(page.locator("#case-status")).to_contain_text("waits for the agent")
    expect(page.get_by_role("button", name="Take back now")).to_be_visible()

    path = f"/api/v1/handoffs/{case.id}"
    with httpx.Client(base_url=live_server.url, headers={"Authorization": f"Bearer {key}"}) as agent:
        assert agent.get(path).json()["state"] == "waiting"
        [asked] = agent.get(f"{path}/messages").json()["items"]
        assert (asked["role"], asked["content"]) == ("system", "Which card was used?")
        reply = {"messages": [{"role": "assistant", "content": "The card that ends in 9926."}]}
        agent.post(f"{path}/messages", json=reply, headers={"Idempotency-Key": str(uuid4())})

    expect(page.locator("#case-status")).to_contain_text("waits in the queue")
    expect(page.get_by_text("The card that ends in 9926.")).to_be_visible()
    assert Escalation.objects.get(id=case.id).affinity == noor


def test_nothing_is_snoozed_past_its_due_time_and_a_shorter_while_is(desk_of):
    noor = make_operator(first_name="Noor")
    case = make_case(question="Refund $912?")
    claim(case, noor)
    page = desk_of(noor)
    opened(page, case)
    page.keyboard.press("Shift+S")
    dialog = page.get_by_role("dialog", name="Snooze the case")
    expect(dialog.get_by_label("For")).to_be_focused()

    dialog.get_by_label("For").select_option("1 day")
    page.keyboard.press("Control+Enter")
    expect(dialog.get_by_text("when it must be decided")).to_be_visible()
    assert Escalation.objects.get(id=case.id).state == State.CLAIMED

    dialog.get_by_label("For").select_option("10 minutes")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Snoozed until")
    assert Escalation.objects.get(id=case.id).state == State.SNOOZED


def test_the_menu_of_moves_works_by_keyboard_and_gives_the_focus_back(desk_of):
    noor = make_operator(first_name="Noor")
    case = make_case(question="Refund $912?")
    claim(case, noor)
    page = desk_of(noor)
    opened(page, case)

    page.keyboard.press("Shift+M")
    expect(page.get_by_role("link", name="Ask the agent…")).to_be_visible()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Pass the case on")
    expect(dialog).to_be_visible()
    expect(page.locator("#more-moves")).to_be_hidden()
    page.keyboard.press("Escape")

    expect(dialog).to_be_hidden()
    page.keyboard.press("a")
    expect(page.get_by_role("radio", name="Approve", exact=False).first).to_be_checked()


@pytest.mark.parametrize("theme", THEMES)
def test_moves_break_no_rule_of_axe(desk_of, theme):
    robin = make_operator(first_name="Robin", role=Role.ADMIN)
    case, other = make_case(question="Refund $912?"), make_case(question="Held by another?")
    claim(case, robin)
    claim(other, make_operator(first_name="Kim"))
    page = desk_of(robin)
    page.emulate_media(color_scheme=theme)
    opened(page, case)
    found = {}
    for key in ("Shift+M", "g", "q", "Shift+S", "p"):
        page.keyboard.press(key)
        expect(page.locator("#more-moves:popover-open, #move-dialog[open]")).to_be_visible()
        found[key] = violations(page)
        page.keyboard.press("Escape")
    page.keyboard.press("q")
    page.get_by_label("Question").fill("Which card?")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Asked.")
    for shown in (case, other):
        opened(page, shown)
        found[shown.headline] = violations(page)
    assert not any(found.values()), found

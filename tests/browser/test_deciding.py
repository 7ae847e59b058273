"""The way of a case through a person's hands, by keyboard, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from escalations import sweeps, transitions
from escalations.models import Escalation, Operator, Resolution, State
from operators.models import Draft
from tests.factories import claim, decide, lapse, make_case, make_operator
from tests.servers import wait_until

VALID = '{"order_id": "W2378156", "amount": 900, "payment_method": "gift_card_1"}'


def live(page):
    expect(page.locator("#live-badge")).to_have_text("live")


def opened(page, case):
    """The page of `case`, and its scripts at work."""
    page.goto(f"/cases/{case.id}/")
    live(page)


def test_a_case_is_taken_decided_and_left_by_keyboard_alone(browser_page):
    make_operator(username="noor", password="a long enough password")
    page = browser_page
    page.goto("/")
    page.get_by_label("Username").fill("noor")
    page.get_by_label("Password").fill("a long enough password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="All clear")).to_be_visible()
    live(page)

    case = make_case(question="Refund $912?")
    expect(page.get_by_role("link", name="Refund $912?")).to_be_visible()  # without a reload

    page.keyboard.press("n")
    expect(page.get_by_role("heading", name="Refund $912?")).to_be_visible()
    live(page)
    page.keyboard.press("d")
    page.get_by_role("textbox", name="Message to the agent: why not").fill("Not their card")
    page.keyboard.press("Tab")
    page.keyboard.press("2")
    page.get_by_role("radio", name="edge case").check()
    page.keyboard.press("Control+Enter")

    expect(page.get_by_text("All clear: nothing waits for you.")).to_be_visible()
    expect(page.get_by_role("link", name="reopen the case")).to_be_visible()
    resolution = Resolution.objects.get(case=case)
    assert (resolution.decision, resolution.message, resolution.agent_correct) == (
        "reject",
        "Not their card",
        "no",
    )


# Whether what has the focus lies under the buttons that stay at the foot of the decision.
_IS_HIDDEN = """() => {
  const one = document.activeElement, { x, y, width, height } = one.getBoundingClientRect();
  const seen = document.elementFromPoint(x + width / 2, y + Math.min(height, 40) / 2);
  return !one.closest(".act") && Boolean(seen?.closest(".act"));
}"""


@pytest.mark.parametrize(("width", "height"), [(1440, 700), (390, 844)])
def test_nothing_that_has_the_focus_hides_behind_the_buttons_of_the_decision(signed_in, width, height):
    operator = make_operator()
    case = make_case(question="Refund $912?")
    claim(case, operator)
    page = signed_in(operator)
    page.set_viewport_size({"width": width, "height": height})
    opened(page, case)
    page.locator("#decide [name=decision][value=edit]").evaluate("(option) => option.click()")
    fields = page.locator("#decide :is(input:not([type=hidden]), textarea, summary)")
    hidden = []
    for field in [one for one in fields.all() if one.is_visible()]:
        page.locator("#decide").evaluate("(form) => form.closest('.side').scrollTo(0, 0)")
        field.focus()
        if page.evaluate(_IS_HIDDEN):
            hidden.append(field.get_attribute("name") or field.inner_text())
    assert not hidden


def test_a_look_comes_before_the_claim(signed_in):
    operator = make_operator()
    make_case(question="First?")
    second = make_case(question="Second?")
    page = signed_in(operator)
    page.goto("/")
    live(page)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#peek").get_by_role("heading", name="Second?")).to_be_visible()
    assert not Escalation.objects.filter(state=State.CLAIMED).exists()
    page.keyboard.press("k")
    expect(page.locator("#peek").get_by_role("heading", name="First?")).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator("#peek").get_by_role("heading", name="Second?")).to_be_visible()
    page.keyboard.press("c")
    page.wait_for_url(f"**/cases/{second.id}/")
    second.refresh_from_db()
    assert second.holder == operator


def test_an_edit_is_checked_while_it_is_typed_and_again_when_it_is_sent(signed_in):
    operator, case = make_operator(), make_case()
    claim(case, operator)
    page = signed_in(operator)
    opened(page, case)
    page.keyboard.press("e")
    arguments = page.get_by_label("Arguments of issue_refund")
    arguments.fill('{"order_id": "W2378156", "amount": -5, "payment_method": "x"}')
    state = page.locator("#action-0-arguments-state")
    expect(state).to_contain_text("/amount: -5 is less than the minimum of 0")
    page.get_by_role("radio", name="no 2").check()
    page.get_by_role("radio", name="edge case").check()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#action-0-arguments-errors")).to_contain_text("/amount: -5 is less")
    expect(arguments).to_be_focused()
    expect(arguments).to_have_value(re.compile('"amount": -5'))

    arguments.fill(VALID)
    expect(state).to_have_text("2 arguments changed, valid")
    expect(page.locator("#diff-0 ins")).to_have_count(2)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("All clear: nothing waits for you.")).to_be_visible()
    [action] = Resolution.objects.get(case=case).actions
    assert action["arguments"]["amount"] == 900


def test_nothing_went_wrong_only_where_the_agent_was_right(signed_in):
    operator, case = make_operator(), make_case()
    claim(case, operator)
    page = signed_in(operator)
    opened(page, case)
    nothing = page.get_by_role("radio", name="nothing went wrong")
    expect(nothing).not_to_be_checked()
    page.keyboard.press("d")
    page.keyboard.press("Escape")  # from where one says why, back to the keys
    page.keyboard.press("1")
    expect(nothing).to_be_checked()
    page.keyboard.press("2")
    expect(nothing).not_to_be_checked()
    page.keyboard.press("Control+Enter")  # the browser asks for what is missing
    expect(page.get_by_role("radio", name="edge case")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("1")
    expect(page.get_by_role("radio", name="edge case")).to_be_checked()  # what one said stays
    assert not Resolution.objects.exists()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("All clear: nothing waits for you.")).to_be_visible()
    assert Resolution.objects.get().failure_primary == "edge_case"


def test_a_form_that_comes_back_shows_what_belongs_to_its_decision_and_keeps_the_proposal(signed_in):
    operator, case = make_operator(), make_case()
    claim(case, operator)
    page = signed_in(operator)
    opened(page, case)
    page.keyboard.press("d")
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    page.get_by_role("radio", name="nothing went wrong").check()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#failure_primary-errors")).to_contain_text("something went wrong")
    expect(page.get_by_role("radio", name="edge case")).to_be_focused()
    arguments = page.get_by_label("Arguments of issue_refund")
    expect(arguments).to_be_hidden()
    page.keyboard.press("e")
    expect(arguments).to_have_value(re.compile('"amount": 912'))


def test_a_draft_survives_a_reload(signed_in):
    operator, case = make_operator(), make_case()
    claim(case, operator)
    page = signed_in(operator)
    opened(page, case)
    page.keyboard.press("d")
    page.get_by_label("Message").fill("Half a sentence")
    expect(page.locator("#draft-status")).to_have_text("draft saved")
    page.reload()
    expect(page.get_by_label("Message")).to_have_value("Half a sentence")
    expect(page.get_by_role("radio", name="Deny")).to_be_checked()
    assert Draft.objects.get().fields["message"] == ["Half a sentence"]


def test_a_lost_claim_says_who_has_the_case_and_keeps_what_was_typed(signed_in):
    operator, case = make_operator(), make_case()
    claim(case, operator)
    page = signed_in(operator)
    opened(page, case)
    page.keyboard.press("d")
    page.get_by_label("Message").fill("My words")
    expect(page.locator("#draft-status")).to_have_text("draft saved")

    lapse(case)
    other = make_operator(username="noor")
    claim(case, other)
    expect(page.locator("#lease-lost")).to_contain_text("noor has this case now.")
    expect(page.get_by_role("button", name="Submit and next")).to_be_disabled()
    expect(page.get_by_label("Message")).to_have_value("My words")

    lapse(case)
    sweeps.sweep_leases()
    page.locator("#lease-lost").get_by_role("button", name="Claim again").click()
    expect(page.locator("#lease-lost")).to_be_hidden()
    expect(page.get_by_label("Message")).to_have_value("My words")
    case.refresh_from_db()
    assert case.holder == operator


def test_a_case_is_put_back_with_one_key(signed_in):
    operator, case = make_operator(), make_case(question="Not for me")
    claim(case, operator)
    page = signed_in(operator)
    opened(page, case)
    page.keyboard.press("r")
    expect(page.get_by_text("Put back in the queue.")).to_be_visible()
    expect(page.get_by_role("link", name="Not for me")).to_be_visible()


def test_new_turns_reach_whoever_looks_at_the_case(signed_in):
    operator, case = make_operator(), make_case()
    page = signed_in(operator)
    opened(page, case)
    transitions.add_message(
        case_id=case.id, messages=[{"role": "user", "content": "Are you there?"}], actor="agent:support"
    )
    expect(page.get_by_text("Are you there?")).to_be_visible()
    transitions.cancel(case_id=case.id, actor="agent:support")
    expect(page.locator("#case-status")).to_contain_text("cancelled")


def test_times_can_follow_the_browser(signed_in):
    page = signed_in(make_operator())
    devtools = page.context.new_cdp_session(page)
    devtools.send("Emulation.setTimezoneOverride", {"timezoneId": "Europe/Stockholm"})
    page.goto("/")
    page.get_by_role("button", name="Account of").click()
    page.get_by_role("button", name="Times of Europe/Stockholm").click()
    wait_until(lambda: Operator.objects.get().timezone == "Europe/Stockholm")
    page.get_by_role("button", name="Account of").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    expect(page.get_by_role("button", name="Times of")).to_be_hidden()


def test_a_case_is_decided_on_a_phone(signed_in):
    operator, case = make_operator(), make_case()
    page = signed_in(operator)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/cases/{case.id}/")
    page.get_by_role("button", name="Claim").click()
    approve = page.get_by_role("radio", name="Approve", exact=True)
    assert approve.bounding_box()["y"] > 844 / 2, "within reach of a thumb"
    approve.check()
    page.get_by_role("radio", name="yes").check()
    page.get_by_role("button", name="Submit and next").click()
    expect(page.get_by_text("All clear: nothing waits for you.")).to_be_visible()
    wait_until(lambda: Resolution.objects.filter(case=case, decision="approve").exists())


def test_the_next_case_comes_without_the_size_that_a_field_was_given(signed_in):
    operator, case = make_operator(), make_case()
    following = make_case(question="The next one?")
    claim(case, operator)
    page = signed_in(operator)
    opened(page, case)
    note = page.get_by_label("Note m")
    box = note.bounding_box()
    note.scroll_into_view_if_needed()
    # What the browser does for who pulls at its corner. The policy of the page refuses to copy it.
    note.evaluate("field => (field.style.height = '240px')")
    assert note.bounding_box()["height"] > box["height"]
    page.keyboard.press("a")
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**/cases/{following.id}/")
    expect(page.get_by_role("heading", name="The next one?")).to_be_visible()
    assert note.get_attribute("style") is None


def test_a_question_is_answered_in_the_fields_that_the_agent_asks_for(signed_in):
    schema = {"type": "object", "properties": {"source": {"type": "string", "enum": ["crm", "ledger"]}}}
    operator, case = make_operator(), make_case(kind="question", response_schema=schema)
    claim(case, operator)
    page = signed_in(operator)
    opened(page, case)
    page.get_by_label("Source").select_option("ledger")
    page.get_by_role("radio", name="yes").check()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("All clear: nothing waits for you.")).to_be_visible()
    assert Resolution.objects.get(case=case).response == {"source": "ledger"}


def test_the_panel_and_the_activity_follow_the_case_while_somebody_writes(signed_in):
    operator, case = make_operator(), make_case()
    page = signed_in(operator)
    opened(page, case)
    note, side, activity = page.locator("#note-body"), page.locator("#side"), page.locator("#activity")
    note.fill("half a note")
    expect(side).to_contain_text("Nobody has this case.")

    kim = make_operator(first_name="Kim")
    lease = claim(case, kim)
    expect(side).to_contain_text("Kim has this case.")
    expect(activity).to_contain_text("Kim picked it")
    transitions.release(lease=lease)
    expect(side.get_by_role("button", name="Claim")).to_be_visible()

    transitions.assign(case_id=case.id, by=make_operator(role="admin"), operator=operator, force=True)
    expect(side.get_by_role("button", name="Submit and next")).to_be_visible()
    expect(page.locator("#composer")).to_be_attached()
    expect(note).to_be_focused()
    page.locator("#ask").focus()
    page.keyboard.press("d")
    page.get_by_label("Message").fill("My words")
    transitions.add_message(
        case_id=case.id, messages=[{"role": "user", "content": "Hello?"}], actor="agent:support"
    )
    expect(activity).to_contain_text("added a turn")
    expect(page.get_by_label("Message")).to_have_value("My words")
    expect(note).to_have_value("half a note")


def test_whoever_looks_sees_what_was_decided_and_that_the_agent_has_it(signed_in):
    page = signed_in(make_operator())
    case = make_case()
    opened(page, case)
    decide(claim(case, make_operator(first_name="Kim")), "approve")
    side = page.locator("#side")
    expect(side.get_by_role("heading", name="Approve")).to_be_visible()
    Escalation.objects.filter(id=case.id).update(dispatch_at=None)
    transitions.mark_delivered(case_id=case.id, how="poll")
    expect(side).to_contain_text("the agent has it")

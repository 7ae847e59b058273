"""Reading a case: from a reason to its turn, long values, an edit beside its effect, and much magnified."""

import re

from playwright.sync_api import expect

from tests.browser.pages import opened
from tests.factories import REFUND, claim, make_case, make_operator


def test_a_step_and_a_reason_lead_to_their_turn(signed_in):
    messages = [{"role": "user", "content": f"turn number {n} of it"} for n in range(200)]
    failed = {"passed": False, "errors": ["the payer is somebody else"]}
    case = make_case(
        messages=messages, steps=[{"name": "find payment", "message_index": 80, "checkpoint": failed}]
    )
    page = signed_in(make_operator())
    opened(page, case)
    turn = page.get_by_text("turn number 80 of it")
    expect(turn).not_to_be_in_viewport()
    expect(page.locator(".step-error")).to_have_text("Step 1: the payer is somebody else")
    page.get_by_role("link", name=re.compile("1 find payment")).click()
    expect(turn).to_be_in_viewport()
    page.locator("article").evaluate("article => article.scrollTo(0, 0)")
    page.get_by_role("link", name=re.compile("the payer is somebody else")).click()
    expect(turn).to_be_in_viewport()
    page.get_by_role("link", name="Show more of the 69 turns").click()
    expect(page.get_by_text("turn number 49 of it")).to_be_attached()
    expect(page.get_by_text("turn number 79 of it")).to_be_attached()


def test_an_edit_is_compared_while_it_is_typed_and_long_values_open(signed_in):
    operator = make_operator()
    long = REFUND["arguments"] | {"payment_method": "card_" + "9" * 1000}
    case = make_case(
        pending_actions=[REFUND | {"arguments": long}], context={"facts": {"payment_method": "paypal_1"}}
    )
    claim(case, operator)
    page = signed_in(operator)
    opened(page, case)
    diff = page.locator("#diff-0")
    expect(diff).to_contain_text("payment_method today: as the agent’s facts say.")
    expect(diff.locator("del")).to_have_text('−   "payment_method": "paypal_1"')
    rest = diff.get_by_text("show all")
    rest.click()
    expect(diff.locator("ins details")).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    page.locator("#ask").focus()
    page.keyboard.press("e")
    page.get_by_label("Arguments of issue_refund").fill(
        '{"order_id": "W2378156", "amount": 900, "payment_method": "paypal_1"}'
    )
    expect(diff).to_contain_text("Your edit, against the proposal.")
    expect(diff.locator("ins").first).to_have_text('+   "amount": 900,')
    expect(page.locator("#draft-status")).to_have_text("draft saved")


def test_twice_the_size_everything_is_still_in_reach(signed_in):
    operator, case = make_operator(), make_case()
    claim(case, operator)
    page = signed_in(operator)
    page.set_viewport_size({"width": 720, "height": 480})  # 1440 by 960 at 200%
    opened(page, case)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport()
    expect(page.get_by_role("button", name="Submit and next")).to_be_in_viewport()
    for name in ("Approve", "Edit and approve", "Deny", "Take over"):
        option = page.get_by_role("radio", name=re.compile(rf"\b{name}\b"))
        option.scroll_into_view_if_needed()
        expect(option).to_be_in_viewport()

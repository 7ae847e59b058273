"""Macros and earlier answers in the decision form: by keyboard, taken back as a whole, never sent alone."""

from playwright.sync_api import expect

from escalations.models import Resolution
from operators.models import Macro
from tests.factories import claim, decide, make_case, make_operator


def opened(page, case):
    page.goto(f"/cases/{case.id}/")
    expect(page.locator("#live-badge")).to_have_text("live")
    expect(page.get_by_role("button", name="Macros")).to_be_visible()


def test_a_macro_is_found_by_its_name_seen_and_filled_in(signed_in):
    operator, case = make_operator(), make_case()
    Macro.objects.create(
        name="Ask for consent", fields={"decision": "reject", "message": "Dear {customer}, no."}
    )
    Macro.objects.create(name="Fine", fields={"decision": "approve", "agent_correct": "yes"})
    claim(case, operator)
    page = signed_in(operator)
    opened(page, case)
    page.keyboard.press("y")
    page.keyboard.type("cons")
    expect(page.locator("#macro-options").get_by_role("option")).to_have_count(1)
    expect(page.locator("#macro-dialog .preview:visible")).to_contain_text("Dear [customer?], no.")
    page.keyboard.press("Enter")
    message = page.get_by_label("Message")
    expect(message).to_have_value("Dear [customer?], no.")
    expect(message).to_be_focused()
    expect(page.get_by_role("radio", name="Deny")).to_be_checked()
    assert page.evaluate("getSelection().toString()") == "[customer?]"
    expect(page.locator("#draft-status")).to_have_text("draft saved")
    page.keyboard.type("Mia")
    expect(message).to_have_value("Dear Mia, no.")
    page.keyboard.press("Tab")
    expect(page.locator("#draft-status")).to_have_text("draft saved")
    assert not Resolution.objects.exists()


def test_a_key_fills_at_once_and_ctrl_z_takes_it_back(signed_in):
    operator, case = make_operator(), make_case()
    Macro.objects.create(
        owner=operator,
        name="Fine",
        key="h",
        fields={"decision": "approve", "agent_correct": "yes", "message": "Done.", "note": "as usual"},
    )
    claim(case, operator)
    page = signed_in(operator)
    opened(page, case)
    page.keyboard.press("d")
    page.get_by_label("Message").fill("My words")
    page.keyboard.press("Tab")
    page.keyboard.press("h")
    expect(page.get_by_label("Message")).to_have_value("Done.")
    expect(page.get_by_role("radio", name="Approve", exact=False).first).to_be_checked()
    expect(page.locator("#filled")).to_contain_text("Filled from Fine.")
    page.keyboard.press("Control+z")
    expect(page.get_by_label("Message")).to_have_value("My words")
    expect(page.get_by_role("radio", name="Deny")).to_be_checked()
    expect(page.locator("[name=agent_correct]:checked")).to_have_count(0)
    expect(page.locator("#filled")).to_be_hidden()
    expect(page.locator("#draft-status")).to_have_text("draft saved")


def test_the_answer_of_a_case_like_it_is_reused_with_one_key(signed_in):
    operator = make_operator()
    earlier = make_case(question="Refund to a strange card?")
    decide(claim(earlier, operator), "reject", message="Ask the payer.", agent_correct="no")
    case = make_case(question="Refund to another card?")
    claim(case, operator)
    page = signed_in(operator)
    opened(page, case)
    card = page.locator(".like")
    expect(card).to_contain_text("Denied: “Ask the payer.” · 1 of 1")
    page.keyboard.press("u")
    expect(page.get_by_label("Message")).to_have_value("Ask the payer.")
    expect(page.locator("[name=agent_correct]:checked")).to_have_value("no")
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_label("Message")).to_have_value("")
    expect(page.locator("#draft-status")).to_have_text("draft saved")
    assert Resolution.objects.count() == 1


def test_what_is_typed_is_kept_as_a_macro_without_leaving_the_case(signed_in):
    operator, case = make_operator(), make_case()
    claim(case, operator)
    page = signed_in(operator)
    opened(page, case)
    page.keyboard.press("d")
    page.get_by_label("Message").fill("Ask the payer.")
    page.keyboard.press("Tab")
    page.keyboard.press("y")
    page.get_by_label("Save what is typed as a macro").fill("Ask")
    page.keyboard.press("Enter")
    expect(page.get_by_text("“Ask” is saved as your own.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Message")).to_have_value("Ask the payer.")
    assert Macro.objects.get().fields == {"decision": "reject", "message": "Ask the payer."}


def test_what_comes_after_the_page_comes_also_when_the_line_was_cut_meanwhile(signed_in):
    operator, case = make_operator(), make_case()
    Macro.objects.create(name="Fine", fields={"decision": "approve"})
    claim(case, operator)
    page = signed_in(operator)
    page.route("**/macros/", lambda route: route.abort(), times=1)
    opened(page, case)
    expect(page.locator(".toast")).to_have_count(0)

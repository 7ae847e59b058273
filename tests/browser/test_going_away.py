"""Going away with cases in hand: one is asked what becomes of them."""

from playwright.sync_api import expect

from escalations.models import Escalation, Presence, State
from tests.factories import claim, make_case, make_operator


def test_who_goes_away_with_cases_in_hand_is_asked_what_becomes_of_them(signed_in):
    noor = make_operator("noor", first_name="Noor")
    page = signed_in(noor)
    page.goto("/")
    expect(page.locator("#live-badge")).to_have_text("live")
    page.keyboard.press("Shift+A")
    expect(page.get_by_label("Away, because of")).to_be_visible()
    expect(page.get_by_role("group", name="The cases that you hold")).to_be_hidden()
    page.keyboard.press("Escape")

    case = make_case()
    claim(case, noor)
    page.goto(f"/cases/{case.id}/")
    page.locator("#message").fill("half a thought")
    expect(page.locator("#draft-status")).to_have_text("draft saved")
    page.keyboard.press("Escape")
    page.locator("#availability").click()
    page.get_by_label("Away, because of").fill("Lunch")
    page.keyboard.press("Enter")
    expect(page.locator("#availability")).to_contain_text("Available")
    page.get_by_label("Put them back").check()
    page.get_by_role("button", name="Away", exact=False).last.click()
    expect(page.locator("#availability")).to_contain_text("Lunch")
    expect(page.locator(".toast")).to_contain_text("Your cases are back in the queue")
    expect(page.locator("#lease-lost")).to_be_visible()
    case = Escalation.objects.get(id=case.id)
    assert (case.state, case.holder) == (State.QUEUED, None)
    assert case.drafts.get().fields["message"] == ["half a thought"]
    assert Presence.objects.get(operator=noor).availability == "away"


def test_what_is_kept_while_away_goes_on_where_one_says_so(signed_in):
    noor = make_operator("noor", first_name="Noor")
    case = make_case()
    claim(case, noor)
    page = signed_in(noor)
    page.goto(f"/cases/{case.id}/")
    page.locator("#availability").click()
    page.get_by_label("Away, because of").fill("Lunch")
    page.get_by_label("Keep them for 15 min").check()
    page.get_by_role("button", name="Away", exact=False).last.click()
    expect(page.locator("#left-behind")).to_be_visible()
    page.keyboard.press("c")
    expect(page.locator("#availability")).to_contain_text("Wrapping up")
    expect(page.locator("#left-behind")).to_be_hidden()
    assert Escalation.objects.get(id=case.id).holder == noor

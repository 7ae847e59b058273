"""What was typed and never came to the desk is still in the browser, and offered back."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from escalations import transitions
from escalations.models import Note
from operators.models import Draft
from tests.browser.pages import opened
from tests.browser.test_axe import violations
from tests.factories import claim, lapse, make_case, make_operator

PASSWORD = "a-long-horse-battery"
KEPT = "Object.keys(localStorage).filter(key => key.startsWith('handrail.typed.')).length"


@pytest.fixture
def noor(live_server):
    operator = make_operator("noor", first_name="Noor")
    operator.set_password(PASSWORD)
    operator.save(update_fields=["password"])
    return operator


def offer(page: Page, name: str = "decision"):
    return page.locator(f"[data-unsaved={name}]")


def cut_off(page: Page) -> None:
    """Nothing that is saved arrives any more."""
    page.route(re.compile("/draft/$"), lambda route: route.abort())


def test_words_typed_after_the_session_ended_are_offered_once_one_is_signed_in_again(signed_in, noor):
    case = make_case(kind="takeover")
    claim(case, noor)
    page = opened(signed_in(noor), case)
    page.locator("#message").fill("Part one.")
    page.locator("#note-body").fill("A note")
    expect(page.locator("#draft-status")).to_have_text("draft saved")
    expect(page.locator("#note-status")).to_have_text("draft saved")
    assert page.evaluate(KEPT) == 0, "what the desk has is not kept twice"

    Session.objects.all().delete()
    page.locator("#message").fill("Part one. Part two.")
    page.locator("#say").fill("Hello Mia")
    page.locator("#note-body").fill("A note for Kim")
    expect(page.locator("#draft-status")).to_have_text("not saved")
    page.locator("#say").press("Enter")
    page.wait_for_url("**/accounts/login/**")

    page.get_by_label("Username").fill("noor")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(offer(page)).to_contain_text("Part one. Part two.")
    expect(offer(page)).to_contain_text("Hello Mia")
    expect(page.locator("#message")).to_have_value("Part one.")
    assert violations(page) == []
    offer(page).get_by_role("button", name="Use it").click()
    expect(page.locator("#message")).to_have_value("Part one. Part two.")
    expect(page.locator("#say")).to_have_value("Hello Mia")
    expect(offer(page)).to_be_hidden()
    offer(page, "note").get_by_role("button", name="Use it").click()
    expect(page.locator("#note-body")).to_have_value("A note for Kim")
    assert page.evaluate(KEPT) == 0


def test_words_typed_without_a_line_are_offered_after_a_reload_also_once_the_claim_is_over(signed_in, noor):
    case = make_case()
    claim(case, noor)
    page = opened(signed_in(noor), case)
    cut_off(page)
    page.locator("#message").fill("Half a thought")
    expect(page.locator("#draft-status")).to_have_text("not saved")
    lapse(case)
    page.reload()
    page.unroute_all()
    expect(offer(page)).to_contain_text("Half a thought")
    offer(page).get_by_role("button", name="Use it").click()
    expect(page.locator("#typed")).to_contain_text("Half a thought")
    assert Draft.objects.get().fields["message"] == ["Half a thought"]


def test_what_gives_way_is_offered_in_its_turn_and_what_is_discarded_is_gone(signed_in, noor):
    case = make_case()
    claim(case, noor)
    page = opened(signed_in(noor), case)
    cut_off(page)
    page.locator("#message").fill("The first words")
    page.reload()
    page.unroute_all()
    page.locator("#message").fill("Other words")
    expect(page.locator("#draft-status")).to_have_text("draft saved")
    offer(page).get_by_role("button", name="Use it").click()
    expect(page.locator("#message")).to_have_value("The first words")
    expect(offer(page)).to_contain_text("Other words")
    offer(page).get_by_role("button", name="Discard it").click()
    expect(offer(page)).to_be_hidden()
    page.reload()
    expect(page.locator("#message")).to_have_value("The first words")
    expect(offer(page)).to_be_hidden()
    assert page.evaluate(KEPT) == 0


def test_what_was_decided_or_added_is_not_kept(signed_in, noor):
    case, following = make_case(), make_case(question="The next one")
    claim(case, noor)
    page = opened(signed_in(noor), case)
    cut_off(page)
    page.locator("#note-body").fill("Seen")
    page.locator("#note-body").press("Control+Enter")
    expect(page.locator("#notes .note")).to_contain_text("Seen")
    assert Note.objects.get().body == "Seen"
    page.locator("#message").fill("Done")
    page.get_by_role("radio", name="a Approve as proposed").check()
    page.get_by_role("radio", name="yes").check()
    assert page.evaluate(KEPT) == 1
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="The next one")).to_be_visible()
    assert page.evaluate(KEPT) == 0
    assert following


def test_nothing_is_kept_for_another_person_nor_longer_than_a_week(signed_in, noor):
    case, kim = make_case(), make_operator("kim")
    claim(case, noor)
    page = opened(signed_in(noor), case)
    cut_off(page)
    page.locator("#message").fill("For nobody else")
    assert page.evaluate(KEPT) == 1
    page.goto("/")
    assert page.evaluate(KEPT) == 1
    age = """days => { for (const key of Object.keys(localStorage)) {
        if (!key.startsWith("handrail.typed.")) continue;
        const copy = JSON.parse(localStorage.getItem(key));
        localStorage.setItem(key, JSON.stringify({ ...copy, at: copy.at - days * 86400000 })) } }"""
    page.evaluate(age, 6.9)
    page.reload()
    assert page.evaluate(KEPT) == 1
    page.evaluate(age, 0.2)
    page.reload()
    assert page.evaluate(KEPT) == 0

    opened(page, case)
    page.locator("#message").fill("For nobody else")
    assert page.evaluate(KEPT) == 1
    signed_in(kim).goto("/")
    assert page.evaluate(KEPT) == 0


def test_the_next_holder_reads_and_uses_what_the_one_before_had_begun(signed_in, another_browser, noor):
    case, kim = make_case(), make_operator("kim", first_name="Kim")
    lease = claim(case, kim)
    other = opened(another_browser(kim), case)
    other.locator("#message").fill("Not to this card.")
    expect(other.locator("#draft-status")).to_have_text("draft saved")
    transitions.transfer(lease=lease, to_operator=noor, note="She calls back at three.")

    page = signed_in(noor)
    page.goto("/notices/")
    page.get_by_role("link", name="passed a case on to you: She calls back at three.").click()
    begun = page.locator("#begun")
    expect(begun).to_contain_text("Kim had begun an answer.")
    expect(page.locator("#message")).to_have_value("")
    begun.get_by_text("Read it").click()
    expect(begun.get_by_text("Not to this card.")).to_be_visible()
    assert violations(page) == []
    begun.get_by_role("button", name="Use it").click()
    expect(page.locator("#message")).to_have_value("Not to this card.")
    expect(begun).to_have_count(0)
    page.locator("#message").fill("Not to this card. Ask the payer.")
    expect(page.locator("#draft-status")).to_have_text("draft saved")
    page.reload()
    expect(page.locator("#message")).to_have_value("Not to this card. Ask the payer.")
    expect(begun).to_have_count(0)
    assert case.drafts.get(operator=kim).fields["message"] == ["Not to this card."]

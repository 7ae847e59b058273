"""Offers on screen: to several people at once, at two browsers of one person, never in the way."""

import pytest
from django.db.models import F
from django.db.models.functions import Now
from playwright.sync_api import expect

from escalations import presence, transitions
from escalations.models import Availability, Offer, OfferOutcome, Presence, Ring
from escalations.people.desks import TOLD
from escalations.transitions.offer import OFFER, offer
from tests.factories import claim, make_case, make_operator


@pytest.fixture
def at_work(another_browser):
    """A page of that person, live."""

    def open_page(operator, path="/notices/"):
        page = another_browser(operator)
        page.goto(path)
        expect(page.locator("#live-badge")).to_have_text("live")
        return page

    return open_page


def offer_to(*people, question="May I waive the late fee?"):
    case = make_case(question=question)
    made = offer(case_id=case.id, operator_ids=[person.pk for person in people], ring=Ring.SEVERAL)
    assert len(made) == len(people)
    return case


def card(page):
    return page.locator("#offers article")


def test_three_are_offered_a_case_one_gets_it_and_the_others_are_told_who(at_work):
    people = [make_operator(name.lower(), first_name=name) for name in ("Noor", "Kim", "Sam")]
    pages = [at_work(person) for person in people]
    case = offer_to(*people)
    for page in pages:
        expect(card(page)).to_contain_text("May I waive the late fee?")
    # Kim's page is cut off from its socket, so it still shows the offer when Kim comes too late.
    pages[1].evaluate("document.getElementById('desk-bar').dataset.liveCursor = '999999999999:999999999999:'")
    pages[0].keyboard.press("o")
    pages[0].wait_for_url(f"**/cases/{case.id}/")
    expect(card(pages[2])).to_contain_text("Noor was first.")
    expect(pages[2].get_by_role("button", name="Accept")).to_have_count(0)
    expect(pages[2].locator("#calm")).to_have_text("May I waive the late fee?: Noor was first.")
    pages[1].keyboard.press("o")
    expect(pages[1].locator(".toast.bad")).to_contain_text("Noor was first.")
    assert "/notices/" in pages[1].url


def test_two_browsers_of_one_person_show_it_and_clear_together(at_work):
    noor = make_operator("noor")
    first, second = at_work(noor), at_work(noor)
    case = offer_to(noor)
    expect(card(second)).to_be_visible()
    expect(second.locator("#load")).to_have_text("load 1 / 100")
    first.keyboard.press("Shift+O")
    first.get_by_role("button", name="Conflict of interest").click()
    expect(first.locator(".toast.good")).to_contain_text("Declined")
    for page in (first, second):
        expect(card(page)).to_have_count(0)
        expect(page.locator("#load")).to_have_text("load 0 / 100")
    mine = Offer.objects.get(case=case)
    assert (mine.outcome, mine.reason) == (OfferOutcome.DECLINED, "Conflict of interest")


def test_an_offer_never_steals_the_focus_and_can_be_reached_while_one_types(at_work):
    noor = make_operator("noor")
    case = make_case(question="In my hands")
    claim(case, noor)
    page = at_work(noor, f"/cases/{case.id}/")
    page.locator("#message").click()
    page.keyboard.type("Hello o")
    other = offer_to(noor)
    expect(card(page)).to_be_visible()
    expect(page.locator("#urgent")).to_contain_text("Offer: May I waive the late fee?")
    page.keyboard.type("ne moment")
    expect(page.locator("#message")).to_have_value("Hello one moment")
    page.keyboard.press("F2")
    expect(page.get_by_role("button", name="Accept")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#message")).to_be_focused()
    page.keyboard.press("F2")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{other.id}/")
    page.goto(f"/cases/{case.id}/")
    expect(page.locator("#message")).to_have_value("Hello one moment")


def assert_counts_down(page):
    """The page tells the seconds that are left of an offer, not fewer than there are, and goes on."""
    text = page.locator("[data-countdown-text]")
    shown = int(text.inner_text().removesuffix(" s"))
    left = Offer.objects.annotate(left=F("expires_at") - Now()).get().left
    assert left.total_seconds() - 1 <= shown <= OFFER.total_seconds()
    expect(text).not_to_have_text(f"{shown} s")
    assert int(text.inner_text().removesuffix(" s")) < shown


def test_an_offer_that_runs_out_or_is_taken_back_says_so_and_leaves_by_itself(at_work):
    noor = make_operator("noor")
    page = at_work(noor)
    offer_to(noor)
    expect(card(page)).to_be_visible()
    assert_counts_down(page)
    Offer.objects.update(offered_at=Now() - OFFER, expires_at=Now())
    expect(card(page)).to_contain_text("The time to accept ran out.")
    Offer.objects.update(expires_at=Now() - TOLD)
    expect(card(page)).to_have_count(0)
    Offer.objects.update(ended_at=Now(), outcome=OfferOutcome.MISSED)
    case = offer_to(noor, question="Another one?")
    expect(card(page)).to_contain_text("Another one?")
    page.keyboard.press("F2")
    claim(case, make_operator("kim", first_name="Kim"))
    expect(card(page)).to_contain_text("Kim was first.")
    expect(card(page)).to_be_focused()
    Offer.objects.update(ended_at=Now() - TOLD)
    expect(card(page)).to_have_count(0)
    expect(page.locator("#main")).to_be_focused()


def test_who_has_tabbed_into_an_offer_that_ends_comes_back_to_where_they_were(at_work):
    noor = make_operator("noor")
    page = at_work(noor)
    case = offer_to(noor)
    expect(card(page)).to_be_visible()
    page.locator(".rail a").first.focus()
    page.get_by_role("button", name="Accept").focus()
    transitions.cancel(case_id=case.id, actor=f"agent:{case.agent_id}")
    expect(card(page)).to_contain_text("The agent withdrew the case.")
    expect(card(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".rail a").first).to_be_focused()


def test_availability_is_chosen_in_one_browser_and_shown_in_the_other(at_work):
    noor = make_operator("noor")
    first, second = at_work(noor), at_work(noor)
    expect(first.locator("#availability")).to_contain_text("Available")
    first.keyboard.press("Shift+A")
    first.get_by_label("Away, because of").fill("Lunch")
    first.keyboard.press("Enter")
    for page in (first, second):
        expect(page.locator("#availability")).to_contain_text("Away · Lunch")
    expect(first.locator("#availability-menu")).to_be_hidden()
    expect(first.locator("#availability")).to_be_focused()
    assert Presence.objects.get(operator=noor).availability == Availability.AWAY
    presence.set_availability(operator=noor, availability=Availability.WRAP_UP)
    for page in (first, second):
        expect(page.locator("#availability")).to_contain_text("Wrapping up")


def test_who_types_ahead_is_not_asked_about_cases_that_they_do_not_hold(at_work):
    page = at_work(make_operator("noor"))
    page.evaluate("""() => {
        document.getElementById("availability").click();
        const reason = document.getElementById("away-reason");
        reason.value = "Lunch";
        reason.form.requestSubmit();
    }""")
    expect(page.locator("#availability")).to_contain_text("Away · Lunch")


def test_who_declines_by_key_is_among_the_reasons_at_once(at_work):
    noor = make_operator("noor")
    page = at_work(noor)
    offer_to(noor)
    expect(card(page)).to_be_visible()
    focused = page.evaluate("""() => {
        const press = new KeyboardEvent("keydown", { key: "O", shiftKey: true, bubbles: true });
        document.body.dispatchEvent(press);
        return document.activeElement.value;
    }""")
    assert focused == "skill"


def test_an_offer_comes_also_while_a_dialog_is_open_and_stays_when_it_closes(at_work):
    noor = make_operator("noor")
    page = at_work(noor)
    page.keyboard.press("Control+k")
    offer_to(noor)
    expect(card(page)).to_be_visible()
    page.keyboard.press("F2")
    expect(page.get_by_role("button", name="Accept")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("combobox", name="Search pages")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    expect(card(page)).to_be_visible()
    page.keyboard.press("o")
    page.wait_for_url("**/cases/*/")

"""Every control of the queue and of a case has a key that it shows; the focus goes where one types next."""

from playwright.sync_api import expect

from escalations.models import Escalation, Event, State
from escalations.search import indexing
from operators.models import SavedView
from tests.browser.test_screens import desk
from tests.factories import claim, decide, make_agent, make_case, make_operator, make_resolved

__all__ = ["desk"]
# Not in rows, transcripts and what is folded: there Tab and Enter lead on.
_WITHOUT_KEY = """() => [...document.querySelectorAll("main :is(button, summary), .act a")]
  .filter((one) => one.checkVisibility() && !one.matches("[data-key]") && !one.querySelector("kbd"))
  .filter((one) => !one.closest(".row, .turn, .diff, .pairs, details:not([open]) > :not(summary)"))
  .map((one) => one.textContent.trim())"""
# Their keys stand beside them, or they have no more than one.
PLAIN = {"Send", "Metadata"}


def opened(page, address):
    page.goto(address)
    expect(page.locator("#live-badge")).to_have_attribute("data-state", "live")
    return page


def group(page, title):
    """What the help says under that title: what it is, and its key."""
    page.keyboard.press("?")
    body = page.locator("#help tbody").filter(has=page.get_by_role("rowheader", name=title, exact=True))
    rows = body.locator("tr:not(:first-child)").evaluate_all(
        "rows => rows.map(row => [row.cells[0].innerText, row.cells[1].innerText.trim()])"
    )
    page.keyboard.press("Escape")
    return dict(rows)


def test_no_control_of_a_case_is_without_a_key_and_help_says_where_it_is(signed_in, desk):
    operator, case, closed = desk
    page = opened(signed_in(operator), f"/cases/{case.id}/")
    expect(page.get_by_role("button", name="Reuse").first).to_be_visible()
    assert set(page.evaluate(_WITHOUT_KEY)) <= PLAIN
    assert page.locator(".act").evaluate("act => act.scrollWidth <= act.clientWidth")
    here, frame = group(page, "On this page"), group(page, "Everywhere")
    for label, key in {
        "Submit and stay": "Ctrl ⇧ ↵",
        "Say what went wrong": "f",
        "Say which step went wrong first": "s",
        "Show what the agent restarts from": "⇧ f",
        "Show more labels": "⇧ d",
        "Pass the case on": "g",
        "Ask the agent": "q",
    }.items():
        assert here[label].replace(" ", "") == key.replace(" ", "")
        assert label not in frame
    opened(page, f"/cases/{closed.id}/")
    assert set(page.evaluate(_WITHOUT_KEY)) <= PLAIN


def test_no_control_of_the_queue_is_without_a_key(signed_in):
    operator = make_operator()
    SavedView.objects.create(owner=operator, name="Mine", params={"kind": "approval", "view": "all"})
    for number in range(35):
        make_case(question=f"Refund {number}?")
    page = opened(signed_in(operator), "/?kind=approval&view=all")
    page.locator("[data-pick]").first.check()
    assert page.evaluate(_WITHOUT_KEY) == []
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#peek h1")).to_be_visible()
    assert page.evaluate(_WITHOUT_KEY) == []
    page.keyboard.press("g")
    page.wait_for_url("**/cases/**")
    expect(page.get_by_role("button", name="Claim")).to_be_visible()
    assert page.evaluate(_WITHOUT_KEY) == []
    page.keyboard.press("Shift+W")
    expect(page.get_by_role("heading", name="How far the search has come")).to_be_visible()


def test_what_is_chosen_by_key_leads_to_where_one_types(signed_in, desk):
    operator, case, _ = desk
    page = opened(signed_in(operator), f"/cases/{case.id}/")
    for key, field in [
        ("e", "#action-0-arguments"),
        ("d", "#message"),
        ("t", "#say"),
        ("f", "[name=failure_primary]:checked"),
        ("s", "[name=first_error_index]:checked"),
        ("Shift+D", "#more-labels > summary"),
        ("Shift+F", "#resume input[type=text] >> nth=0"),
        ("Shift+I", "#say-links"),
    ]:
        page.keyboard.press(key)
        expect(page.locator(field)).to_be_focused()
        page.keyboard.press("Escape")
    expect(page.locator("[name=decision]:checked")).to_be_focused()


def test_an_answer_is_typed_at_once_and_submitted_without_leaving(signed_in):
    operator = make_operator()
    case = make_case(kind="question", question="May the card be kept?")
    claim(case, operator)
    page = opened(signed_in(operator), f"/cases/{case.id}/")
    page.keyboard.press("w")
    page.keyboard.type("Yes, it may.")
    expect(page.locator("#message")).to_have_value("Yes, it may.")
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    if page.locator("[name=failure_primary]:checked").count() == 0:
        page.keyboard.press("f")
        page.keyboard.press("End")
    page.keyboard.press("Control+Shift+Enter")
    expect(page.get_by_role("button", name="Reopen")).to_be_visible()
    assert f"/cases/{case.id}/" in page.url
    case.refresh_from_db()
    assert case.state == State.RESOLVED


def test_the_second_and_third_answer_of_cases_like_it_have_keys(signed_in):
    operator = make_operator()
    agent = make_agent()
    for decision, fields in [("reject", {"message": "No receipt."}), ("approve", {})]:
        old = make_case(agent, question="Refund $912.40 to a card?", category="refund")
        decide(claim(old, operator), decision, **fields)
    case = make_case(agent, question="Refund $912.40 to a card?", category="refund")
    claim(case, operator)
    page = opened(signed_in(operator), f"/cases/{case.id}/")
    expect(page.locator("#similar [data-fill]")).to_have_count(2)
    second = page.locator("#similar [data-fill]").nth(1)
    expect(second.locator("kbd")).to_have_text("⇧u")
    page.keyboard.press("Shift+U")
    expect(page.locator("#filled")).to_be_visible()


def test_escape_leaves_the_note_for_the_question_and_the_search_for_the_row_last_used(signed_in, desk):
    operator, case, _ = desk
    page = opened(signed_in(operator), f"/cases/{case.id}/")
    page.keyboard.press("m")
    expect(page.locator("#note-body")).to_be_focused()
    page.keyboard.type("Half a note")
    page.keyboard.press("Escape")
    expect(page.locator("#ask")).to_be_focused()
    expect(page.locator("#note-body")).to_have_value("Half a note")

    indexing.index_pending()
    opened(page, "/")
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("j")
    row = page.locator("[data-row] a").first
    expect(row).to_be_focused()
    page.keyboard.press("/")
    with page.expect_response("**q=refund**"):
        page.keyboard.type("refund")
        page.keyboard.press("Escape")
    page.wait_for_url("**q=refund**")  # the list is drawn anew by now
    expect(page.locator("[data-row]:focus-within")).to_have_count(1)
    expect(page.locator("#search-box")).to_have_value("refund")
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    expect(page.locator("[data-row]:focus-within")).to_have_count(1)


def test_a_menu_that_a_key_opens_has_the_focus_until_escape_gives_it_back(signed_in):
    page = opened(signed_in(make_operator()), "/")
    for key, menu, button in [
        ("Shift+A", "#availability-menu", "#availability"),
        ("Shift+N", "#notices-menu", "#bell"),
        ("Shift+Y", "#user-menu", "[popovertarget=user-menu]"),
    ]:
        page.keyboard.press(key)
        expect(page.locator(f"{menu} :is(a, button):focus")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator(menu)).to_be_hidden()
        expect(page.locator(button)).to_be_focused()


def test_a_closed_case_is_reopened_from_its_reason_and_never_at_one_stroke(signed_in):
    operator = make_operator()
    closed = make_resolved(operator)
    page = opened(signed_in(operator), f"/cases/{closed.id}/")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("r")
    expect(page.locator("#reason")).to_be_focused()
    page.keyboard.type("Wrong card")
    assert Escalation.objects.get(id=closed.id).state == State.RESOLVED
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Reopened: it waits in the queue again.")).to_be_visible()
    assert Event.objects.get(case=closed, kind="reopened").data == {"reason": "Wrong card"}


def test_all_rows_are_selected_by_one_key_and_help_says_what_can_be_done_then(signed_in):
    operator = make_operator()
    for number in range(3):
        make_case(question=f"Refund {number}?")
    page = opened(signed_in(operator), "/")
    assert group(page, "On this page")["Select all rows shown"] == "⇧x"
    assert set(group(page, "Once rows are selected")) == {
        "Claim the selected cases",
        "Snooze the selected cases",
        "Resolve the selected cases alike",
    }
    page.keyboard.press("Shift+X")
    expect(page.locator("[data-pick]:checked")).to_have_count(3)
    expect(page.locator("#bulk-count")).to_have_text("3 selected")
    assert "Claim the selected cases" in group(page, "On this page")

"""The queue page in people's hands: views, filters, search, and many rows at once, by keyboard and live."""

import re

from playwright.sync_api import expect

from escalations import sweeps
from escalations.models import Escalation, State
from operators.models import SavedView
from tests.factories import claim, make_case, make_operator, make_resolved


def opened(page, address="/?view=all"):
    page.goto(address)
    expect(page.locator("#live-badge")).to_have_text("live")
    page.mouse.move(0, 0)
    return page


def titles(page):
    return page.locator("#queue-list .title").all_inner_texts()


def test_filters_change_the_list_and_the_address_and_the_list_stays_live(signed_in):
    make_case(question="Which?", kind="question")
    make_case(question="Refund?")
    page = opened(signed_in(make_operator()))
    page.get_by_label("Kind").select_option("Question")
    expect(page.locator("#queue-list .title")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?view=all&kind=question$"))
    make_case(question="Another refund?")
    make_case(question="Which else?", kind="question")
    expect(page.get_by_role("link", name="Which else?")).to_be_visible()
    assert titles(page) == ["Which?", "Which else?"]
    page.go_back()
    expect(page.locator("#queue-list .title")).to_have_count(4)
    expect(page.get_by_label("Kind")).to_have_value("")


def test_a_view_is_saved_shared_gone_to_by_key_and_brought_back(signed_in):
    make_case(question="Which?", kind="question")
    page = opened(signed_in(make_operator()), "/?view=all&kind=question")
    page.keyboard.press("s")
    page.get_by_role("textbox", name="Name").fill("Questions")
    page.get_by_label("Everybody on the desk has it").check()
    page.keyboard.press("Enter")
    pill = page.locator(".views").get_by_role("link", name="Questions")
    expect(pill).to_have_text("Questions 1")
    expect(pill).to_have_attribute("aria-current", "true")

    opened(signed_in(make_operator(first_name="Noor")))
    make_case(question="And which?", kind="question")
    expect(pill).to_have_text("Questions 2")
    page.keyboard.press(",")
    expect(page).to_have_url(re.compile("kind=question"))
    opened(page, page.url)
    page.keyboard.press(",")
    expect(page).to_have_url(re.compile("view=breached"))

    opened(signed_in(SavedView.objects.get().owner), "/?kind=question&view=all")
    page.get_by_role("button", name="Delete view").click()
    expect(page.get_by_text("“Questions” is deleted.")).to_be_visible()
    expect(pill).to_be_hidden()
    page.get_by_role("button", name="Undo").click()
    expect(pill).to_have_text("Questions 2")


def test_search_shows_what_is_found_while_one_types(signed_in):
    sweeps.sweep_words()
    make_case(question="Refund the kayak?")
    make_case(question="Something else?")
    sweeps.sweep_words()
    page = opened(signed_in(make_operator()))
    page.keyboard.press("/")
    page.keyboard.type("kaya", delay=30)
    expect(page.locator("#queue-list mark")).to_have_text("kayak")
    assert titles(page) == ["Refund the kayak?"]
    expect(page).to_have_url(re.compile("q=kaya$"))
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("zz", delay=30)
    expect(page.get_by_role("heading", name="Nothing found for “kayazz”")).to_be_visible()
    page.get_by_role("link", name="Clear filters").first.click()
    expect(page.locator("#queue-list .title")).to_have_count(2)


def test_open_and_closed_rows_stand_in_the_same_columns(signed_in):
    sweeps.sweep_words()
    make_case(question="Refund the kayak?")
    make_resolved(question="Refund the tent?")
    sweeps.sweep_words()
    page = opened(signed_in(make_operator()), "/?q=refund&scope=all")
    expect(page.locator("#queue-list .row")).to_have_count(2)
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 800})
        for part in (".meta", ".title"):
            places = page.locator(f"#queue-list .row {part}").evaluate_all(
                "parts => parts.map(part => Math.round(part.getBoundingClientRect().x))"
            )
            assert places[0] == places[1], (width, part)
    expect(page.locator("#queue-list [data-pick]")).to_have_count(1)


def test_rows_are_chosen_by_key_and_resolved_alike_after_a_preview(signed_in):
    noor = make_operator(first_name="Noor")
    cases = [make_case(question=f"Refund {number}?") for number in range(3)]
    page = opened(signed_in(make_operator()))
    for _ in cases:
        page.keyboard.press("j")
        page.keyboard.press("x")
    expect(page.locator("#bulk-count")).to_have_text("3 selected")
    claim(cases[1], noor)
    expect(page.get_by_text("held by Noor")).to_be_visible()
    expect(page.locator("#bulk-count")).to_have_text("3 selected")  # through a live update
    assert page.locator("[data-pick]:checked").count() == 3

    page.keyboard.press("Shift+R")
    dialog = page.locator("#bulk-dialog")
    expect(dialog.get_by_text("2 of 3 cases will be resolved.")).to_be_visible()
    expect(dialog.get_by_text("Noor has it.")).to_be_visible()
    dialog.get_by_text("Approve", exact=True).click()
    dialog.get_by_label("Was the agent right?").select_option("Yes")
    dialog.get_by_label("What went wrong?").select_option("Nothing went wrong")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("2 of 3 cases resolved. Not: Refund 1?: Noor has it.")
    expect(page.locator("#bulk-bar")).to_be_hidden()
    states = list(Escalation.objects.order_by("id").values_list("state", flat=True))
    assert states == [State.RESOLVED, State.CLAIMED, State.RESOLVED]


def test_a_range_is_chosen_with_shift_and_given_up_with_escape(signed_in):
    for number in range(4):
        make_case(question=f"Refund {number}?")
    page = opened(signed_in(make_operator()))
    boxes = page.locator("[data-pick]")
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(page.locator("#bulk-count")).to_have_text("3 selected")
    page.keyboard.press("Escape")
    expect(page.locator("#bulk-bar")).to_be_hidden()
    assert page.locator("[data-pick]:checked").count() == 0


def test_rows_never_move_under_the_pointer(signed_in):
    cases = [make_case(question=f"Refund {number}?") for number in range(3)]
    page = opened(signed_in(make_operator()), "/?view=all&kind=approval&state=queued")
    row = page.locator(f"#case-{cases[1].id}")
    row.hover()
    page.locator(f"#case-{cases[1].id} [data-pick]").click()
    place = row.bounding_box()
    claim(cases[0], make_operator())
    make_case(question="Urgent?", routing={"priority": "urgent"})
    pill = page.locator("#new-pill")
    expect(pill).to_have_text("1 new u")
    expect(page.locator(f"#case-{cases[0].id}[data-gone]")).to_be_visible()
    # In a line of its own: it lies on no row.
    first = page.locator("[data-row]").first.bounding_box()
    assert pill.bounding_box()["y"] + pill.bounding_box()["height"] <= first["y"]
    assert row.bounding_box() == place
    expect(page.locator("#bulk-count")).to_have_text("1 selected")
    page.keyboard.press("u")
    expect(page.locator("#queue-list .title")).to_have_text(["Urgent?", "Refund 1?", "Refund 2?"])
    assert page.locator("[data-pick]:checked").count() == 1


def test_a_view_of_ones_own_is_renamed_and_its_count_follows(signed_in):
    operator = make_operator()
    SavedView.objects.create(owner=operator, name="Questions", params={"kind": "question", "view": "all"})
    page = opened(signed_in(operator), "/?kind=question&view=all")
    pill = page.locator("#my-views a").last
    expect(pill).to_have_text("Questions 0")
    make_case(kind="question")
    expect(pill).to_have_text("Questions 1")  # within some seconds, without a reload
    page.get_by_role("button", name="Rename").click()
    name = page.get_by_role("textbox", name="Name")
    expect(name).to_have_value("Questions")
    name.fill("  ")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Give it a name.")).to_be_visible()
    page.get_by_role("textbox", name="Name").fill("To answer")
    page.keyboard.press("Enter")
    expect(pill).to_have_text("To answer 1")
    assert SavedView.objects.get().name == "To answer"


def test_who_looks_at_a_case_is_shown_to_others_and_not_to_themselves(signed_in, another_browser):
    case = make_case(question="Refund?")
    page = opened(signed_in(make_operator(first_name="Noor")))
    kim = another_browser(make_operator(first_name="Kim"))
    kim.goto(f"/cases/{case.id}/")
    expect(kim.locator("#live-badge")).to_have_text("live")
    expect(page.locator("#queue-list")).to_contain_text("Kim is looking")
    expect(kim.get_by_text("Kim is looking")).to_be_hidden()
    opened(page, f"/cases/{case.id}/")
    expect(page.locator("#case-status")).to_contain_text("Kim is looking")
    expect(kim.locator("#case-status")).to_contain_text("Noor is looking")
    kim.goto("/me/")
    expect(page.get_by_text("Kim is looking")).to_have_count(0)

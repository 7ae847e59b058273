"""A decision that is taken back before the agent has it, by key."""

import pytest
from playwright.sync_api import expect

from escalations.models import Escalation, State
from tests.factories import claim, make_case, make_operator
from tests.servers import web_server


@pytest.fixture(scope="module")
def _patient_server(program_environment):
    # Longer than in production: this machine may be busy.
    with web_server("patient", program_environment | {"UNDO_SECONDS": "30"}) as server:
        yield server


@pytest.fixture
def live_server(transactional_db, _patient_server):
    return _patient_server


def decided_by_key(page, case):
    page.goto(f"/cases/{case.id}/")
    expect(page.locator("#live-badge")).to_have_text("live")
    page.keyboard.press("d")
    page.get_by_role("textbox", name="Message to the agent: why not").fill("Not their card")
    page.keyboard.press("Tab")
    page.keyboard.press("2")
    page.get_by_role("radio", name="edge case").check()
    page.keyboard.press("Control+Enter")


def test_undo_by_key_brings_back_the_case_and_every_word(signed_in):
    operator = make_operator()
    case, following = make_case(question="Refund $912?"), make_case(question="The next one?")
    claim(case, operator)
    page = signed_in(operator)
    decided_by_key(page, case)
    expect(page.get_by_role("heading", name="The next one?")).to_be_visible()
    expect(page.locator("#toasts")).to_contain_text("Decided: Refund $912?")

    page.keyboard.press("z")

    expect(page.get_by_role("heading", name="Refund $912?")).to_be_visible()
    expect(page.get_by_role("textbox", name="Message to the agent: why not")).to_have_value("Not their card")
    expect(page.get_by_role("radio", name="Deny")).to_be_checked()
    expect(page.locator("#toasts")).to_contain_text("The agent has seen nothing of it")
    assert Escalation.objects.get(id=case.id).holder == operator
    assert Escalation.objects.get(id=following.id).state == State.QUEUED


def test_cases_resolved_alike_are_taken_back_with_one_key(signed_in):
    operator = make_operator()
    cases = [make_case(question=f"Refund {number}?") for number in range(12)]
    claim(cases[0], operator)
    page = signed_in(operator)
    page.goto("/?view=all")
    expect(page.locator("#live-badge")).to_have_text("live")
    page.locator("[data-pick]").first.click()
    page.locator("#bulk-all").click()
    page.locator("#bulk-bar").get_by_role("button", name="Resolve alike").click()
    dialog = page.locator("#bulk-dialog")
    dialog.get_by_label("Was the agent right?").select_option("Yes")
    dialog.get_by_label("What went wrong?").select_option("Nothing went wrong")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("12 of 12 cases resolved.")
    expect(page.locator("#main")).to_be_focused()
    assert Escalation.objects.filter(state=State.RESOLVED).count() == 12

    page.keyboard.press("z")

    expect(page.locator("#toasts .toast")).to_have_count(1)
    expect(page.locator("#toasts")).to_contain_text("12 of 12 decisions taken back")
    assert Escalation.objects.get(id=cases[0].id).holder == operator
    assert Escalation.objects.filter(state=State.QUEUED).count() == 11


def test_the_offer_to_undo_counts_down_and_goes_away(signed_in):
    operator = make_operator()
    case = make_case(question="Refund $912?")
    claim(case, operator)
    page = signed_in(operator)
    page.clock.install()
    decided_by_key(page, case)
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    first = int(page.locator("[data-undo-left]").inner_text())

    page.clock.run_for(3_000)
    assert int(page.locator("[data-undo-left]").inner_text()) <= first - 3
    page.clock.run_for(30_000)

    expect(undo).to_have_count(0)

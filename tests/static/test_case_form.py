"""The decision form: nothing typed is lost, and a lost lease ends sending only."""

import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import expect

KEPT = {"lease_expires_at": "2099-01-01T00:00:00Z", "left_behind": False}
SCRIPTS = '{% include "operators/case/_case_scripts.html" %}'


def form(lease_seconds: float) -> str:
    end = (datetime.now(UTC) + timedelta(seconds=lease_seconds)).isoformat()
    return f"""
    <aside class="side"><form class="decide" method="post" action="/send" data-case-form
      data-lease-expires="{end}" data-lease-seconds="120" data-idle-seconds="900"
      data-heartbeat-url="/heartbeat" data-draft-url="/draft">
      <input type="hidden" name="lease_token" value="7">
      <button class="sheet-handle" type="button" data-fold>Fold</button>
      <div class="lease"><span>Yours for <b data-countdown></b></span><span id="draft-status"></span></div>
      <p id="still-there" hidden>Still there?</p>
      <div id="left-behind" hidden>You are away. <button form="stay" type="submit">Keep it</button></div>
      <div id="lease-lost" hidden><span data-lease-lost-text></span>
        <button type="button">Claim again</button></div>
      <fieldset class="opts">
        <label><input type="radio" name="decision" value="approve"> Approve</label>
        <label><input type="radio" name="decision" value="edit"> Edit</label></fieldset>
      <fieldset data-for="edit"><label for="args">Arguments</label>
        <textarea id="args" name="arguments" data-json="object"
          data-original='{{"a": 1, "b": 2}}'>{{"a": 1, "b": 2}}</textarea>
        <span id="args-state"></span></fieldset>
      <label for="message">Message</label><textarea id="message" name="message"></textarea>
      <button type="submit" data-submit data-key="mod+enter">Submit and next</button>
    </form>
    <form id="stay" method="post" action="/stay" hx-post="/stay" hx-swap="none"></form></aside>"""


@pytest.fixture
def case(stage):
    def open_case(lease_seconds: float = 120):
        stage.answer("/draft", status=204)
        stage.answer("/heartbeat", body=json.dumps(KEPT))
        stage.show(form(lease_seconds), scripts=SCRIPTS)
        stage.stop_the_clock()
        return stage

    stage.page.clock.install()
    return open_case


def drafts(stage) -> list[dict[str, list[str]]]:
    return [parse_qs(request.post_data or "", keep_blank_values=True) for request in stage.posts_to("/draft")]


def test_the_lease_counts_down_and_a_heartbeat_renews_it(case):
    stage = case(112)
    countdown = stage.page.locator("[data-countdown]")
    # The page's clock ran by itself while it was loaded, so a busy machine may be a few seconds further.
    expect(countdown).to_have_text(re.compile("1:(51|50|4[5-9])"))
    before = countdown.inner_text()
    stage.page.clock.run_for(5000)
    expect(countdown).to_have_text(re.compile("1:(4[0-6]|3[5-9])"))
    assert countdown.inner_text() < before
    stage.page.clock.run_for(26_000)
    stage.until(lambda: stage.posts_to("/heartbeat"))
    beat = stage.posts_to("/heartbeat")[0]
    assert beat.post_data == "lease_token=7"
    assert len(beat.headers["x-csrftoken"]) == 64


def test_a_lost_lease_says_who_has_it_and_keeps_the_draft(case):
    stage = case()
    stage.page.locator("#message").fill("half a thought")
    stage.answer("/heartbeat", status=409, body=json.dumps({"detail": "Kim has the case now."}))
    stage.page.clock.run_for(31_000)
    expect(stage.page.locator("#lease-lost")).to_contain_text("Kim has the case now.")
    expect(stage.page.get_by_role("button", name="Submit")).to_be_disabled()
    expect(stage.page.locator("#message")).to_have_value("half a thought")
    stage.page.locator("#message").fill("a whole thought")
    stage.page.clock.run_for(1000)
    stage.until(lambda: drafts(stage)[-1]["message"] == ["a whole thought"])


def test_a_lost_case_can_be_claimed_again_once_nobody_has_it_even_if_no_event_tells(case):
    stage = case()
    lost = {"detail": "Kim has the case now.", "holder": "Kim", "state": "claimed"}
    stage.answer("/heartbeat", status=409, body=json.dumps(lost))
    stage.page.clock.run_for(31_000)
    expect(stage.page.locator("#lease-lost")).to_contain_text("Kim has the case now.")
    again = stage.page.get_by_role("button", name="Claim again")
    expect(again).to_be_hidden()
    stage.answer("/heartbeat", status=409, body=json.dumps(lost | {"detail": "Free.", "holder": ""}))
    stage.page.clock.run_for(31_000)
    expect(again).to_be_visible()
    expect(stage.page.locator("#lease-lost")).to_contain_text("Free.")


def test_what_is_said_late_of_a_decided_case_does_not_end_the_claim_on_the_next(case):
    stage = case()
    stage.answer(
        "/heartbeat", status=409, body=json.dumps({"detail": "Over.", "holder": "", "state": "resolved"})
    )
    stage.page.evaluate(
        """() => {
          const send = window.fetch;
          window.fetch = async (...call) => {
            if (call[0] === "/heartbeat") await new Promise((go) => (window.letGo = go));
            const answer = await send(...call);
            window.hasAnswered = call[0] === "/heartbeat";
            return answer;
          };
        }"""
    )
    stage.page.clock.run_for(31_000)
    stage.until(lambda: stage.page.evaluate("Boolean(window.letGo)"))
    stage.page.evaluate(
        "form = document.querySelector('form.decide'); form.replaceWith(form.cloneNode(true))"
    )
    stage.page.evaluate("window.letGo()")
    stage.until(lambda: stage.page.evaluate("window.hasAnswered"))
    stage.page.wait_for_timeout(200)
    expect(stage.page.locator("#lease-lost")).to_be_hidden()
    expect(stage.page.get_by_role("button", name="Submit")).to_be_enabled()


def test_nobody_keeps_a_case_by_leaving_its_page_open_and_any_input_says_they_are_there(case):
    stage = case()
    question = stage.page.locator("#still-there")
    stage.page.clock.fast_forward(899_000 - 60_000)
    stage.page.clock.run_for(30_000)
    stage.until(lambda: stage.posts_to("/heartbeat"))
    expect(question).to_be_hidden()
    stage.page.clock.run_for(62_000)
    expect(question).to_be_visible()
    beats = len(stage.posts_to("/heartbeat"))
    stage.page.clock.run_for(65_000)
    assert len(stage.posts_to("/heartbeat")) == beats

    stage.page.mouse.move(200, 200)
    stage.page.clock.run_for(2000)
    expect(question).to_be_hidden()
    stage.until(lambda: len(stage.posts_to("/heartbeat")) > beats)


def test_input_in_another_tab_of_the_desk_counts(case):
    stage = case()
    stage.page.clock.fast_forward(900_000)
    stage.page.evaluate("localStorage.setItem('handrail.input', String(Date.now() - 1000))")
    stage.page.clock.run_for(1100)
    expect(stage.page.locator("#still-there")).to_be_hidden()


def test_who_is_away_is_told_that_the_case_goes_back_and_may_keep_it(case):
    stage = case()
    stage.answer("/stay", status=204)
    stage.answer("/heartbeat", body=json.dumps(KEPT | {"left_behind": True}))
    stage.page.clock.run_for(31_000)
    expect(stage.page.locator("#left-behind")).to_be_visible()
    stage.answer("/heartbeat", body=json.dumps(KEPT))
    stage.page.get_by_role("button", name="Keep it").click()
    stage.until(lambda: stage.posts_to("/stay"))
    stage.page.clock.run_for(1100)
    expect(stage.page.locator("#left-behind")).to_be_hidden()


def test_typing_is_saved_once_after_a_pause(case):
    stage = case()
    stage.page.locator("#message").press_sequentially("hello")
    assert not drafts(stage)
    stage.page.clock.run_for(700)
    expect(stage.page.locator("#draft-status")).to_have_text("draft saved")
    assert [draft["message"] for draft in drafts(stage)] == [["hello"]]


def test_parts_that_the_decision_hides_are_in_the_draft_too(case):
    stage = case()
    stage.page.get_by_label("Edit").check()
    stage.page.locator("#args").fill('{"a": 2}')
    stage.page.get_by_label("Approve").check()
    expect(stage.page.locator("#args")).to_be_hidden()
    stage.page.clock.run_for(700)
    stage.until(lambda: drafts(stage) and drafts(stage)[-1]["decision"] == ["approve"])
    assert drafts(stage)[-1]["arguments"] == ['{"a": 2}']


def test_a_draft_that_could_not_be_saved_says_so_and_is_sent_again(case):
    stage = case()
    stage.answer("/draft", status=503)
    stage.page.locator("#message").fill("keep me")
    stage.page.clock.run_for(700)
    expect(stage.page.locator("#draft-status")).to_have_text("not saved")
    stage.answer("/draft", status=204)
    stage.page.clock.run_for(5000)
    expect(stage.page.locator("#draft-status")).to_have_text("draft saved")


def test_leaving_the_page_sends_what_was_typed_last(case):
    stage = case()
    stage.page.locator("#message").fill("last words")
    stage.page.evaluate("window.dispatchEvent(new PageTransitionEvent('pagehide'))")
    stage.until(lambda: drafts(stage))
    assert drafts(stage)[-1]["message"] == ["last words"]


def test_no_draft_follows_the_decision(case):
    stage = case()
    stage.answer("/send", body="sent")
    stage.page.locator("#message").press_sequentially("done")
    stage.page.keyboard.press("Control+Enter")
    stage.page.wait_for_url("**/send")
    assert stage.posts_to("/send")
    assert len(drafts(stage)) <= 1


@pytest.mark.parametrize(
    ("text", "state", "valid"),
    [
        ('{"a": 1, "b": 2}', "as proposed", True),
        ('{"a": 1, "b": 3}', "1 argument changed, valid JSON", True),
        ('{"c": 3}', "3 arguments changed, valid JSON", True),
        ("[1]", "Not a JSON object", False),
        ('{"a": 1,}', "Not JSON", False),
    ],
)
def test_edited_arguments_say_whether_they_can_be_sent(case, text, state, valid):
    stage = case()
    stage.page.get_by_label("Edit").check()
    stage.page.locator("#args").fill(text)
    expect(stage.page.locator("#args-state")).to_contain_text(state)
    assert stage.page.locator("#args").evaluate("area => area.checkValidity()") is valid


def test_on_a_phone_the_sheet_opens_with_a_choice_and_folds_by_its_handle(case):
    stage = case()
    stage.page.set_viewport_size({"width": 390, "height": 844})
    expect(stage.page.locator("#message")).to_be_hidden()
    stage.page.get_by_label("Approve").check()
    expect(stage.page.locator("#message")).to_be_visible()
    stage.page.get_by_role("button", name="Fold").click()
    expect(stage.page.locator("#message")).to_be_hidden()

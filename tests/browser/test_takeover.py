"""A conversation across the desk: the user at the agent's API, people in their browsers."""

import json
import time
from copy import copy
from uuid import uuid4

import httpx
import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from escalations import sweeps, transitions
from escalations.handoffs.handback import HUMAN_PART_OVER
from escalations.models import Escalation, Notice, Operator, Turn
from escalations.transitions import notes
from tests.browser.pages import opened
from tests.browser.test_axe import violations
from tests.factories import claim, lapse, make_agent, make_case, make_key, make_operator
from tests.servers import Server, wait_until
from tests.timing import is_within

# What is promised is a second; a busy machine may take longer, and what never comes still fails.
PROMPT = 3.0


class Bot:
    """An agent that carries a conversation, knowing the desk by its API alone."""

    def __init__(self, server: Server, case: Escalation, key: str) -> None:
        self.http = httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {key}"})
        self.path = f"/api/v1/handoffs/{case.id}"
        self.cursor = "0"

    def user_says(self, text: str) -> float:
        """Bring a user turn; the moment at which it was posted."""
        body = {"messages": [{"role": "user", "content": text}]}
        started = time.monotonic()
        answer = self.http.post(f"{self.path}/messages", json=body, headers={"Idempotency-Key": str(uuid4())})
        assert answer.status_code == 200, answer.text
        return started

    def user_types(self) -> None:
        assert self.http.post(f"{self.path}/typing").status_code == 204

    def wait(self, after_version: int) -> dict:
        answer = self.http.get(f"{self.path}/wait?timeout=20&after_version={after_version}", timeout=30)
        assert answer.status_code == 200
        return answer.json()

    def read(self) -> list[dict]:
        """What is new since the last look."""
        page = self.http.get(f"{self.path}/messages", params={"after": self.cursor}).json()
        self.cursor = page["cursor"]
        return page["items"]


@pytest.fixture
def case(live_server):
    agent = make_agent()
    messages = [
        {"role": "user", "content": "My parcel W23 never came, and I have had enough of robots."},
        {"role": "assistant", "content": "I will bring in a person."},
    ]
    return make_case(
        agent,
        kind="takeover",
        reason="user_requested",
        question="Talk to Mia about parcel W23",
        messages=messages,
        context={"facts": {"order": "W23"}, "decisions": [], "preferences": {"language": "en"}},
    )


@pytest.fixture
def bot(live_server, case):
    bot = Bot(live_server, case, make_key(case.agent))
    yield bot
    bot.http.close()


def test_a_person_talks_to_the_user_and_hands_back(signed_in, case, bot):
    operator = make_operator(first_name="Noor")
    claim(case, operator)
    page = opened(signed_in(operator), case)

    bot.user_says("Hello? Is this a person?")
    expect(page.locator(".bubble.user")).to_contain_text("Is this a person?")

    page.keyboard.press("i")
    composer = page.locator("#say")
    expect(composer).to_be_focused()
    page.keyboard.type("Yes, I am Noor.")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("I found your parcel.")
    version = Escalation.objects.get(id=case.id).version
    page.keyboard.press("Enter")
    expect(page.locator(".bubble.operator")).to_contain_text("Yes, I am Noor.\nI found your parcel.")
    expect(composer).to_have_value("")
    expect(composer).to_be_focused()

    news = bot.wait(version)
    user, answer = bot.read()
    assert news["last_turn"] == answer["id"] == bot.cursor
    assert (user["from"], answer["from"], answer["name"]) == ("user", "operator", "Noor")
    assert answer["content"] == "Yes, I am Noor.\nI found your parcel."

    bot.user_types()
    expect(page.locator("#user-typing")).to_have_text("The customer is typing…")
    bot.user_says("Oh, good. Where is it?")
    expect(page.locator(".bubble.user").last).to_contain_text("Where is it?")
    expect(page.locator("#user-typing")).to_have_text("")

    page.get_by_text("Send links along").click()
    page.get_by_label("Web addresses").fill("https://example.com/track/W23")
    composer.fill("See here:")
    page.keyboard.press("Control+Enter")
    link = page.locator(".bubble.operator").last.get_by_role("link")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
    assert Escalation.objects.get(id=case.id).state == "claimed", (
        "Ctrl Enter in the composer sends words only"
    )
    assert [turn["attachments"] for turn in bot.read()][-1] == [
        {"uri": "https://example.com/track/W23", "mime_type": None}
    ]

    hand_back(page, message="It comes tomorrow.")
    decision = bot.http.get(bot.path).json()["decision"]
    assert decision["messages"] == [
        {"role": "user", "content": "Hello? Is this a person?"},
        {"role": "assistant", "content": "Yes, I am Noor.\nI found your parcel."},
        {"role": "user", "content": "Oh, good. Where is it?"},
        {"role": "assistant", "content": "See here:\n\nhttps://example.com/track/W23"},
        {"role": "assistant", "content": "It comes tomorrow."},
        {"role": "system", "content": HUMAN_PART_OVER},
    ]
    assert decision["resume"]["facts"] == {"order": "W24", "courier": "Posti"}
    assert decision["resume"]["preferences"] == {}


def test_what_the_user_says_is_there_in_a_moment(signed_in, case, bot):
    page = opened(signed_in(make_operator()), case)
    said = page.locator(".bubble.user")

    def another() -> float:
        number = said.count() + 1
        posted = bot.user_says(f"line {number}")
        expect(said).to_have_count(number)
        return time.monotonic() - posted

    assert is_within(PROMPT, another)


def hand_back(page: Page, *, message: str) -> None:
    """Put the resume packet right, look that it outlives a reload, and decide."""
    page.get_by_role("radio", name="Take over").check()
    page.get_by_label("Message to the customer").fill(message)
    page.get_by_role("textbox", name="order").fill("W24")
    page.get_by_role("button", name="Add a fact").click()
    page.keyboard.type("courier")
    page.keyboard.press("Tab")
    page.keyboard.type("Posti")
    page.get_by_role("button", name="Remove language").click()
    expect(page.get_by_role("button", name="Add a preference")).to_be_focused()
    expect(page.locator("#draft-status")).to_have_text("draft saved")
    page.reload()
    page.get_by_role("radio", name="yes").check()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("All clear: nothing waits for you.")).to_be_visible()


def test_words_that_are_not_sent_outlive_reload_and_claim(signed_in, case):
    operator = make_operator()
    claim(case, operator)
    page = opened(signed_in(operator), case)
    composer = page.locator("#say")
    composer.fill("Half a sen")
    expect(page.locator("#draft-status")).to_have_text("draft saved")
    page.reload()
    expect(composer).to_have_value("Half a sen")

    lapse(case)
    claim(case, make_operator(first_name="Kim"))
    expect(page.locator("#lease-lost")).to_contain_text("Kim has this case now.")
    composer.press("Enter")
    expect(page.locator("#say-error")).to_contain_text("Your claim has ended.")
    expect(composer).to_have_value("Half a sen")
    assert not Turn.objects.exists()

    lapse(case)
    sweeps.sweep_leases()
    page.locator("#lease-lost").get_by_role("button", name="Claim again").click()
    expect(composer).to_have_value("Half a sen")
    expect(page.locator("#lease-lost")).to_be_hidden()
    composer.press("Enter")
    expect(page.locator(".bubble.operator")).to_contain_text("Half a sen")
    page.reload()
    expect(composer).to_have_value("")


def test_words_whose_answer_is_lost_are_sent_again_and_said_once(signed_in, case):
    operator = make_operator(first_name="Noor")
    claim(case, operator)
    page = opened(signed_in(operator), case)
    answers, again = [], []

    def cut_the_first(route):
        answers.append(route.fetch().status)
        route.abort() if len(answers) == 1 else again.append(route)

    page.route("**/say/", cut_the_first)
    page.locator("#say").fill("I found your parcel.")
    page.locator("#say").press("Enter")
    expect(page.locator("#say-error")).to_contain_text("Trying again")
    wait_until(lambda: again or page.wait_for_timeout(50))
    again[0].continue_()
    expect(page.locator("#say")).to_have_value("")
    expect(page.locator("#say-error")).to_have_text("")
    expect(page.locator(".bubble.operator")).to_have_count(1)
    assert answers == [200, 200]
    assert case.turns_since.count() == 1
    page.unroute("**/say/")
    page.locator("#say").fill("I found your parcel.")
    page.locator("#say").press("Enter")
    expect(page.locator(".bubble.operator")).to_have_count(2)  # who says it once more means it


def test_a_holder_on_the_queue_page_hears_of_the_user_and_has_read_it_with_the_case(signed_in, case, bot):
    operator = make_operator()
    claim(case, operator)
    page = signed_in(operator)
    page.goto("/")
    expect(page.locator("#live-badge")).to_have_text("live")
    bot.user_says("Are you there?")
    bot.user_says("Hello?")
    expect(page.get_by_role("button", name="1 unread notice")).to_be_visible()
    opened(page, case)
    expect(page.get_by_role("button", name="Notices", exact=True)).to_be_visible()
    bot.user_says("Still there?")
    expect(page.locator(".bubble.user").last).to_contain_text("Still there?")
    assert Notice.objects.get().read_at


def test_a_decision_waits_for_words_that_are_not_sent(signed_in, case):
    operator = make_operator()
    claim(case, operator)
    page = opened(signed_in(operator), case)
    page.locator("#say").fill("One more thing")
    page.get_by_role("radio", name="Take over").check()
    page.get_by_role("radio", name="yes").check()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert").filter(has_text="not sent yet")).to_be_visible()
    expect(page.locator("#say")).to_have_value("One more thing")
    assert Escalation.objects.get(id=case.id).state == "claimed"


def test_an_approval_becomes_a_conversation_when_it_is_taken_over(signed_in, live_server):
    operator, case = make_operator(), make_case()
    claim(case, operator)
    page = opened(signed_in(operator), case)
    composer = page.locator("#say")
    expect(composer).to_be_hidden()
    page.keyboard.press("t")
    expect(composer).to_be_focused()
    # Two places to write to the customer, and each says when its words go.
    for label, name in [("To the customer, sent at once", "say"), ("sent as you hand back", "message")]:
        expect(page.get_by_role("textbox", name=label)).to_have_attribute("name", name)


def test_the_conversation_stays_at_its_end_unless_one_reads_above(signed_in, case, bot):
    operator = make_operator()
    claim(case, operator)
    page = opened(signed_in(operator), case)
    for number in range(14):
        bot.user_says(f"line {number}\n\nand more")
    talk = page.locator("#talk")
    expect(talk).to_contain_text("line 13")
    at_end = "box => box.scrollHeight - box.scrollTop - box.clientHeight < 24"
    assert talk.evaluate("box => box.scrollHeight > box.clientHeight"), "more than fits"
    wait_until(lambda: talk.evaluate(at_end))
    # An update that was under way when the person scrolled may take them to the end once more.
    scroll_up = "box => { box.scrollTop = 0; return box.dataset.keepEnd }"
    wait_until(lambda: talk.evaluate(scroll_up) == "no")
    bot.user_says("the very last line")
    expect(talk).to_contain_text("the very last line")
    assert talk.evaluate("box => box.scrollTop") == 0


def test_the_hint_that_somebody_types_goes_away_by_itself(signed_in, case, bot):
    operator = make_operator()
    page = opened(signed_in(operator), case)
    bot.user_types()
    expect(page.locator("#user-typing")).to_have_text("The customer is typing…")
    expect(page.locator("#user-typing")).to_have_text("", timeout=10_000)
    assert json.loads(bot.http.get(bot.path).text)["version"] == 1


def test_a_note_with_a_mention_reaches_the_other_browser(browser, signed_in, live_server, case):
    author, noor = make_operator("kim", first_name="Kim"), make_operator("noor", first_name="Noor")
    make_operator("nora", first_name="Nora")
    claim(case, author)
    page = opened(signed_in(author), case)
    other = opened(another_browser(browser, live_server, noor), case)

    page.keyboard.press("m")
    note = page.get_by_label("Note m")
    expect(note).to_be_focused()
    page.keyboard.type("Is this yours, @no")
    options = page.get_by_role("listbox").get_by_role("option")
    expect(options).to_have_count(2)
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(note).to_have_value("Is this yours, @noor ")
    page.keyboard.press("Control+Enter")
    expect(note).to_have_value("")

    expect(other.locator("#notes .note")).to_contain_text("Is this yours, @noor")
    expect(other.locator("#notes .by")).to_contain_text("Kim")
    assert Escalation.objects.get(id=case.id).state == "claimed", "Ctrl Enter added the note alone"
    assert Notice.objects.get().operator == noor
    other.context.close()


def test_a_note_that_is_not_added_outlives_live_updates_claim_and_reload(signed_in, case, bot):
    operator = make_operator()
    claim(case, operator)
    page = opened(signed_in(operator), case)
    note = page.locator("#note-body")
    note.fill("Ask the depot about")
    expect(page.locator("#note-status")).to_have_text("draft saved")
    bot.user_says("Hello?")
    lapse(case)
    claim(case, make_operator(first_name="Kim"))
    expect(page.locator("#lease-lost")).to_contain_text("Kim has this case now.")
    expect(note).to_have_value("Ask the depot about")

    page.reload()
    expect(note).to_have_value("Ask the depot about")
    expect(page.locator("#live-badge")).to_have_text("live")
    note.press("End")
    note.press_sequentially(" W23")
    note.press("Control+Enter")
    expect(page.locator("#notes .note")).to_contain_text("Ask the depot about W23")
    expect(note).to_have_value("")
    page.reload()
    expect(note).to_have_value("")


def test_a_note_whose_answer_is_lost_is_added_once_also_after_a_reload(signed_in, case):
    operator = make_operator()
    claim(case, operator)
    page = opened(signed_in(operator), case)
    answers = []

    def cut(route):
        answers.append(route.fetch().status)
        route.abort()

    def hold(route):
        again.append(route)

    note, again = page.locator("#note-body"), []
    page.route("**/notes/", hold)
    page.route("**/notes/", cut, times=1)
    note.fill("She called")
    note.press("Control+Enter")
    expect(page.locator("#note-error")).to_contain_text("Trying again")
    wait_until(lambda: again or page.wait_for_timeout(50))
    again[0].continue_()
    expect(note).to_have_value("")
    expect(page.locator("#notes .note")).to_have_count(1)
    page.unroute("**/notes/")

    page.route("**/notes/", cut)
    note.fill("She called again")
    note.press("Control+Enter")
    expect(page.locator("#note-error")).to_contain_text("Your note is still here")
    expect(page.locator("#note-status")).to_have_text("draft saved")
    page.unroute("**/notes/")
    page.reload()
    expect(note).to_have_value("She called again")
    expect(page.locator("#notes .note")).to_have_count(2)
    note.press("Control+Enter")
    expect(note).to_have_value("")
    assert answers == [200] * 5
    assert case.notes.count() == 2


def another_browser(browser: Browser, server: Server, operator: Operator) -> Page:
    """A page of its own for another person."""
    client = Client()
    client.force_login(operator)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context = browser.new_context(base_url=server.url)
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": server.url}])
    return context.new_page()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_conversation_breaks_no_rule_of_access(signed_in, case, bot, theme):
    operator = make_operator("noor", first_name="Noor")
    lease = claim(case, operator)
    bot.user_says("Hello, [look](https://example.com)")
    link = {"uri": "https://example.com/label.pdf"}
    transitions.say(lease=lease, text="Here is the label.", attachments=[link])
    notes.add(case=case, author=operator, body="To whom it may concern: @noor")
    page = signed_in(operator)
    page.emulate_media(color_scheme=theme)
    opened(page, case)
    bot.user_types()
    expect(page.locator("#user-typing")).to_have_text("The customer is typing…")
    page.locator("summary").evaluate_all("all => all.forEach(each => { each.parentElement.open = true })")
    page.locator("#note-body").press_sequentially("@no")
    expect(page.locator("#mentionable li")).to_have_count(1)
    assert violations(page) == []


def test_keys_lead_to_a_field_that_is_seen_whole(signed_in, live_server):
    operator = make_operator()
    long = [{"role": "user", "content": f"line {number}\n\nof a long story"} for number in range(30)]
    case = make_case(kind="takeover", messages=long)
    claim(case, operator)
    page = opened(signed_in(operator), case)
    for key, field, button in (("i", "#say", "Send"), ("m", "#note-body", "Add note")):
        page.keyboard.press(key)
        expect(page.locator(field)).to_be_focused()
        expect(page.get_by_role("button", name=button)).to_be_in_viewport(ratio=1)
        page.locator("#ask").focus()


def test_the_next_case_brings_its_own_conversation(signed_in, case, bot):
    operator = make_operator()
    following = make_case(case.agent, kind="takeover", question="Talk to Ola", reason="user_requested")
    claim(case, operator)
    page = opened(signed_in(operator), case)
    page.locator("#say").fill("Hello Mia")
    page.keyboard.press("Enter")
    expect(page.locator(".bubble.operator")).to_contain_text("Hello Mia")
    page.get_by_role("radio", name="Take over").check()
    page.get_by_role("radio", name="yes").check()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Talk to Ola")).to_be_visible()
    expect(page.locator(".bubble")).to_have_count(0)
    bot_for(bot, following).user_says("I am Ola")
    expect(page.locator(".bubble.user")).to_contain_text("I am Ola")
    page.locator("#say").fill("Hello Ola")
    page.keyboard.press("Enter")
    expect(page.locator(".bubble.operator")).to_contain_text("Hello Ola")
    assert following.turns_since.count() == 2


def bot_for(bot: Bot, case: Escalation) -> Bot:
    """The same agent, on another case."""
    other = copy(bot)
    other.path = f"/api/v1/handoffs/{case.id}"
    return other

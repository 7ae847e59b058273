"""A hundred cases a day: one after the other by keyboard, each painted at once, and focus never lost."""

from playwright.sync_api import expect

from escalations.models import Escalation, Resolution, State
from tests.factories import make_case, make_operator

_FOCUS = "document.activeElement?.tagName"
# A denial leads to where one says why, and Escape back to the keys. A reason is sent from where it is typed.
_CHOSEN = (
    (("a", "INPUT"), ("1", "INPUT")),
    (("d", "TEXTAREA"), ("Escape", "INPUT"), ("1", "INPUT")),
    (("1", "INPUT"), ("d", "TEXTAREA")),
)
_MEASURED = "performance.getEntriesByName('next case painted').map(entry => entry.duration)"


def test_sixty_decisions_in_a_row_without_a_mouse(signed_in):
    operator = make_operator()
    cases = [make_case(question=f"Refund number {number}?") for number in range(60)]
    page = signed_in(operator)
    page.goto("/")
    expect(page.locator("#live-badge")).to_have_text("live")
    loads = []
    page.on("request", lambda sent: loads.append(sent.url) if sent.is_navigation_request() else None)
    page.keyboard.press("n")
    for number, case in enumerate(cases):
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Refund number {number}?")
        page.wait_for_url(f"**/cases/{case.id}/")
        # The page of its first case has just been loaded.
        expect(page.locator("#ask")).to_be_focused()
        for key, focus in _CHOSEN[number % 3]:
            page.keyboard.press(key)
            assert page.evaluate(_FOCUS) == focus
        if number % 3 == 2:
            page.keyboard.type("No receipt.")
        page.keyboard.press("Control+Enter")
    expect(page.get_by_text("All clear: nothing waits for you.")).to_be_visible()

    decided = Resolution.objects.filter(operator=operator, case__state=State.RESOLVED)
    assert decided.count() == 60
    assert decided.filter(decision="approve").count() == 20
    assert decided.filter(decision="reject", message="No receipt.").count() == 20
    # All cases but the first came into its page.
    assert [address.removeprefix(page.url) for address in loads if "/cases/" in address] == [
        f"cases/{cases[0].id}/"
    ]


def test_what_was_rendered_ahead_is_shown_under_its_claim(signed_in):
    operator = make_operator()
    case, following = make_case(question="First?"), make_case(question="Second?")
    page = signed_in(operator)
    page.goto("/")
    expect(page.locator("#live-badge")).to_have_text("live")
    page.keyboard.press("n")
    expect(page.locator("#ask")).to_have_text("First?")
    expect(page.locator("#ask")).to_be_focused()
    with page.expect_response("**/next/ahead/"):
        page.keyboard.press("a")
    assert Escalation.objects.get(id=following.id).state == State.QUEUED
    page.keyboard.press("1")
    with page.expect_response(f"**/cases/{case.id}/decide/") as decided:
        page.keyboard.press("Control+Enter")
    assert "Second?" not in decided.value.text()

    expect(page.locator("#ask")).to_have_text("Second?")
    expect(page.locator("#ask")).to_be_focused()
    expect(page.locator("#queue-list .row")).to_have_count(1)
    held = Escalation.objects.get(id=following.id)
    assert page.locator("#decide").get_attribute("data-lease-expires") == held.lease_expires_at.isoformat()
    for key in ("a", "1", "Control+Enter"):
        page.keyboard.press(key)
    expect(page.get_by_text("All clear: nothing waits for you.")).to_be_visible()
    assert Resolution.objects.filter(operator=operator).count() == 2


def test_the_next_case_is_painted_at_once_with_its_title_lines_and_claim(signed_in):
    operator = make_operator()
    cases = [make_case(question=f"Refund number {number}?") for number in range(3)]
    page = signed_in(operator)
    page.goto("/")
    page.keyboard.press("n")
    sockets = []
    page.on("websocket", lambda socket: sockets.append(socket))  # noqa: PLW0108 # playwright marks functions
    expect(page.locator("#live-badge")).to_have_text("live")
    page.keyboard.press("a")
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#ask")).to_have_text("Refund number 1?")
    expect(page).to_have_title("Refund number 1? · Handrail")
    expect(page.locator("#case-status")).to_have_attribute("data-live-url", f"/live/case/{cases[1].id}/")
    # At once, without a pause: the page is ready for the keyboard as soon as it shows.
    with page.expect_event("websocket", lambda socket: f"/live/case/{cases[2].id}" in socket.url):
        for key in ("a", "1", "Control+Enter"):
            page.keyboard.press(key)
    expect(page.locator("#ask")).to_have_text("Refund number 2?")
    assert [
        socket.url for socket in sockets if f"/live/case/{cases[1].id}" in socket.url and socket.is_closed()
    ]
    assert [duration for duration in page.evaluate(_MEASURED) if 0 < duration < 20_000]

    page.get_by_label("Message").fill("Typed in the page of the third case")
    expect(page.locator("#draft-status")).to_have_text("draft saved")
    page.go_back()
    expect(page.locator("#ask")).to_have_text("Refund number 1?")

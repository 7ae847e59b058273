"""The pages as they look, in both themes, wide and on a phone: kept in var/screenshots for people to see."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from escalations import transitions
from escalations.models import Role
from tests.factories import REFUND, claim, decide, make_agent, make_case, make_operator, make_queue

FOLDER = Path(__file__).parents[2] / "var" / "screenshots"
SIZES = {"wide": {"width": 1440, "height": 960}, "phone": {"width": 390, "height": 844}}
MESSAGES = [
    {"role": "system", "content": "Be kind and brief. " * 100},
    {
        "role": "user",
        "content": "I bought this for my mother but she already has one and I don’t have the receipt, "
        "and I paid with my ex-husband’s card. Can I get the money back?",
    },
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {
                "id": "a",
                "type": "function",
                "function": {"name": "get_order", "arguments": '{"order_id": "W2378156"}'},
            },
            {
                "id": "b",
                "type": "function",
                "function": {"name": "get_payment", "arguments": '{"order_id": "W2378156"}'},
            },
        ],
    },
    {
        "role": "tool",
        "tool_call_id": "a",
        "content": '{"status": "delivered", "items": 1, "total": "912.40"}',
    },
    {"role": "tool", "tool_call_id": "b", "content": "<html><title>502 Bad Gateway</title></html>"},
    {
        "role": "assistant",
        "content": "I can refund **$912.40** to your card ending 3926 right away. Shall I?",
    },
]


@pytest.fixture
def desk(live_server):
    """A desk with something of everything; the case to look at, held by `operator`."""
    billing = make_queue("billing", sla={0: (60, 900), 1: (300, 3600)})
    agent = make_agent(
        queue=billing,
        rules={
            "confidence": {"*": 0.7},
            "turns": 20,
            "context_tokens": 50_000,
            "cost_usd": 3,
            "approve_tools": ["issue_refund"],
        },
    )
    operator = make_operator("noor", queues=[billing], skills=["fr"], first_name="Noor", last_name="Haddad")
    kim = make_operator("kim", queues=[billing], first_name="Kim", last_name="Lind")
    case = make_case(
        agent,
        question="Refund $912.40 to a card that is not the payer’s?",
        summary="A gift that somebody else paid is to be refunded; the payment could not be looked up.",
        messages=MESSAGES,
        confidence=0.41,
        category="refund",
        conversation_id="conv_9f3a",
        pending_actions=[REFUND | {"description": "Pays money back.", "risk": "high"}],
        context={
            "facts": {
                "identity": "verified",
                "payment_method": "gift_card_2210573",
                "order": "delivered 3 Nov",
            },
            "decisions": ["no receipt is needed"],
            "preferences": {"contact": "e-mail"},
        },
        steps=[
            {"name": "identify customer", "status": "ok"},
            {
                "name": "find payment",
                "message_index": 4,
                "checkpoint": {"passed": False, "errors": ["payment.holder does not match customer.name"]},
            },
            {"name": "check policy"},
            {"name": "propose refund"},
        ],
        usage={"turns": 12, "context_tokens": 39_120, "cost_usd": "2.88", "seconds": 190, "retries": 3},
        routing={"queue": "billing", "skills": ["fr"], "priority": "urgent"},
    )
    make_case(
        agent, question="Invoice totals differ between CRM and ledger, which one counts?", confidence=0.55
    )
    make_case(
        agent, kind="takeover", question="Customer asks for a person after 21 turns about a missed connection"
    )
    claim(make_case(agent, question="Waive late fee for a third time this year"), kim)
    closed = make_case(agent, question="Send a new card to an old address?", messages=MESSAGES)
    decide(
        claim(closed, operator), "reject", message="The address is not the customer’s.", agent_correct="no"
    )
    claim(case, operator)
    transitions.add_message(
        case_id=case.id, messages=[{"role": "user", "content": "Are you still there?"}], actor="agent:support"
    )
    return operator, case, closed


def keep(page, name):
    """Take the picture; a page that has to be pushed sideways to be read is a fault."""
    expect(page.locator("#live-badge")).to_have_attribute("data-state", "live")
    FOLDER.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=FOLDER / f"{name}.png")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"
    parts = page.locator("main, article, aside, .queue, .card:not(:has(.steps))")
    sideways = parts.evaluate_all(
        "parts => parts.filter(part => part.checkVisibility() && part.scrollWidth > part.clientWidth + 1)"
        ".map(part => part.className)"
    )
    assert sideways == [], f"{name}: {sideways} scroll sideways"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_fit_their_window(signed_in, desk, theme, size):
    operator, case, closed = desk
    page = signed_in(operator)
    page.set_viewport_size(SIZES[size])
    page.emulate_media(color_scheme=theme)
    page.goto("/?view=all")
    keep(page, f"queue-{theme}-{size}")
    page.get_by_role("link", name="Invoice totals").click()
    expect(page.locator("#peek h1")).to_be_visible()
    keep(page, f"peek-{theme}-{size}")
    page.goto(f"/cases/{case.id}/")
    keep(page, f"case-{theme}-{size}")
    page.get_by_role("radio", name="Edit and approve").check()
    page.get_by_label("Arguments of issue_refund").fill('{"order_id": "W2378156", "amount": -1}')
    expect(page.locator("#action-0-arguments-state li").first).to_be_visible()
    keep(page, f"edit-{theme}-{size}")
    page.locator("article").evaluate("article => article.scrollTo(0, article.scrollHeight)")
    keep(page, f"conversation-{theme}-{size}")
    page.goto(f"/cases/{closed.id}/")
    keep(page, f"closed-{theme}-{size}")


def test_longer_words_fit_a_phone(signed_in, desk):
    operator, case, _ = desk
    operator.language, operator.role = "de", Role.ADMIN
    operator.save(update_fields=["language", "role"])
    page = signed_in(operator)
    page.set_viewport_size(SIZES["phone"])
    for name, path in [("queue", "/?view=all"), ("case", f"/cases/{case.id}/"), ("choices", "/preferences/")]:
        page.goto(path)
        keep(page, f"{name}-german-phone")
        cut = page.locator(".rail a, button, .pill").evaluate_all(
            "parts => parts.filter(part => part.clientWidth > 1 && part.scrollWidth > part.clientWidth + 1)"
            ".map(part => part.textContent.trim())"
        )
        assert cut == [], f"{name}: {cut} do not fit"

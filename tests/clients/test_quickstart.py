"""Who follows "From demo to production in 15 minutes" word for word gets what it promises."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from demo import desk
from escalations import transitions
from escalations.models import Agent, Escalation, Handoff, Run
from tests.clients.documents import Prompt, blocks
from tests.factories import claim, decide, make_key
from tests.servers import Server, wait_until

# Stands for the web server, which calls the page's `receive`.
WEBHOOK = """
from datetime import datetime, timezone
from standardwebhooks import Webhook
secret, now = "whsec_c2VjcmV0c2VjcmV0c2VjcmV0", datetime.now(timezone.utc)
decided = {"handoff_id": str(case_id), "decision": "approve"}
body = json.dumps({"type": "handoff.resolved", "timestamp": now.isoformat(), "data": decided})
signature = Webhook(secret).sign("msg_1", now, body)
signed = {"webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
receive({"webhook-id": "msg_1", **signed}, body, secret)
"""
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kim(live_server: Server, tmp_path: Path) -> Any:
    """A person of the demo desk, whose keys stand where `make run` writes them."""
    desk.set_up()
    [kim] = [person for person in desk.people() if person.username == "kim"]
    keys = {"support": make_key(Agent.objects.get(name="support"))}
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "demo.json").write_text(json.dumps({"url": live_server.url, "api_keys": keys}))
    return kim


def test_the_page_is_followed_word_for_word(kim, tmp_path):
    with Prompt(tmp_path) as python:
        for block in blocks("docs/quickstart.md"):
            python.paste(block)
        decide(come_in("Is my answer right?", kim), "edit", message="No, but we can repair it.")
        edit_amount(come_in("May I run refund with order_id W23, amount 912", kim), 500)
        kept = come_in("May I run refund with order_id W24", kim)
        # Nobody is that quick: the agent has gone on without waiting.
        wait_until(lambda: any(line.startswith("kept") for line in python.printed), what="the agent goes on")
        decide(kept, "approve")
        python.paste(WEBHOOK)
        python.leave()
    # What is said of the desk that is away is a line of the log, and nothing else went wrong.
    if not re.fullmatch(r".*agent-spool/support.*", python.errors):
        pytest.fail(python.errors)
    said = python.printed
    assert "Kim Larsen says: No, but we can repair it." in said
    assert [line for line in said if line.startswith("Refunded")] == [
        "Refunded $912.00 for order W23.",  # of the demo, where nobody was asked
        "Refunded $20.00 for order W23.",
        "Refunded $500.00 for order W23.",
        "Refunded $99.00 for order W24.",
    ]
    assert "reported: c-1" in said
    assert any(line.startswith("html_not_json http") for line in said)
    assert "Turns 21 is over 20" in said
    assert "schema_mismatch at /order handed off: False" in said
    assert "A colleague will write to you." in said
    assert "sent: 1" in said
    assert Escalation.objects.filter(headline__contains="chair").exists()
    assert said[-1] == f"decided: {Escalation.objects.get(headline__contains='W24').id} approve"
    assert set(Run.objects.values_list("conversation_id", flat=True)) == {"", "c-1", "c-4"}


def come_in(headline: str, operator: Any) -> Any:
    """Claim the case that begins so, once it is there."""
    cases = Escalation.objects.filter(headline__startswith=headline)
    wait_until(cases.exists, what=f"“{headline}…” is in the queue")
    return claim(cases.get(), operator)


def edit_amount(lease: Any, amount: float) -> None:
    [action] = Handoff.objects.get(case_id=lease.case_id).payload["pending_actions"]
    arguments = action["arguments"] | {"amount": amount}
    decided = transitions.ActionDecision(action["tool_call_id"], "edit", arguments, "", action["digest"])
    transitions.resolve(
        lease=lease,
        decision=transitions.DecisionInput("edit", [decided]),
        labels=transitions.Labels("edit", "partial", "other"),
    )

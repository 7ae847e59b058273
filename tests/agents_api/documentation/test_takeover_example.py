"""The code of docs/takeover.md carries a conversation, word for word as it stands there."""

import re
from pathlib import Path
from threading import Thread
from typing import Any

from escalations import transitions
from escalations.models import Escalation
from tests.factories import claim, decide, handoff, make_agent, make_key, make_operator
from tests.servers import Server, wait_until

DOCS = Path(__file__).parents[3] / "docs" / "takeover.md"


def test_the_documented_loop_carries_a_conversation_to_its_end(live_server: Server) -> None:
    agent, operator = make_agent(), make_operator()
    [code] = re.findall(r"```python\n(.*?)```", DOCS.read_text(), flags=re.S)
    bot: dict[str, Any] = {"URL": live_server.url, "KEY": make_key(agent)}
    exec(code, bot)
    case = (
        bot["desk"]
        .post("/api/v1/handoffs", json=handoff(agent, kind="takeover"), headers={"Idempotency-Key": "one"})
        .json()
    )
    shown: list[str] = []
    decisions: list[Any] = []
    carrying = Thread(
        target=lambda: decisions.append(bot["carry"](case, lambda words, links: shown.append(words)))
    )
    carrying.start()

    for _ in range(2):
        bot["user_says"](case, "Hello?", "the same message")
    bot["user_types"](case)
    lease = claim(Escalation.objects.get(), operator)
    transitions.say(lease=lease, text="I am here.")
    wait_until(lambda: shown == ["I am here."], what="the user reads it")
    transitions.say(lease=lease, text="All is well.")
    decide(lease, "takeover")

    carrying.join(timeout=30)
    assert shown == ["I am here.", "All is well."]
    [decision] = decisions
    said = [message["content"] for message in decision["messages"][:-1]]
    assert said == ["Hello?", "I am here.", "All is well."]
    bot["desk"].close()

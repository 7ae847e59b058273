"""The code of the client's README does what it says, word for word as it stands there."""

from threading import Thread
from typing import Any

from escalations.models import Escalation
from tests.clients.documents import blocks
from tests.factories import claim, decide, make_agent, make_key, make_operator
from tests.servers import Server, wait_until


def test_the_documented_round_trip_gets_its_decision(live_server: Server) -> None:
    [code] = blocks("clients/python/README.md")
    agent, operator = make_agent("support"), make_operator()
    names: dict[str, Any] = {"URL": live_server.url, "KEY": make_key(agent)}
    running = Thread(target=lambda: exec(code, names))
    running.start()
    wait_until(Escalation.objects.exists, what="the case is there")
    decide(claim(Escalation.objects.get(), operator), "takeover")
    running.join(timeout=60)
    assert names["decision"].decision == "takeover"
    assert Escalation.objects.get().delivery == "applied"

"""In a notebook code runs inside an event loop; the client for threads works there as well."""

import asyncio
from threading import Thread
from typing import Any

import pytest

from escalations.models import Escalation, Run
from handrail_client import Decided
from tests.clients.agents import any_agent
from tests.factories import claim, decide, make_agent, make_key, make_operator
from tests.servers import Server, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def test_cells_hand_off_wait_and_report(live_server: Server) -> None:
    agent = any_agent(live_server.url, make_key(make_agent()), None)
    ask = agent.escalates(lambda question: (question.upper(), 0.2), below=0.5, wait=60)
    refund = agent.needs_approval(lambda amount: f"refunded {amount}", name="refund")
    told: list[Any] = []

    async def cells() -> None:
        """What a kernel does: plain calls, made while its loop runs."""
        with agent.run() as run:
            told.append(ask("lamp"))
            told.append(refund(amount=3))
        with agent.run(run_id="quiet") as run:
            run.say("user", "Thanks")
        agent.agent.desk.flush()

    kernel = Thread(target=lambda: asyncio.run(cells()))
    kernel.start()
    for number in (1, 2):
        wait_until(lambda number=number: Escalation.objects.count() == number, what="a cell handed off")
        decide(claim(Escalation.objects.latest("received_at"), make_operator()))
    kernel.join(timeout=60)

    answer, result = told
    assert isinstance(answer, Decided)
    assert (answer.answer, result) == ("LAMP", "refunded 3")
    assert [run.run_id for run in Run.objects.all()] == ["quiet"]
    agent.close()

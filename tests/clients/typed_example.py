"""Not run, but type-checked strictly: what an engineer's own program sees of the client's types."""

from typing import assert_type

from handrail_client import (
    AsyncHandrail,
    Case,
    CheckpointResult,
    Decision,
    Event,
    Fallback,
    Handrail,
    RunsTaken,
    Spool,
    Turn,
    Verdict,
    Webhook,
    webhooks,
)
from handrail_client.handoffs import Agent

ME: Agent = {"name": "support", "version": "1"}


def in_threads(desk: Handrail) -> Decision | None:
    verdict = desk.should_escalate(agent=ME, confidence=0.4)
    assert_type(verdict, Verdict)
    if not verdict.escalate:
        desk.report_run(agent=ME, run_id="1", review=lambda: {"messages": []})
        assert_type(desk.flush(), RunsTaken)
        return None
    case = desk.hand_off(agent=ME, kind="question", reason="policy", messages=[], state=b"{}")
    assert_type(case, Case)
    for event in desk.events(case):
        assert_type(event, Event)
    for turn in desk.turns(case):
        assert_type(turn, Turn)
    return desk.wait(case, timeout=60, fallback=Fallback("reject")).decision


async def in_asyncio(url: str, key: str) -> None:
    async with AsyncHandrail(url, key, spool=Spool("/var/lib/agent")) as desk:
        assert_type(await desk.checkpoint(agent=ME, step="find", output={}), CheckpointResult)
        async for event in desk.events("0199a0b0-0000-7000-8000-000000000001"):
            assert_type(event.decision, Decision | None)


def told(body: bytes, headers: dict[str, str], secret: str) -> Webhook:
    return webhooks.verify(body, headers, [secret])


def mistaken(desk: Handrail) -> None:
    """Each of these is an error, which the comments say is needed."""
    desk.hand_off(agent=ME, kind="quest", reason="policy", messages=[])  # type: ignore[arg-type]  # no such kind
    desk.hand_off(agent=ME, kind="question", reason="policy")  # type: ignore[call-arg]  # no messages
    desk.ack("1", "done")  # type: ignore[arg-type]  # no such outcome

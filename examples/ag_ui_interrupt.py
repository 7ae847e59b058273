"""AG-UI: a run that ends with interrupts is continued by a new run, whose `resume` answers them."""

import asyncio
import json
from typing import Any
from uuid import uuid4

from ag_ui.core import Message, RunAgentInput, RunFinishedEvent
from pydantic_ai import Agent, DeferredToolRequests
from pydantic_ai.ui.ag_ui import AGUIAdapter

from common import REQUEST, agent, desk, main
from fakes.pydantic import MODEL
from handrail_client import Case

support = Agent(MODEL, output_type=[str, DeferredToolRequests])  # any agent that speaks AG-UI


@support.tool_plain(requires_approval=True)
def refund(order: str, amount: int) -> str:
    """Pay an order back."""
    print(f"refund {order} {amount}")
    return f"Refunded ${amount} for {order}."


async def run(messages: list[Any], resume: list[Any] | None = None) -> tuple[RunFinishedEvent, list[Message]]:
    """How the run ended, and the whole conversation."""
    asked = RunAgentInput(thread_id="W100", run_id=str(uuid4()), messages=messages, resume=resume)
    said: list[Message] = []
    stream = AGUIAdapter(support, asked).run_stream(
        on_complete=lambda result: said.extend(AGUIAdapter.dump_messages(result.all_messages()))
    )
    *_, last = [event async for event in stream]
    return last, said


def hand_off() -> Case:
    paused, conversation = asyncio.run(run([{"id": "1", "role": "user", "content": REQUEST}]))
    messages = [message.model_dump(exclude_none=True) for message in conversation]
    calls = {call["id"]: call["function"] for call in messages[-1]["tool_calls"]}
    interrupts = {each.id: each.tool_call_id for each in paused.outcome.interrupts}
    return desk.hand_off(
        agent=agent("ag-ui"),
        kind="approval",
        reason="policy",
        messages=messages,
        pending_actions=[
            {"tool_call_id": id, "name": calls[id]["name"], "arguments": json.loads(calls[id]["arguments"])}
            for id in interrupts.values()
        ],
        metadata={"interrupts": interrupts},
        state={"data": messages},
    )


def resume(handoff: str) -> str:
    case = desk.wait(handoff, format="ag_ui")
    desk.ack(case, "acknowledged", idempotency_key=str(uuid4()))  # from here on it is ours alone
    _, conversation = asyncio.run(run(case.decision.state["data"], resume=case.resume_with))
    desk.ack(case, "applied")
    return conversation[-1].content


main(hand_off, resume)

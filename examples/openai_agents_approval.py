"""OpenAI Agents: a tool that needs approval interrupts the run, whose state waits at the desk."""

import asyncio
import json
from typing import Any
from uuid import uuid4

from agents import Agent, Runner, RunState, ToolApprovalItem, function_tool, set_tracing_disabled
from agents.models.chatcmpl_converter import Converter

from common import REQUEST, agent, desk, main
from fakes.openai import FakeModel
from handrail_client import Case

set_tracing_disabled(True)  # it would be sent to OpenAI


@function_tool(needs_approval=True)
def refund(order: str, amount: int) -> str:
    """Pay an order back."""
    print(f"refund {order} {amount}")
    return f"Refunded ${amount} for {order}."


support = Agent("Support", model=FakeModel(), tools=[refund])  # yours: model="gpt-5"


def hand_off() -> Case:
    paused = Runner.run_sync(support, REQUEST)
    return desk.hand_off(
        agent=agent("openai-agents"),
        kind="approval",
        reason="policy",
        messages=Converter.items_to_messages(paused.to_input_list()),
        pending_actions=[
            {"tool_call_id": call.call_id, "name": call.name, "arguments": json.loads(call.arguments)}
            for call in paused.interruptions
        ],
        state={"data": paused.to_state().to_json()},
    )


def resume(handoff: str) -> str:
    case = desk.wait(handoff, format="openai_agents")
    desk.ack(case, "acknowledged", idempotency_key=str(uuid4()))  # from here on it is ours alone
    finished = asyncio.run(go_on(case.decision.state["data"], case.resume_with))
    desk.ack(case, "applied")
    return finished


async def go_on(state: dict[str, Any], answers: dict[str, Any]) -> str:
    """Answer each interruption, and let the call through that the model makes with edited arguments."""
    run = await RunState.from_json(support, state)
    edits = [answer["arguments"] for answer in answers.values() if answer["arguments"] is not None]
    while calls := run.get_interruptions():
        for call in calls:
            answer = answers.get(call.call_id) or by_edit(call, edits)
            if answer["approve"]:
                run.approve(call)
            else:
                run.reject(call, rejection_message=answer["rejection_message"])
        result = await Runner.run(support, run)
        run = result.to_state()
    return result.final_output


def by_edit(call: ToolApprovalItem, edits: list[Any]) -> dict[str, Any]:
    """Each edit lets one call through."""
    arguments = json.loads(call.arguments)
    if arguments not in edits:
        return {"approve": False, "rejection_message": "Nobody was asked about this call."}
    edits.remove(arguments)
    return {"approve": True}


main(hand_off, resume)

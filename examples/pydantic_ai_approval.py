"""Pydantic AI: a tool that requires approval defers its call, and a person decides about it at the desk."""

from uuid import uuid4

from pydantic import TypeAdapter
from pydantic_ai import Agent, DeferredToolRequests, DeferredToolResults, ModelMessagesTypeAdapter
from pydantic_ai.models.instrumented import InstrumentationSettings

from common import REQUEST, agent, desk, main
from fakes.pydantic import MODEL
from handrail_client import Case

support = Agent(MODEL, output_type=[str, DeferredToolRequests])  # yours: "openai:gpt-5"


@support.tool_plain(requires_approval=True)
def refund(order: str, amount: int) -> str:
    """Pay an order back."""
    print(f"refund {order} {amount}")
    return f"Refunded ${amount} for {order}."


def hand_off() -> Case:
    paused = support.run_sync(REQUEST)
    return desk.hand_off(
        agent=agent("pydantic-ai"),
        kind="approval",
        reason="policy",
        messages=InstrumentationSettings().messages_to_otel_messages(paused.all_messages()),
        pending_actions=[
            {"tool_call_id": call.tool_call_id, "name": call.tool_name, "arguments": call.args_as_dict()}
            for call in paused.output.approvals
        ],
        state={"data": ModelMessagesTypeAdapter.dump_python(paused.all_messages(), mode="json")},
    )


def resume(handoff: str) -> str:
    case = desk.wait(handoff, format="pydantic_ai")
    desk.ack(case, "acknowledged", idempotency_key=str(uuid4()))  # from here on it is ours alone
    finished = support.run_sync(
        message_history=ModelMessagesTypeAdapter.validate_python(case.decision.state["data"]),
        deferred_tool_results=TypeAdapter(DeferredToolResults).validate_python(case.resume_with),
    )
    desk.ack(case, "applied")
    return finished.output


main(hand_off, resume)

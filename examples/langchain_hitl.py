"""LangChain's human-in-the-loop middleware: people decide about its tool calls at the desk."""

import sqlite3
from uuid import uuid4

from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.messages import convert_to_openai_messages
from langchain_core.tools import tool
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command

from common import REQUEST, agent, desk, main
from fakes.langchain import Model
from handrail_client import Case


@tool
def refund(order: str, amount: int) -> str:
    """Pay an order back."""
    print(f"refund {order} {amount}")
    return f"Refunded ${amount} for {order}."


support = create_agent(
    Model(),  # yours: "openai:gpt-5"
    tools=[refund],
    middleware=[HumanInTheLoopMiddleware(interrupt_on={"refund": True})],
    checkpointer=SqliteSaver(sqlite3.connect("threads.sqlite", check_same_thread=False)),
)


def hand_off() -> Case:
    thread = {"configurable": {"thread_id": str(uuid4())}}
    paused = support.invoke({"messages": [{"role": "user", "content": REQUEST}]}, thread)
    calls = paused["messages"][-1].tool_calls
    [interrupt] = paused["__interrupt__"]
    return desk.hand_off(
        agent=agent("langchain"),
        kind="approval",
        reason="policy",
        messages=convert_to_openai_messages(paused["messages"]),
        pending_actions=[
            {
                "tool_call_id": call["id"],
                "name": call["name"],
                "arguments": call["args"],
                "input_schema": refund.tool_call_schema.model_json_schema(),
                "allowed_decisions": review["allowed_decisions"],
            }
            for call, review in zip(calls, interrupt.value["review_configs"], strict=True)
        ],
        metadata={"interrupts": {interrupt.id: [call["id"] for call in calls]}},
        state={"data": thread},
        idempotency_key=interrupt.id,
    )


def resume(handoff: str) -> str:
    case = desk.wait(handoff, format="langgraph")
    desk.ack(case, "acknowledged", idempotency_key=str(uuid4()))  # from here on it is ours alone
    thread = case.decision.state["data"]
    finished = support.invoke(Command(resume=case.resume_with), thread)
    desk.ack(case, "applied")
    return finished["messages"][-1].text


main(hand_off, resume)

"""A graph written for Agent Inbox: it asks by a `HumanInterrupt`, and takes a `HumanResponse`."""

import sqlite3
from uuid import uuid4

from langchain_core.messages import ToolMessage, convert_to_openai_messages
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt.interrupt import HumanResponse
from langgraph.types import Command, interrupt

from common import REQUEST, agent, desk, main
from fakes.langchain import Model
from handrail_client import Case

model = Model()  # yours: init_chat_model("openai:gpt-5").bind_tools([refund])


def refund(order: str, amount: int) -> str:
    """Pay an order back."""
    print(f"refund {order} {amount}")
    return f"Refunded ${amount} for {order}."


def think(state: MessagesState) -> MessagesState:
    """Let the model speak."""
    return {"messages": [model.invoke(state["messages"])]}


def act(state: MessagesState) -> MessagesState:
    """Ask a person about the call of the model, and carry out what they say."""
    [call] = state["messages"][-1].tool_calls
    config = {"allow_accept": True, "allow_edit": True, "allow_respond": True, "allow_ignore": True}
    request = {"action_request": {"action": call["name"], "args": call["args"]}, "config": config}
    response: HumanResponse = interrupt([request])[0]
    match response["type"]:
        case "accept":
            result = refund(**call["args"])
        case "edit":
            result = refund(**response["args"]["args"])
        case "response":
            result = response["args"]
        case _:
            result = "Nobody wants this call made. Say so, and stop."
    return {"messages": [ToolMessage(result, tool_call_id=call["id"])]}


graph = StateGraph(MessagesState)
graph.add_node("think", think)
graph.add_node("act", act)
graph.add_edge(START, "think")
graph.add_conditional_edges("think", lambda state: "act" if state["messages"][-1].tool_calls else END)
graph.add_edge("act", "think")
support = graph.compile(SqliteSaver(sqlite3.connect("threads.sqlite", check_same_thread=False)))


def hand_off() -> Case:
    thread = {"configurable": {"thread_id": str(uuid4())}}
    paused = support.invoke({"messages": [{"role": "user", "content": REQUEST}]}, thread)
    return desk.hand_off(
        agent=agent("langgraph"),
        kind="approval",
        reason="policy",
        messages=convert_to_openai_messages(paused["messages"]),
        pending_actions=[
            {"tool_call_id": call["id"], "name": call["name"], "arguments": call["args"]}
            for call in paused["messages"][-1].tool_calls
        ],
        state={"data": thread},
        idempotency_key=paused["__interrupt__"][0].id,
    )


def resume(handoff: str) -> str:
    case = desk.wait(handoff, format="agent_inbox")
    desk.ack(case, "acknowledged", idempotency_key=str(uuid4()))  # from here on it is ours alone
    thread = case.decision.state["data"]
    finished = support.invoke(Command(resume=case.resume_with), thread)
    desk.ack(case, "applied")
    return finished["messages"][-1].text


main(hand_off, resume)

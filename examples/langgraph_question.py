"""LangGraph's own `interrupt()`: a node asks a person something, and goes on with the answer."""

import sqlite3
from uuid import uuid4

from langchain_core.messages import AIMessage, convert_to_openai_messages
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.types import Command, interrupt

from common import REQUEST, agent, desk, main
from handrail_client import Case


def ask(state: MessagesState) -> MessagesState:
    """Ask a person at the desk."""
    answer = interrupt({"question": "May I refund $900 for order W100 without a photo?"})
    return {"messages": [AIMessage(f"I asked a colleague, who says: {answer}")]}


graph = StateGraph(MessagesState)
graph.add_node("ask", ask)
graph.add_edge(START, "ask")
graph.add_edge("ask", END)
support = graph.compile(SqliteSaver(sqlite3.connect("threads.sqlite", check_same_thread=False)))


def hand_off() -> Case:
    thread = {"configurable": {"thread_id": str(uuid4())}}
    paused = support.invoke({"messages": [{"role": "user", "content": REQUEST}]}, thread)
    [question] = paused["__interrupt__"]
    return desk.hand_off(
        agent=agent("langgraph"),
        kind="question",
        reason="policy",
        question=question.value["question"],
        messages=convert_to_openai_messages(paused["messages"]),
        metadata={"interrupts": {question.id: None}},  # it asks about no tool call
        state={"data": thread},
        idempotency_key=question.id,
    )


def resume(handoff: str) -> str:
    case = desk.wait(handoff, format="langgraph")
    desk.ack(case, "acknowledged", idempotency_key=str(uuid4()))  # from here on it is ours alone
    thread = case.decision.state["data"]
    finished = support.invoke(Command(resume=case.resume_with), thread)
    desk.ack(case, "applied")
    return finished["messages"][-1].text


main(hand_off, resume)

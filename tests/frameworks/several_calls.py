"""Run with the frameworks: pauses runs that want three calls, of which two need approval, and resumes them.

Of each run it writes which interrupt asks about which calls, reads what to resume with, and writes what each
call came to.
"""

import json
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command
from pydantic import TypeAdapter
from pydantic_ai import (
    Agent,
    DeferredToolRequests,
    DeferredToolResults,
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
)
from pydantic_ai.models.function import FunctionModel

CALLS = [
    {"id": "c1", "name": "refund", "args": {"amount": 900}},
    {"id": "c2", "name": "look_up", "args": {}},
    {"id": "c3", "name": "refund", "args": {"amount": 7}},
]
GATED = ["c1", "c3"]


def refund(amount: int) -> str:
    """Pay back."""
    return f"Refunded {amount}."


def look_up() -> str:
    """Look the order up."""
    return "It is there."


class Model(BaseChatModel):
    """Wants the three calls, then says nothing more."""

    def _generate(self, messages: Any, *args: Any, **kwargs: Any) -> ChatResult:
        answer = AIMessage("", tool_calls=CALLS if len(messages) == 1 else [])
        return ChatResult(generations=[ChatGeneration(message=answer)])

    def bind_tools(self, *args: Any, **kwargs: Any) -> "Model":
        return self

    @property
    def _llm_type(self) -> str:
        return "fake"


def ask(interrupts: dict[str, Any]) -> Any:
    print(json.dumps(interrupts), flush=True)
    return json.loads(input())


def run_langchain(mode: str) -> dict[str, Any]:
    approval = HumanInTheLoopMiddleware(
        interrupt_on={"refund": {"allowed_decisions": ["approve", "edit", "reject", "respond"]}},
        interrupt_mode=mode,
    )
    agent = create_agent(
        Model(), tools=[refund, look_up], middleware=[approval], checkpointer=InMemorySaver()
    )
    thread = {"configurable": {"thread_id": mode}}
    paused = agent.invoke({"messages": [{"role": "user", "content": "Go."}]}, thread)
    answer = ask({each.id: each.value.get("tool_call_id", GATED) for each in paused["__interrupt__"]})
    finished = agent.invoke(Command(resume=answer), thread)
    return {said.tool_call_id: said.text for said in finished["messages"] if said.type == "tool"}


def run_pydantic_ai() -> dict[str, Any]:
    wanted = [ToolCallPart(call["name"], call["args"], call["id"]) for call in CALLS]
    model = FunctionModel(
        lambda messages, _: ModelResponse(parts=wanted if len(messages) == 1 else [TextPart("Done.")])
    )
    agent = Agent(model, output_type=[str, DeferredToolRequests])
    agent.tool_plain(refund, requires_approval=True)
    agent.tool_plain(look_up)
    paused = agent.run_sync("Go.")
    answer = TypeAdapter(DeferredToolResults).validate_python(ask({}))
    finished = agent.run_sync(message_history=paused.all_messages(), deferred_tool_results=answer)
    parts = [part for message in finished.all_messages() for part in message.parts]
    return {part.tool_call_id: part.content for part in parts if isinstance(part, ToolReturnPart)}


for came_of in (lambda: run_langchain("batched"), lambda: run_langchain("per_call"), run_pydantic_ai):
    print(json.dumps(came_of()), flush=True)

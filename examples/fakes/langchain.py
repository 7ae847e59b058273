"""For LangChain and LangGraph."""

from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult


class Model(BaseChatModel):
    """Asks for a refund; whatever a tool answers is the last word."""

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        if messages[-1].type == "human":
            call = {"id": "call_1", "name": "refund", "args": {"order": "W100", "amount": 900}}
            answer = AIMessage("", tool_calls=[call])
        else:
            answer = AIMessage(f"The tool said: {messages[-1].text}")
        return ChatResult(generations=[ChatGeneration(message=answer)])

    def bind_tools(self, tools: Any, **kwargs: Any) -> "Model":
        return self

    @property
    def _llm_type(self) -> str:
        return "fake"

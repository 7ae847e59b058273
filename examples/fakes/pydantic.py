"""For Pydantic AI, by its own model for tests."""

from collections.abc import AsyncIterator

from pydantic_ai import ModelMessage, ModelResponse, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel

_ARGUMENTS = '{"order": "W100", "amount": 900}'


def _answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
    last = messages[-1].parts[-1]
    if isinstance(last, ToolReturnPart):
        return ModelResponse(parts=[TextPart(f"The tool said: {last.content}")])
    return ModelResponse(parts=[ToolCallPart("refund", _ARGUMENTS, "call_1")])


async def _stream(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
    for part in _answer(messages, info).parts:
        if isinstance(part, TextPart):
            yield part.content
        else:
            yield {0: DeltaToolCall("refund", _ARGUMENTS, tool_call_id="call_1")}


MODEL = FunctionModel(_answer, stream_function=_stream)

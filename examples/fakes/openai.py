"""For OpenAI Agents."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

from agents import Model, ModelResponse, Usage
from openai.types.responses import ResponseFunctionToolCall, ResponseOutputMessage, ResponseOutputText


class FakeModel(Model):
    """Asks for a refund, and again if it is told other arguments. What else a tool says is the last word."""

    async def get_response(self, system_instructions: Any, input: Any, **kwargs: Any) -> ModelResponse:
        said = input[-1].get("output") if isinstance(input, list) else None
        if said is None:
            answer = _call('{"order": "W100", "amount": 900}')
        elif said.startswith("A person changed the arguments"):
            answer = _call(said[said.index("{") :])
        else:
            answer = _text(f"The tool said: {said}")
        return ModelResponse(output=[answer], usage=Usage(), response_id=None)

    def stream_response(self, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        raise NotImplementedError


def _call(arguments: str) -> ResponseFunctionToolCall:
    return ResponseFunctionToolCall(
        type="function_call", call_id=f"call_{uuid4().hex}", name="refund", arguments=arguments
    )


def _text(words: str) -> ResponseOutputMessage:
    content = [ResponseOutputText(type="output_text", text=words, annotations=[])]
    return ResponseOutputMessage(
        id="message", type="message", role="assistant", status="completed", content=content
    )

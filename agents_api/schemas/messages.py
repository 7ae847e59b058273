"""Messages and tool calls in both forms. Keys of providers (`refusal`, `audio`, …) pass everywhere here."""

from typing import Annotated, Any, Literal, Required

from pydantic import ConfigDict, Discriminator, Field, Tag, with_config
from pydantic.config import JsonDict
from pydantic.types import JsonValue
from typing_extensions import TypedDict  # pydantic asks for this one before Python 3.12

Role = Literal["system", "developer", "user", "assistant", "tool", "function"]

_OPEN = ConfigDict(extra="allow", strict=True)
_TEXT_TYPES = ("text",)
_REASONING_TYPES = ("reasoning", "thinking")
_KNOWN_TYPES = (*_TEXT_TYPES, *_REASONING_TYPES, "tool_call", "tool_call_response")


def _of_type(*types: str) -> Any:
    words: JsonDict = {"enum": list(types)}
    return Field(json_schema_extra=words)


def _not_of_type(*types: str) -> Any:
    words: JsonDict = {"not": {"enum": list(types)}}
    return Field(json_schema_extra=words)


@with_config(_OPEN)
class Function(TypedDict, total=False):
    """The function of a tool call; `arguments` is JSON text in OpenAI's form, an object in others."""

    name: Required[str]
    arguments: JsonValue


@with_config(_OPEN)
class ToolCall(TypedDict, total=False):
    """A tool call as OpenAI's chat completions spell it."""

    id: str | None
    type: str
    function: Function


@with_config(_OPEN)
class ContentPart(TypedDict, total=False):
    """One part of a chat message's content; what else it has depends on its type."""

    type: Required[str]


def _content_kind(content: object) -> str | None:
    return {str: "(text)", list: "(parts)", type(None): "(none)"}.get(type(content))


Content = Annotated[
    Annotated[str, Tag("(text)")]
    | Annotated[list[ContentPart], Tag("(parts)")]
    | Annotated[None, Tag("(none)")],
    Discriminator(
        _content_kind,
        custom_error_type="content_type",
        custom_error_message="Content must be a string, a list of parts, or null.",
    ),
]


@with_config(_OPEN | ConfigDict(json_schema_extra={"not": {"required": ["parts"]}}))
class ChatMessage(TypedDict, total=False):
    """A message of OpenAI's chat completions."""

    role: Required[Role]
    content: Content
    name: str | None
    tool_calls: list[ToolCall] | None
    tool_call_id: str | None


@with_config(_OPEN)
class TextPart(TypedDict):
    type: Annotated[str, _of_type(*_TEXT_TYPES)]
    content: str


@with_config(_OPEN)
class ReasoningPart(TypedDict):
    type: Annotated[str, _of_type(*_REASONING_TYPES)]
    content: str


@with_config(_OPEN)
class ToolCallPart(TypedDict, total=False):
    type: Required[Annotated[str, _of_type("tool_call")]]
    id: str | None
    name: Required[str]
    arguments: JsonValue


@with_config(
    _OPEN | ConfigDict(json_schema_extra={"anyOf": [{"required": ["response"]}, {"required": ["result"]}]})
)
class ToolCallResponsePart(TypedDict, total=False):
    type: Required[Annotated[str, _of_type("tool_call_response")]]
    id: str | None
    response: JsonValue
    result: JsonValue


@with_config(_OPEN)
class OtherPart(TypedDict):
    """Binary data, files and whatever a provider adds; kept as it came."""

    type: Annotated[str, _not_of_type(*_KNOWN_TYPES)]


def _by_type(part: object) -> str:
    kind = part.get("type") if isinstance(part, dict) else None
    return _PART_TAGS.get(kind, "(part)") if isinstance(kind, str) else "(part)"


_PART_TAGS = {
    "text": "(text part)",
    "reasoning": "(reasoning part)",
    "thinking": "(reasoning part)",
    "tool_call": "(tool call part)",
    "tool_call_response": "(tool response part)",
}

Part = Annotated[
    Annotated[TextPart, Tag("(text part)")]
    | Annotated[ReasoningPart, Tag("(reasoning part)")]
    | Annotated[ToolCallPart, Tag("(tool call part)")]
    | Annotated[ToolCallResponsePart, Tag("(tool response part)")]
    | Annotated[OtherPart, Tag("(part)")],
    Discriminator(_by_type),
]


@with_config(_OPEN | ConfigDict(json_schema_extra={"not": {"required": ["content"]}}))
class TelemetryMessage(TypedDict):
    """A message of OpenTelemetry's semantic conventions for generative AI."""

    role: Role
    parts: list[Part]


def _by_form(message: object) -> str:
    return "(parts form)" if isinstance(message, dict) and "parts" in message else "(chat form)"


Message = Annotated[
    Annotated[ChatMessage, Tag("(chat form)")] | Annotated[TelemetryMessage, Tag("(parts form)")],
    Discriminator(_by_form),
]

# What pydantic puts into an error's location for the branch that it took; no part of the document.
BRANCHES = frozenset(
    {"(text)", "(parts)", "(none)", "(part)", "(chat form)", "(parts form)", "(name)", "(schema)"}
).union(_PART_TAGS.values())

"""What another agent sends: its envelope, and what becomes of it as a handoff or as a turn."""

import json
from typing import Annotated, Any, Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel
from pydantic.types import JsonValue

from agents_api.a2a import errors
from agents_api.a2a.errors import A2AError
from agents_api.auth import Caller
from agents_api.problems import Flaw, Problem
from agents_api.schemas.base import Line
from escalations.models import Kind, Reason

HISTORY_MAX = 100
PARTS_MAX = 100
_EXACT = 2**53
# What is longer stands in the conversation as a whole.
_QUESTION_MAX = 20_000


class _Envelope(BaseModel):
    """Fields in lowerCamelCase or as the definition of the protocol has them; others are passed over."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="ignore", strict=True, frozen=True
    )


class PartIn(_Envelope):
    text: str | None = None
    data: JsonValue = None
    url: Annotated[str, StringConstraints(max_length=2_000)] | None = None
    raw: str | None = None
    media_type: Line | None = None

    @property
    def has_data(self) -> bool:
        return "data" in self.model_fields_set


class MessageIn(_Envelope):
    message_id: Line
    parts: Annotated[list[PartIn], Field(min_length=1, max_length=PARTS_MAX)]
    context_id: Line | None = None
    task_id: str | None = None
    role: Literal["ROLE_USER", "ROLE_UNSPECIFIED"] = "ROLE_USER"

    @property
    def text(self) -> str:
        return "\n\n".join(part.text for part in self.parts if part.text)

    @property
    def as_a_turn(self) -> str:
        """All parts as one text: what a person reads in the conversation."""
        texts = [part.text or part.url or json.dumps(part.data, ensure_ascii=False) for part in self.parts]
        return "\n\n".join(texts)


class ConfigurationIn(_Envelope):
    history_length: Annotated[int, Field(ge=0)] | None = None
    return_immediately: bool = False
    task_push_notification_config: JsonValue = None


class SendIn(_Envelope):
    message: MessageIn
    configuration: ConfigurationIn = ConfigurationIn()


def check(sent: SendIn) -> None:
    """Refuse what the card does not offer.

    Raises:
        A2AError: bytes in a part, or an address for notifications.
    """
    if sent.configuration.task_push_notification_config is not None:
        raise A2AError(
            "PUSH_NOTIFICATION_NOT_SUPPORTED",
            "Register a webhook endpoint of your agent at the desk, or subscribe to the task.",
        )
    for number, part in enumerate(sent.message.parts):
        if part.raw is not None:
            words = "Files are not taken. Send a link to it as url."
            raise A2AError(
                "CONTENT_TYPE_NOT_SUPPORTED",
                words,
                status="INVALID_ARGUMENT",
                violations=[{"field": f"/message/parts/{number}/raw", "description": words}],
            )
        if part.text is None and part.url is None and not part.has_data:
            raise errors.invalid(
                "A part is empty.",
                [{"field": f"/message/parts/{number}", "description": "Send text, data or url."}],
            )


def handoff_of(caller: Caller, message: MessageIn) -> dict[str, Any]:
    """What `POST /handoffs` would take for a message that begins a task. Equal messages give equal bytes.

    Text is the question and a turn of the user, links are attachments, and data has fields of a handoff.
    """
    fields: dict[str, Any] = {}
    for part in message.parts:
        if part.has_data:
            if not isinstance(part.data, dict):
                raise Problem("invalid-request", errors=[Flaw("/message/parts", "data must be an object.")])
            fields |= _whole(part.data)
    asked = fields.get("agent")
    agent = {"version": "a2a", "framework": "a2a"} | (asked if isinstance(asked, dict) else {})
    links = [{"uri": part.url, "mime_type": part.media_type} for part in message.parts if part.url]
    kind = Kind.APPROVAL if fields.get("pending_actions") else Kind.QUESTION
    said = [{"role": "user", "content": message.text}] if message.text else []
    question = {"question": message.text[:_QUESTION_MAX]} if message.text else {}
    return (
        {"kind": kind.value, "reason": Reason.OTHER.value, "messages": said}
        | question
        | ({"attachments": links} if links else {})
        | fields
        | {"agent": {"name": caller.agent_name} | agent, "conversation_id": _context(caller, message)}
    )


def _context(caller: Caller, message: MessageIn) -> str:
    """The context that was named, or a new one that is the same for a repeated message."""
    if message.context_id:
        return message.context_id
    return str(uuid5(NAMESPACE_URL, f"{caller.agent_id} {message.message_id}"))


def _whole(value: Any) -> Any:
    """The same with 21 for 21.0: in the JSON of the protocol's own clients every number has a point."""
    if isinstance(value, dict):
        return {name: _whole(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_whole(each) for each in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    return value


def task_id_of(text: str) -> UUID:
    """The id of a task in an address or a message.

    Raises:
        A2AError: there can be no such task.
    """
    try:
        return UUID(text)
    except ValueError:
        raise errors.not_found() from None

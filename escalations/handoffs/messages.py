"""Conversations in one form.

Agents send OpenAI chat messages, or OpenTelemetry GenAI messages (`{role, parts[]}`), even mixed.
The desk shows, stores and exports the first form; `normalise` turns the second into it.

Sources: OpenAI chat completions, "messages"; OpenTelemetry semantic conventions for generative AI,
"input messages" and "output messages".
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

Message = dict[str, Any]

ROLES = ("system", "developer", "user", "assistant", "tool", "function")


class InvalidMessage(ValueError):
    """A message is in neither form.

    `pointer` is a JSON Pointer (RFC 6901) from the list of messages: `/3/parts/0/name`.
    """

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(f"{pointer}: {detail}")
        self.pointer = pointer
        self.detail = detail


def normalise(messages: list[Message]) -> list[Message]:
    """The same conversation as OpenAI chat messages.

    Returns the very list that was given when nothing in it had to change, so that the caller need
    not encode it again. One GenAI message may become several (each tool result is a message of
    its own): `positions` says which. Keys of providers are kept, tool calls of OpenAI messages
    stay as they came, and an id that was not given is not made up.

    Raises:
        InvalidMessage: a message is in neither form.
    """
    for index, message in enumerate(messages):
        _check(message, f"/{index}")
    if not any("parts" in message for message in messages):
        return messages
    return [turn for index, message in enumerate(messages) for turn in _as_chat(message, f"/{index}")]


def positions(messages: list[Message]) -> list[int]:
    """For each message as sent, the index of the first one that it became in `normalise(messages)`.

    Raises:
        InvalidMessage: a message is in neither form.
    """
    starts, count = [], 0
    for index, message in enumerate(messages):
        starts.append(count)
        count += len(_as_chat(message, f"/{index}"))
    return starts


def _check(message: Message, pointer: str) -> None:
    if not isinstance(message, dict):
        raise InvalidMessage(pointer, "A message must be an object.")
    if message.get("role") not in ROLES:
        raise InvalidMessage(f"{pointer}/role", f"The role must be one of {', '.join(ROLES)}.")
    if "parts" in message and "content" in message:
        raise InvalidMessage(f"{pointer}/content", "A message has either content or parts, not both.")


def _as_chat(message: Message, pointer: str) -> list[Message]:
    """The chat messages that one message becomes: itself unless it has parts."""
    if "parts" not in message:
        return [message]
    parts = list(_checked_parts(message["parts"], f"{pointer}/parts"))
    results = [_tool_message(part) for part in parts if part["type"] == "tool_call_response"]
    turn = _turn_without_results(message, parts)
    if results and len(turn) == 2 and turn["content"] is None:  # nothing but its role
        return results
    # Models want results right behind the calls: before what a user adds, after what an assistant said.
    return [turn, *results] if message["role"] == "assistant" else [*results, turn]


def _turn_without_results(message: Message, parts: list[Message]) -> Message:
    turn = {key: value for key, value in message.items() if key != "parts"}
    turn["content"] = _content([part for part in parts if part["type"] not in _MOVED])
    if calls := [_tool_call(part) for part in parts if part["type"] == "tool_call"]:
        turn["tool_calls"] = calls
    if thoughts := [part["content"] for part in parts if part["type"] in _REASONING]:
        turn["reasoning_content"] = "\n\n".join(thoughts)
    return turn


def _content(parts: list[Message]) -> str | list[Message] | None:
    """Plain text where there is only that; else a list, in which unknown parts stay as they came."""
    if not parts:
        return None
    if len(parts) == 1 and parts[0].keys() == {"type", "content"} and parts[0]["type"] == "text":
        return str(parts[0]["content"])
    return [_renamed(part, "content", "text") if part["type"] == "text" else part for part in parts]


def _tool_call(part: Message) -> Message:
    call = _without(part, "type", "name", "arguments")
    return call | {
        "type": "function",
        "function": {"name": part["name"], "arguments": _text(part.get("arguments", {}))},
    }


def _tool_message(part: Message) -> Message:
    result = part["response"] if "response" in part else part["result"]
    message = {"role": "tool", "tool_call_id": part.get("id"), "content": _text(result)}
    if message["tool_call_id"] is None:
        del message["tool_call_id"]
    return message | _without(part, "type", "id", "response", "result")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _without(part: Message, *keys: str) -> Message:
    return {key: value for key, value in part.items() if key not in keys}


def _renamed(part: Message, old: str, new: str) -> Message:
    return {new if key == old else key: value for key, value in part.items()}


# --- checks -----------------------------------------------------------------------------

_REASONING = frozenset({"reasoning", "thinking"})
_MOVED = _REASONING | {"tool_call", "tool_call_response"}


def _checked_parts(parts: Any, pointer: str) -> Iterator[Message]:
    if not isinstance(parts, list):
        raise InvalidMessage(pointer, "parts must be a list.")
    for index, part in enumerate(parts):
        here = f"{pointer}/{index}"
        if not isinstance(part, dict) or not isinstance(part.get("type"), str):
            raise InvalidMessage(here, "A part must be an object with a type.")
        if check := _PART_CHECKS.get(part["type"]):
            check(part, here)
        yield part


def _needs_text(key: str) -> Callable[[Message, str], None]:
    def check(part: Message, pointer: str) -> None:
        if not isinstance(part.get(key), str):
            raise InvalidMessage(f"{pointer}/{key}", f"A {part['type']} part needs {key} as a string.")

    return check


def _needs_result(part: Message, pointer: str) -> None:
    if "response" not in part and "result" not in part:
        raise InvalidMessage(f"{pointer}/response", "A tool_call_response part needs a response.")


_PART_CHECKS: dict[str, Callable[[Message, str], None]] = {
    "text": _needs_text("content"),
    "reasoning": _needs_text("content"),
    "thinking": _needs_text("content"),
    "tool_call": _needs_text("name"),
    "tool_call_response": _needs_result,
}

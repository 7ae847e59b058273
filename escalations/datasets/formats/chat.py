"""OpenAI chat messages and tool definitions, reduced to what training files take."""

import json
from math import isfinite
from typing import Any

Message = dict[str, Any]

_KEYS = {
    "assistant": ("content", "name", "refusal", "tool_calls"),
    "tool": ("content", "name", "tool_call_id"),
}
_OTHER_KEYS = ("content", "name")
_NO_PARAMETERS: dict[str, Any] = {"type": "object", "properties": {}}


def message(turn: Message) -> Message:
    """The turn with the keys that its role may have; reasoning and providers' extras are left out.

    `content` is always there (empty where the turn had none), the other keys only where they say something.
    """
    role = turn["role"]
    kept = {key: turn[key] for key in _KEYS.get(role, _OTHER_KEYS) if turn.get(key)}
    if "tool_calls" in kept:
        kept["tool_calls"] = [_call(call) for call in kept["tool_calls"]]
    return {"role": role, "content": ""} | kept


def with_arguments(call: dict[str, Any], arguments: Any) -> dict[str, Any]:
    """The tool call with other arguments; None leaves it as it is."""
    if arguments is None:
        return call
    return call | {"function": call["function"] | {"arguments": as_text(arguments)}}


def with_objects(turn: Message) -> Message:
    """The turn with tool arguments as objects, as TRL wants them.

    Text that is no JSON object stays text: it is what the agent wrote, and chat templates can show it.
    """
    if "tool_calls" not in turn:
        return turn
    return turn | {"tool_calls": [with_object(call) for call in turn["tool_calls"]]}


def with_object(call: dict[str, Any]) -> dict[str, Any]:
    """The tool call with its arguments as an object, where they are one."""
    text = call["function"]["arguments"]
    parsed = _parsed(text)
    return call | {"function": call["function"] | {"arguments": parsed if isinstance(parsed, dict) else text}}


def tool(name: str, description: str | None, parameters: Any) -> dict[str, Any]:
    """An OpenAI tool definition. All have the same keys; a tool without a schema takes any object."""
    return {
        "type": "function",
        "function": {
            "name": name,
            "description": description or "",
            "parameters": parameters if isinstance(parameters, dict) else _NO_PARAMETERS,
        },
    }


def tools(declared: Any) -> list[dict[str, Any]]:
    """Tool definitions out of what an agent sent along: OpenAI's form, or `{name, description, …schema}`.

    Agents may put anything there, so what is neither is passed over.
    """
    if not isinstance(declared, list):
        return []
    bodies = [entry.get("function", entry) for entry in declared if isinstance(entry, dict)]
    return [
        tool(body["name"], _text_or_none(body.get("description")), _schema(body))
        for body in bodies
        if isinstance(body, dict) and isinstance(body.get("name"), str)
    ]


def canonical(turn: Message) -> str:
    """Equal for turns that say and do the same, however their arguments are written."""
    calls = [(call["function"]["name"], _parsed(call["function"]["arguments"])) for call in _calls(turn)]
    return json.dumps([turn.get("content") or "", calls], sort_keys=True)


def words(turn: Message) -> str:
    """The turn as plain text: who says it, what, and the calls with their arguments."""
    said = [plain(turn.get("content"))]
    called = [f"{call['function']['name']}({call['function']['arguments']})" for call in _calls(turn)]
    return f"{turn['role']}: " + "\n".join(filter(None, [*said, *called]))


def parts(content: Any) -> list[dict[str, Any]]:
    """The parts of a content; text alone is one part, no content none."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return [part for part in content or [] if isinstance(part, dict)]


def plain(content: Any) -> str:
    """The words of a content; what is no text is named in brackets."""
    return "\n".join(
        str(part.get("text") or "") if part.get("type") == "text" else f"[{part.get('type')}]"
        for part in parts(content)
    )


def as_text(value: Any) -> str:
    """JSON text; text stays as it is."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _call(call: dict[str, Any]) -> dict[str, Any]:
    function = call.get("function") or {}
    kept = {
        "type": "function",
        "function": {
            "name": function.get("name", ""),
            "arguments": as_text(function.get("arguments", {})),
        },
    }
    return {"id": call["id"]} | kept if call.get("id") else kept


def _calls(turn: Message) -> list[dict[str, Any]]:
    return [_call(call) for call in turn.get("tool_calls") or []]


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError):
        return text


def _finite(text: str) -> float:
    """What Python reads as a number and JSON does not have: NaN, infinities, numbers as large as those."""
    number = float(text)
    if not isfinite(number):
        raise ValueError(f"{text} is no JSON number")
    return number


def _schema(body: dict[str, Any]) -> Any:
    return body.get("parameters") or body.get("input_schema") or body.get("inputSchema")


def _text_or_none(value: Any) -> str | None:
    return value if isinstance(value, str) else None

"""An evaluation set for Inspect: `inspect_ai.dataset.json_dataset(…)`, nothing else said.

Source: Inspect documentation, "Datasets", fields of a sample; and its classes of chat messages.
"""

from typing import Any

from escalations.datasets.formats import chat
from escalations.datasets.formats.example import Example
from escalations.datasets.formats.jsonl import Layout, Row

_ROLES = {"developer": "system", "function": "tool"}
_CHAT_KEYS: Row = {"tool_calls": None, "tool_call_id": None, "function": None}


def row(example: Example) -> dict[str, Any] | None:
    """`{id, input, target, metadata}`: the conversation, the turn that would have been right, what to check.

    The target is empty where a person only wrote what must and must not happen. None where there is neither.
    """
    taught, labels = example.taught, example.labels
    if not example.may_train or not (taught or labels.must or labels.must_not):
        return None
    return {
        "id": str(example.resolution.id),
        "input": _messages(example.prompt),
        "target": "" if taught is None else _target(taught),
        "metadata": {
            "failure_mode": labels.failure_primary,
            "must": labels.must,
            "must_not": labels.must_not,
            "split": example.split,
        },
    }


def _target(taught: dict[str, Any]) -> str:
    """The turn without its role: words, then calls as JSON."""
    calls = [_call(call) for call in taught.get("tool_calls", ())]
    named = [chat.as_text({"function": call["function"], "arguments": call["arguments"]}) for call in calls]
    return "\n".join(filter(None, [chat.plain(taught["content"]), *named]))


def _messages(turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The turns as Inspect's chat messages. Its tool messages name the function of the call they answer."""
    called: dict[str, str] = {}
    found = []
    for turn in turns:
        for call in turn.get("tool_calls", ()):
            called[call.get("id", "")] = call["function"]["name"]
        found.append(_message(turn, called))
    return found


def _message(turn: dict[str, Any], called: dict[str, str]) -> dict[str, Any]:
    role = _ROLES.get(turn["role"], turn["role"])
    message = {"role": role, "content": _content(turn["content"])}
    if "tool_calls" in turn:
        message["tool_calls"] = [_call(call) for call in turn["tool_calls"]]
    if role == "tool":
        answered = turn.get("tool_call_id")
        message |= {"tool_call_id": answered, "function": called.get(answered or "", turn.get("name"))}
    return message


def _call(call: dict[str, Any]) -> dict[str, Any]:
    """`arguments` must be an object: what is none stands in one, with the error named."""
    function = chat.with_object(call)["function"]
    arguments = function["arguments"]
    made = {"id": call.get("id", ""), "type": "function", "function": function["name"]}
    if isinstance(arguments, dict):
        return made | {"arguments": arguments}
    return made | {"arguments": {"text": arguments}, "parse_error": "The arguments are no JSON object."}


def _content(content: Any) -> Any:
    """Text, or the parts that Inspect knows; of others their type in brackets."""
    if isinstance(content, str):
        return content
    return [_part(part) for part in chat.parts(content)]


def _part(part: dict[str, Any]) -> dict[str, Any]:
    address = part.get("image_url")
    if part.get("type") == "image_url" and isinstance(address, dict) and isinstance(address.get("url"), str):
        return {"type": "image", "image": address["url"]}
    return {"type": "text", "text": chat.plain([part])}


def _spelled_out(row: Row) -> Row:
    return row | {"input": [_CHAT_KEYS | message for message in row["input"]]}


# Lists that are empty at first would settle as lists of nothing.
LAYOUT = Layout(
    leading=(lambda row: row["metadata"]["must"], lambda row: row["metadata"]["must_not"]),
    spelled_out=_spelled_out,
)

"""What the agent goes on with: its structured state, which a person may put right."""

from collections.abc import Mapping
from typing import Any

from operators.difference import pretty_json
from operators.forms import json_text
from operators.forms.actions import EDITABLE

_SHAPE: dict[str, type] = {"facts": dict, "decisions": list, "preferences": dict, "summary": str}
_CALLED: dict[type, str] = {dict: "an object", list: "a list", str: "a text"}


def context_text(payload: Mapping[str, Any]) -> str:
    """The state as the agent sent it, as indented JSON: where an edit starts. Empty if too long for one."""
    text = pretty_json(_sent(payload))
    return text if len(text) <= EDITABLE else ""


def read_context(text: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of the state that `text` changes.

    Raises:
        NotJson: it is no JSON, or not the state of an agent.
    """
    if not text.strip():
        return {}
    state = json_text.parse(text)
    if not isinstance(state, dict) or set(state) - set(_SHAPE):
        raise json_text.NotJson(f"It must be an object with {', '.join(_SHAPE)} and nothing else.")
    for name, value in state.items():
        if not isinstance(value, _SHAPE[name]):
            raise json_text.NotJson(f"“{name}” must be {_CALLED[_SHAPE[name]]}.")
    sent = _sent(payload)
    return {name: value for name, value in state.items() if value != sent[name]}


def _sent(payload: Mapping[str, Any]) -> dict[str, Any]:
    context = payload.get("context") or {}
    sent = {name: context.get(name) or kind() for name, kind in _SHAPE.items() if name != "summary"}
    return sent | {"summary": payload.get("summary") or ""}

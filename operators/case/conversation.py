"""A transcript as the case page shows it: turns, tool calls folded with what came back, faults named.

Nothing here is trusted: texts are clipped, and the templates escape or sanitise them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from escalations.policy.triggers import Trigger
from escalations.validation.tool_faults import ToolFault, classify, is_broken

Message = dict[str, Any]

TEXT_LIMIT = 8_000
_OUTCOME_LENGTH = 72
_ARGUMENTS_LENGTH = 48
_BROKEN_SHOWN = 5
_SPOKEN_SHOWN = 200
_WHO = {
    "user": gettext_lazy("customer"),
    "system": gettext_lazy("instructions"),
    "developer": gettext_lazy("instructions"),
    "tool": gettext_lazy("tool"),
}


@dataclass(frozen=True)
class Text:
    """What of a text is shown, and how many characters are not."""

    shown: str
    hidden: int


@dataclass
class ToolCall:
    """One call, and its answer once it is known. `at` is the place of the answer's message."""

    name: str
    arguments: str
    result: str | None = None
    at: int | None = None

    @cached_property
    def found(self) -> ToolFault | None:
        """What is wrong with the answer; only asked once all answers are in their places."""
        return None if self.result is None else classify(self.result)

    @property
    def fault(self) -> str | None:
        """The same in words."""
        return self.found.words if self.found else None

    @property
    def is_broken(self) -> bool:
        return is_broken(self.fault)

    @property
    def summary(self) -> str:
        """The call on one line: name, arguments, outcome."""
        outcome = _("no answer yet") if self.result is None else self.fault or _outcome(self.result)
        return f"{self.name}({_short_arguments(self.arguments)}) → {outcome}"

    @property
    def answer(self) -> Text:
        return clip(self.result or "")

    @property
    def sent(self) -> Text:
        return clip(self.arguments)


@dataclass
class Turn:
    """One message of the conversation, and the calls that were made in it.

    `at` is its place among the messages, `number` its place among the turns, counted from 1; `first_error`
    marks where the first failing step happened. `steps` are those that happened in it, counted from 0.
    """

    at: int
    number: int
    role: str
    who: str
    content: str
    reasoning: str = ""
    calls: list[ToolCall] = field(default_factory=list)
    first_error: bool = False
    steps: list[int] = field(default_factory=list)

    @property
    def text(self) -> Text:
        return clip(self.content)

    @property
    def folded(self) -> bool:
        """Instructions are long and the same each time."""
        return self.role in ("system", "developer")


def clip(text: str, limit: int = TEXT_LIMIT) -> Text:
    """The start of `text`, and how much is left out."""
    return Text(text[:limit], max(0, len(text) - limit))


def turns(messages: Sequence[Message], *, agent: str, first_error: int | None = None) -> list[Turn]:
    """The conversation with each tool answer put under its call.

    `first_error` is the place of the message at which the first failing step happened.
    """
    shown: list[Turn] = []
    unanswered: dict[str, ToolCall] = {}
    for at, message in enumerate(messages):
        role = str(message["role"])
        if role in ("tool", "function") and (call := unanswered.pop(_call_id(message), None)):
            call.result, call.at = content_text(message), at
        else:
            turn = _turn(at, len(shown) + 1, message, role, agent)
            unanswered |= {id_: call for id_, call in zip(_call_ids(message), turn.calls, strict=True) if id_}
            shown.append(turn)
        if at == first_error:
            shown[-1].first_error = True
    return shown


def content_text(message: Message) -> str:
    """The content of an OpenAI chat message as text; what is no text is named, never loaded."""
    content = message.get("content")
    if content is None:
        return str(message.get("refusal") or "")
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return json.dumps(content, ensure_ascii=False)
    return "\n\n".join(map(_part_text, content))


def broken_calls(shown: Sequence[Turn]) -> list[tuple[str, ToolFault]]:
    """The tools that did not work, in the order of their answers, each with what was wrong."""
    calls = [call for turn in shown for call in turn.calls]
    return [(call.name, call.found) for call in calls if call.found and call.is_broken]


def spoken(shown: Sequence[Turn]) -> list[tuple[int, str]]:
    """What the agent said, turn by turn, the newest of it: the place of the message, and how it begins."""
    own = [turn for turn in shown if turn.role == "assistant"][-_SPOKEN_SHOWN:]
    lines = [turn.content or "; ".join(call.name for call in turn.calls) for turn in own]
    return [
        (turn.at, f"{turn.number} {_one_line(line, _ARGUMENTS_LENGTH)}")
        for turn, line in zip(own, lines, strict=True)
    ]


def tools_called(shown: Sequence[Turn]) -> list[str]:
    """The tools that were called, each once."""
    return list(dict.fromkeys(call.name for turn in shown for call in turn.calls))


def broken_tools(shown: Sequence[Turn]) -> list[Trigger]:
    """The tools that did not work, each with what was wrong and the turn where it was first."""
    found: dict[tuple[str, str], list[Turn]] = {}
    for turn in shown:
        for call in turn.calls:
            if call.is_broken:
                found.setdefault((call.name, str(call.fault)), []).append(turn)
    return [
        Trigger("tool", name, _came_back(fault, where), where[0].at)
        for (name, fault), where in list(found.items())[:_BROKEN_SHOWN]
    ]


def turn_at(shown: Sequence[Turn], at: int) -> Turn | None:
    """The turn that the message at this place is part of: its own, or that of the call it answers."""
    for turn in reversed(shown):
        if turn.at <= at:
            return turn
    return None


def _came_back(fault: str, turns: Sequence[Turn]) -> str:
    words = {
        1: gettext_lazy("came back with %(fault)s, in turn %(number)s"),
        2: gettext_lazy("came back with %(fault)s, twice, first in turn %(number)s"),
        3: gettext_lazy("came back with %(fault)s, three times, first in turn %(number)s"),
    }.get(len(turns), gettext_lazy("came back with %(fault)s, %(times)s times, first in turn %(number)s"))
    return str(words) % {"fault": fault, "times": len(turns), "number": turns[0].number}


def _turn(at: int, number: int, message: Message, role: str, agent: str) -> Turn:
    calls = [_tool_call(call) for call in message.get("tool_calls") or []]
    text = content_text(message)
    if role in ("tool", "function"):
        # An answer to no call that we know of is shown as a call of its own.
        calls, text = [ToolCall(str(message.get("name") or "tool"), "", text, at)], ""
    return Turn(
        at=at,
        number=number,
        role=role,
        who=str(_WHO.get(role, agent)),
        content=text,
        reasoning=str(message.get("reasoning_content") or ""),
        calls=calls,
    )


def _tool_call(call: Message) -> ToolCall:
    function = call.get("function") or call.get("custom") or {}
    arguments = function.get("arguments", function.get("input", ""))
    return ToolCall(str(function.get("name", "tool")), _scalar(arguments))


def _call_id(message: Message) -> str:
    return str(message.get("tool_call_id") or "")


def _call_ids(message: Message) -> list[str]:
    if message["role"] in ("tool", "function"):
        return [""]
    return [str(call.get("id") or "") for call in message.get("tool_calls") or []]


def _part_text(part: Any) -> str:
    if not isinstance(part, dict):
        return str(part)
    for key in ("text", "refusal"):
        if isinstance(part.get(key), str):
            return str(part[key])
    kind = str(part.get("type", "part")).replace("_", " ")
    url = (part.get("image_url") or {}).get("url") if isinstance(part.get("image_url"), dict) else None
    return f"[{kind}: {url[:200]}]" if isinstance(url, str) else f"[{kind}]"


def _short_arguments(arguments: str) -> str:
    """The values of the arguments, as far as they fit on the line."""
    values = _small_json(arguments)
    if isinstance(values, dict):
        arguments = ", ".join(_scalar(value) for value in values.values())
    return _one_line(arguments, _ARGUMENTS_LENGTH)


def _outcome(result: str) -> str:
    """What came back, on one line: the first plain values of an object, or how many things a list has."""
    value = _small_json(result)
    if isinstance(value, list):
        return ngettext("%(count)s item", "%(count)s items", len(value)) % {"count": len(value)}
    if isinstance(value, dict):
        plain = {name: item for name, item in value.items() if not isinstance(item, dict | list)}
        result = ", ".join(f"{name} {_scalar(plain[name])}" for name in list(plain)[:3]) or ", ".join(value)
    return _one_line(result, _OUTCOME_LENGTH)


def _small_json(text: str) -> Any:
    """`text` as JSON, or None where it is none or too long to read for the sake of one line."""
    if len(text) > TEXT_LIMIT or not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _scalar(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _one_line(text: str, length: int) -> str:
    line = " ".join(text[: 4 * length].split())
    return line if len(line) <= length else line[: length - 1] + "…"

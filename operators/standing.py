"""What an action would change: its arguments as they stand today, told by tools and by the agent's facts.

Conservative: an answer counts only if it is about the same thing, which an identifier in both says, and
values count as different only if they are of one kind.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from operators.conversation import ToolCall, Turn

_ANSWERS, _READABLE = 50, 32_000
# Words about a call, not about the thing that it changes.
_NOT_STATE = {
    "code",
    "description",
    "error",
    "errors",
    "idempotency_key",
    "message",
    "note",
    "reason",
    "type",
}
_DATE_OR_AMOUNT = re.compile(r"\d{4}-\d\d-\d\d.*|\W*\d+([.,]\d+)*\W*")


@dataclass(frozen=True)
class Source:
    """Something that was said about the world; `said` names it, `at` is the place of its turn.

    `about` are the arguments of the call that was answered; None where it is about the whole case.
    """

    values: Mapping[str, Any]
    said: str
    at: int | None = None
    about: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Standing:
    """One argument as it stands today, and who says so."""

    name: str
    value: Any
    said: str
    at: int | None = None


def sources(payload: Mapping[str, Any], turns: Iterable[Turn] = ()) -> list[Source]:
    """Sound answers of tools, the latest first, then the agent's facts."""
    calls = [(turn, call) for turn in turns for call in turn.calls if call.result is not None]
    found = [source for turn, call in reversed(calls[-_ANSWERS:]) if (source := _answer(turn, call))]
    facts = (payload.get("context") or {}).get("facts")
    return [*found, Source(facts, _("the agent’s facts say"))] if facts else found


def standing(arguments: Mapping[str, Any], told: Sequence[Source]) -> list[Standing]:
    """The arguments that are otherwise today, in their order. The first source that names one is believed."""
    found = []
    for name, value in arguments.items():
        source = next((each for each in told if _tells(each, name, arguments)), None)
        if source and _differs(source.values[name], value):
            found.append(Standing(name, source.values[name], source.said, source.at))
    return found


def _answer(turn: Turn, call: ToolCall) -> Source | None:
    if call.fault or len(call.result or "") > _READABLE:
        return None
    result = _as_object(call.result)
    if len(result) == 1 and isinstance(inner := next(iter(result.values())), dict):
        result = inner
    said = _("%(tool)s answered in turn %(number)s") % {"tool": call.name, "number": turn.number}
    return Source(result, said, turn.at, _as_object(call.arguments)) if result else None


def _as_object(text: str | None) -> dict[str, Any]:
    try:
        value = json.loads(text or "")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _tells(source: Source, name: str, arguments: Mapping[str, Any]) -> bool:
    if name not in source.values or name in _NOT_STATE:
        return False
    if source.about is None:
        return True
    return any(
        key != name and _identifies(value) and value in (source.about.get(key), source.values.get(key))
        for key, value in arguments.items()
    )


def _identifies(value: Any) -> bool:
    """Whether two things that share this value are the same thing: an identifier, no amount and no date."""
    if isinstance(value, str):
        has_sign = any(sign.isdigit() or sign == "@" for sign in value)
        return len(value) >= 3 and has_sign and not _DATE_OR_AMOUNT.fullmatch(value)
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1000


def _differs(there: Any, here: Any) -> bool:
    if there is None or here is None or there == here:
        return False
    if isinstance(there, dict | list) or isinstance(here, dict | list):
        return type(there) is type(here)
    numbers = _number(there), _number(here)
    if None not in numbers:
        return numbers[0] != numbers[1]
    if isinstance(there, str) and isinstance(here, str):
        return _says_otherwise(there.casefold().split(), here.casefold().split())
    return isinstance(there, str) == isinstance(here, str)


def _says_otherwise(there: list[str], here: list[str]) -> bool:
    """One word against several may be a name against a number; a part of the other is the same thing."""
    if (len(there) > 1) != (len(here) > 1):
        return False
    longer, shorter = sorted((" ".join(there), " ".join(here)), key=len, reverse=True)
    return shorter not in longer


def _number(value: Any) -> Decimal | None:
    """The number that a value is or spells, such as "$1,204.50"."""
    if isinstance(value, bool):
        return None
    try:
        return Decimal(str(value).strip(" $€£").replace(",", ""))
    except InvalidOperation:
        return None

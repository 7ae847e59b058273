"""What an action would change: its arguments as they stand today, told by the agent, by tools or by facts.

What the agent states of an argument is believed as it is. The rest is read out of answers, conservatively:
one counts only if it is about the same thing, which an identifier in both says, and values count as different
only if they are of one kind.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from operators.case.conversation import ToolCall, Turn

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
# Words that turn what stands beside them into its contrary.
_CONTRARY = {"cannot", "never", "no", "non", "not", "without"}
_SIGNS = "$€£¥"
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


def standing(
    arguments: Mapping[str, Any], told: Sequence[Source], stated: Mapping[str, Any] | None = None
) -> list[Standing]:
    """The arguments that are otherwise today, in their order.

    `stated` is what the agent says of them with the action; it wins over the first source that names one.
    """
    found, stated = [], stated or {}
    for name, value in arguments.items():
        if name in stated:
            if _spelt(stated[name]) != _spelt(value):
                found.append(Standing(name, stated[name], _("the agent says")))
            continue
        source = next((each for each in told if _tells(each, name, arguments)), None)
        if source and _differs(source.values[name], value):
            found.append(Standing(name, source.values[name], source.said, source.at))
    return found


def _spelt(value: Any) -> str:
    """A value as text, so that 1 is not true, and the order of names does not matter."""
    return json.dumps(value, sort_keys=True)


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
    amounts = _amount(there), _amount(here)
    if amounts[0] and amounts[1]:
        return not _same_amount(*amounts[0], *amounts[1])
    if isinstance(there, str) and isinstance(here, str):
        return _says_otherwise(_words(there), _words(here))
    return isinstance(there, str) == isinstance(here, str)


def _says_otherwise(there: list[str], here: list[str]) -> bool:
    """Whether two texts say different things.

    They do not if one is the other with more words around it, none of which has a digit or says the contrary.
    An identifier may also stand before words about it, or be the number of what the other names.
    """
    shorter, longer = sorted((there, here), key=len)
    if len(shorter) == 1 < len(longer):
        is_before = _identifies(shorter[0]) and longer[0] == shorter[0]
        return not is_before and not (_has_digit(shorter) and not _has_digit(longer))
    size = len(shorter)
    places = range(len(longer) - size + 1)
    rests = [longer[:at] + longer[at + size :] for at in places if longer[at : at + size] == shorter]
    return not any(not _has_digit(rest) and _CONTRARY.isdisjoint(rest) for rest in rests)


def _words(text: str) -> list[str]:
    return [word for part in text.casefold().split() if (word := part.strip(".,;:"))]


def _has_digit(words: Iterable[str]) -> bool:
    return any(sign.isdigit() for word in words for sign in word)


def _amount(value: Any) -> tuple[str, Decimal] | None:
    """The currency's sign and the number that a value is or spells, such as "$1,204.50"; no "007"."""
    text = str(value).strip()
    number = text.strip(f" {_SIGNS}").replace(",", "")
    if isinstance(value, bool) or re.match(r"-?0\d", number):
        return None
    try:
        found = Decimal(number)
    except InvalidOperation:
        return None
    return ("".join(sign for sign in text if sign in _SIGNS), found) if found.is_finite() else None


def _same_amount(there_sign: str, there: Decimal, here_sign: str, here: Decimal) -> bool:
    return there == here and (there_sign == here_sign or not there_sign or not here_sign)

"""What the case page shows beside the conversation: steps, gauges, what is known, attachments."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import zip_longest
from typing import Any

from django.utils.translation import gettext as _

from escalations.models import Checkpoint, Escalation, Fault
from escalations.policy.triggers import Gauge, first_failed_step, gauges, has_failed
from escalations.validation import schema_words
from escalations.wording import number
from operators.case.conversation import Text, clip
from operators.rendering.difference import pretty_json
from operators.rendering.formatting import duration, money

_SHOWN = 200
_VALUE_LENGTH = 2_000
_ERROR_LENGTH = 500
_BRIEF_LENGTH = 60


@dataclass(frozen=True)
class Step:
    """One step of the run. `tone` is "bad" for the first that failed, "off" for those built on it.

    Where it is not to be told which was the first, "bad" is each that failed.

    `error` is what its checkpoint said; `at` the place of its turn, None where that is not known.
    """

    number: int
    name: str
    note: str
    tone: str
    error: str = ""
    at: int | None = None


@dataclass(frozen=True)
class Meter:
    """A gauge with its budget, as `<meter>` and in words."""

    name: str
    value: float
    most: float | None
    text: str

    @property
    def low(self) -> float:
        return 0.7 * (self.most or 0)

    @property
    def high(self) -> float:
        return 0.9 * (self.most or 0)


@dataclass(frozen=True)
class Known:
    """The agent's structured state."""

    facts: list[tuple[str, Text]]
    decisions: list[Text]
    preferences: list[tuple[str, Text]]

    def __bool__(self) -> bool:
        return bool(self.facts or self.decisions or self.preferences)

    @property
    def brief(self) -> list[tuple[str, str]]:
        """What fits on a pill, each with what kind of thing it is."""
        return [(name, value.shown) for name, value in self._all if _is_brief(value)]

    @property
    def long(self) -> list[tuple[str, Text]]:
        """What needs room."""
        return [(name, value) for name, value in self._all if not _is_brief(value)]

    @property
    def _all(self) -> list[tuple[str, Text]]:
        decided = [(_("decided"), decision) for decision in self.decisions]
        preferred = [(_("prefers %(name)s") % {"name": name}, value) for name, value in self.preferences]
        return [*self.facts, *decided, *preferred]


def steps(
    payload: Mapping[str, Any],
    places: Sequence[int | None] = (),
    checkpoint: Checkpoint | None = None,
    *,
    is_blind: bool = False,
) -> list[Step]:
    """The steps in order, each with what a person must know of it; `places` are those of their turns.

    `checkpoint` is the one that opened the case: it stands at its step, where that does not tell itself.
    Who must not be led (`is_blind`) is told what failed, not which error was the first.
    """
    failed = None if is_blind else first_failed_step(payload)
    sent = (payload.get("steps") or [])[:_SHOWN]
    shown = [
        _step(index, step, failed, at)
        for index, (step, at) in enumerate(zip_longest(sent, places[: len(sent)]))
    ]
    if checkpoint is None:
        return shown
    return _checked(shown, sent, checkpoint, is_first=failed is None and not is_blind, is_blind=is_blind)


def meters(case: Escalation) -> list[Meter]:
    """What the run used, against its budgets."""
    return [Meter(gauge.name, gauge.value, gauge.budget, _gauge_text(gauge)) for gauge in gauges(case)]


def known(payload: Mapping[str, Any]) -> Known:
    """Facts, decisions and preferences as texts."""
    context = payload.get("context") or {}
    return Known(
        facts=_pairs(context.get("facts") or {}),
        decisions=[_value(decision) for decision in (context.get("decisions") or [])[:_SHOWN]],
        preferences=_pairs(context.get("preferences") or {}),
    )


def pairs(values: Mapping[str, Any]) -> list[tuple[str, Text]]:
    """The entries of an object as names and texts, as many as a page can bear."""
    return _pairs(values)


def suggestions(
    payload: Mapping[str, Any], *, is_blind: bool = False
) -> list[tuple[Text, Text, float | None]]:
    """The agent's drafts: words, tool calls as JSON, and how sure it was, unless who looks must not know."""
    return [
        (
            _value(draft.get("content") or ""),
            clip(pretty_json(draft["tool_calls"]) if draft.get("tool_calls") else ""),
            None if is_blind else draft.get("confidence"),
        )
        for draft in (payload.get("suggestions") or [])[:_SHOWN]
    ]


def _is_brief(value: Text) -> bool:
    return not value.hidden and len(value.shown) <= _BRIEF_LENGTH and "\n" not in value.shown


def _step(index: int, step: Mapping[str, Any], failed: int | None, at: int | None) -> Step:
    tone = "bad" if has_failed(step) else ""
    if failed is not None and index > failed:
        tone, note = "off", _("built on step %(number)s") % {"number": failed + 1}
    else:
        words = [_took(step), _verdict(step), _("first error") if index == failed else ""]
        note = " · ".join(filter(None, words))
    errors = (step.get("checkpoint") or {}).get("errors") or []
    error = schema_words.told(errors[0])[:_ERROR_LENGTH] if errors and tone == "bad" else ""
    return Step(index + 1, str(step.get("name", "")), note, tone, error, at)


def _checked(
    shown: list[Step],
    sent: Sequence[Mapping[str, Any]],
    checkpoint: Checkpoint,
    *,
    is_first: bool,
    is_blind: bool,
) -> list[Step]:
    named = [index for index, step in enumerate(sent) if step.get("name") == checkpoint.step]
    if named and "checkpoint" in sent[named[-1]]:
        return shown
    at = named[-1] if named else len(shown)
    known = shown[at] if named else Step(at + 1, checkpoint.step, "", "")
    told = [_("checkpoint failed"), _fault(checkpoint), _("first error") if is_first else ""]
    errors = [schema_words.told(error) for error in checkpoint.errors[:1]]
    step = replace(
        known,
        note=" · ".join(filter(None, [known.note, *told])),
        tone="bad" if is_first or is_blind else known.tone,
        error="".join(errors)[:_ERROR_LENGTH],
    )
    after = shown[at + 1 :]
    if is_first:
        built_on = _("built on step %(number)s") % {"number": at + 1}
        after = [replace(later, note=built_on, tone="off") for later in after]
    return [*shown[:at], step, *after]


def _fault(checkpoint: Checkpoint) -> str:
    status = f" ({checkpoint.http_status})" if (checkpoint.http_status or 0) >= 400 else ""
    return str(Fault(checkpoint.fault).label) + status


def _verdict(step: Mapping[str, Any]) -> str:
    checkpoint = step.get("checkpoint")
    if checkpoint is not None:
        return _("checkpoint passed") if checkpoint.get("passed") else _("checkpoint failed")
    status = step.get("status")
    return "" if status in (None, "ok") else str(status)


def _took(step: Mapping[str, Any]) -> str:
    try:
        started, ended = (datetime.fromisoformat(step[key]) for key in ("started_at", "ended_at"))
        return duration((ended - started).total_seconds())
    except (KeyError, TypeError, ValueError):  # not given, or in a form that pydantic reads and Python not
        return ""


def _gauge_text(gauge: Gauge) -> str:
    words = _amount(gauge.value, gauge.unit)
    return words if gauge.budget is None else f"{words} / {_budget(gauge.budget, gauge.unit)}"


def _amount(value: float, unit: str) -> str:
    if unit == "$":
        return money(value)
    return _time(value) if unit == " s" else number(value)


def _time(seconds: float) -> str:
    """To the second up to an hour: against a budget, 203 s are not the same as 180 s."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if 0 < minutes < 60 and rest else duration(seconds)


def _budget(value: float, unit: str) -> str:
    whole_thousands = unit == " tokens" and value >= 1000 and value % 1000 == 0
    return f"{number(value / 1000)}k" if whole_thousands else _amount(value, unit)


def _pairs(values: Mapping[str, Any]) -> list[tuple[str, Text]]:
    return [(str(name), _value(value)) for name, value in list(values.items())[:_SHOWN]]


def _value(value: Any) -> Text:
    return clip(value if isinstance(value, str) else pretty_json(value), _VALUE_LENGTH)


def attachments(payload: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """What the agent refers to. Never loaded: a person may choose to follow the address."""
    return (payload.get("attachments") or [])[:_SHOWN]

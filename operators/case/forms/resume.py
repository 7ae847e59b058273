"""What the agent restarts from: its structured state, as rows that a person puts right before handing back.

A value is written as JSON where it is no text, and as itself where it is one: `gold`, `42`, `["a", "b"]`. A
text that would be read as something else stands in quotes: `"42"`.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from operators.fields import json_text

# In a submitted form it says that the rows were part of it: an empty list is one that was emptied.
MARK = "resume"
_ROWS_MAX = 100
_LENGTH_MAX = 20_000
_JSON_STARTS = ("{", "[", '"')
Pair = tuple[str, str]


class ResumePacket:
    """The rows of a packet: as `typed` where they were, else of `start`.

    `sent` is the state as the agent sent it. `start` is the same, or what an earlier decision on the case
    made of it.
    """

    def __init__(
        self, *, sent: Mapping[str, Any], start: Mapping[str, Any], typed: MultiValueDict[str, str] | None
    ) -> None:
        self._sent = sent
        self._before = _rows(start)
        self.is_editable = _is_editable(start, self._before)
        self.is_typed = self.is_editable and typed is not None and MARK in typed
        rows = _typed_rows(typed) if typed is not None and self.is_typed else self._before
        self.facts, self.decisions, self.preferences, self.summary = rows

    @property
    def is_edited(self) -> bool:
        """Whether the rows say something else than where they started."""
        return (self.facts, self.decisions, self.preferences, self.summary) != self._before

    @property
    def text(self) -> str:
        """All rows on lines of their own, for reading."""
        pairs = [f"{name}: {value}" for name, value in [*self.facts, *self.preferences]]
        return "\n".join([*pairs, *self.decisions, *([self.summary] if self.summary else [])])

    def read(self) -> tuple[dict[str, Any], list[str]]:
        """The parts of the state that the rows change, and what is wrong with them, in words."""
        if not self.is_typed:
            return {}, []
        flaws: list[str] = []
        state = {
            "facts": _object(self.facts, flaws),
            "decisions": [_value(text, flaws) for text in self.decisions],
            "preferences": _object(self.preferences, flaws),
            "summary": self.summary,
        }
        changed = {name: value for name, value in state.items() if not _same(value, self._sent[name])}
        return changed, flaws


def shown(value: Any) -> str:
    """A value as its row shows it; `_value` reads it back to the same."""
    if not isinstance(value, str) or _reads_otherwise(value):
        return json.dumps(value, ensure_ascii=False)
    return value


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: to Python, 1 and true are the same."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _reads_otherwise(text: str) -> bool:
    # Browsers drop a first line break of a text field, and write all of them their own way.
    if text.startswith((*_JSON_STARTS, "\n")) or "\r" in text:
        return True
    try:
        json_text.parse(text)
    except json_text.NotJson:
        return False
    return True


def _value(text: str, flaws: list[str]) -> Any:
    try:
        return json_text.parse(text)
    except json_text.NotJson as error:
        if text.startswith(_JSON_STARTS):
            flaw = _("“%(text)s” is not JSON: %(error)s Put it in quotes if it is meant as words.")
            flaws.append(flaw % {"text": text[:40], "error": error})
        return text


def _object(pairs: Iterable[Pair], flaws: list[str]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for name, text in pairs:
        if not name:
            flaws.append(_("“%(text)s” has no name.") % {"text": text[:40]})
        elif name in read:
            flaws.append(_("“%(name)s” stands there twice.") % {"name": name})
        read[name] = _value(text, flaws)
    return read


_Rows = tuple[list[Pair], list[str], list[Pair], str]


def _rows(state: Mapping[str, Any]) -> _Rows:
    return (
        [(str(name), shown(value)) for name, value in state["facts"].items()],
        [_filled(shown(value)) for value in state["decisions"]],
        [(str(name), shown(value)) for name, value in state["preferences"].items()],
        _text(state["summary"]),
    )


def _filled(text: str) -> str:
    """An empty row is none, so a text of nothing but spaces needs its quotes."""
    return text if text.strip() else json.dumps(text, ensure_ascii=False)


def _typed_rows(typed: MultiValueDict[str, str]) -> _Rows:
    def pairs(kind: str) -> list[Pair]:
        names = [_text(name).strip() for name in typed.getlist(f"{kind}-name")]
        values = [_text(value) for value in typed.getlist(f"{kind}-value")]
        return [pair for pair in zip(names, values, strict=False) if any(pair)]

    decisions = [text for each in typed.getlist("decided") if (text := _text(each)).strip()]
    return pairs("fact"), decisions, pairs("preference"), _text(typed.get("resume-summary", ""))


def _text(typed: Any) -> str:
    return str(typed).replace("\0", "").replace("\r\n", "\n")


def _is_editable(state: Mapping[str, Any], rows: _Rows) -> bool:
    """Whether rows can hold the state: not too much, and no name that a text field would change."""
    facts, decisions, preferences, summary = rows
    pairs = [*facts, *preferences]
    length = sum(map(len, [*(part for pair in pairs for part in pair), *decisions, summary]))
    is_plain = all(name and name == name.strip() and name.isprintable() for name, _ in pairs)
    is_kept = summary == state["summary"] and not summary.startswith("\n")
    return len(pairs) + len(decisions) <= _ROWS_MAX and length <= _LENGTH_MAX and is_plain and is_kept

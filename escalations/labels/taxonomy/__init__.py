"""What the labels mean on this desk: its own words for the failure modes, and which codes are offered.

A taxonomy is never changed, because labels point at the one that they were given under; a change is a new
number. It holds only what differs from what is built in (`builtin`), so the desk starts without one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.functional import Promise

from escalations.labels.taxonomy import builtin
from escalations.labels.taxonomy.builtin import CODES, Code
from escalations.models import FailureMode, Operator, Taxonomy
from escalations.numbered import save_next
from escalations.transitions import decisions
from escalations.transitions.errors import Flaw

TITLE_MAX, MEANING_MAX, EXAMPLES_MAX = 60, 2_000, 20
# What can always be said.
ALWAYS_ON = (FailureMode.OTHER, FailureMode.NONE)
_TEXT = {"type": "string", "pattern": "^[^\\x00]*$"}
_MODE: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "title": {**_TEXT, "maxLength": TITLE_MAX},
        "meaning": {**_TEXT, "maxLength": MEANING_MAX},
        "examples": {"type": "array", "maxItems": EXAMPLES_MAX, "items": {**_TEXT, "maxLength": MEANING_MAX}},
        "on": {"type": "boolean"},
    },
}
# What a taxonomy may hold: `modes` by the value of `FailureMode`, `codes` those that are offered.
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "modes": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                mode: _MODE
                if mode not in ALWAYS_ON
                else {**_MODE, "properties": {**_MODE["properties"], "on": {"const": True}}}
                for mode in FailureMode.values
            },
        },
        "codes": {"type": "array", "uniqueItems": True, "items": {"enum": [code.value for code in CODES]}},
    },
}


@dataclass(frozen=True)
class Mode:
    """A failure mode as this desk has it. Lazy texts are those that are built in."""

    value: str
    title: str | Promise
    meaning: str | Promise
    examples: tuple[str, ...]
    is_on: bool


@dataclass(frozen=True)
class Meanings:
    """What a taxonomy says: all modes in their order, and the codes that are offered."""

    number: int
    modes: tuple[Mode, ...]
    codes: tuple[Code, ...]

    def title(self, mode: str) -> str:
        """How a mode is called here."""
        return next((str(one.title) for one in self.modes if one.value == mode), mode)


def in_force() -> Taxonomy | None:
    """The newest taxonomy; None while the built-in meanings hold."""
    return Taxonomy.objects.first()


@lru_cache(maxsize=32)
def meanings(taxonomy_id: int | None = None) -> Meanings:
    """What a taxonomy says; without one, what is built in. Rows never change, so this is read once."""
    found = Taxonomy.objects.get(pk=taxonomy_id) if taxonomy_id else None
    return said_by(found.content if found else {}, found.number if found else 0)


def said_by(content: Mapping[str, Any], number: int = 0) -> Meanings:
    """What the content of a taxonomy amounts to, with what is built in where it says nothing."""
    own = content.get("modes", {})
    offered = content.get("codes", [code.value for code in CODES if code.is_offered])
    return Meanings(
        number=number,
        modes=tuple(_mode(mode, own.get(mode, {})) for mode in FailureMode),
        codes=tuple(code for code in CODES if code.value in offered),
    )


def save(content: Mapping[str, Any], *, note: str, operator: Operator | None, based_on: int) -> Taxonomy:
    """Bring other meanings into force, under the next number. `based_on` is the number that was in force.

    Raises:
        Outdated: it is in force no longer; nothing was saved.
        ValueError: `content` does not fit `SCHEMA`.
    """
    if found := flaws(content):
        raise ValueError(found)
    return save_next(Taxonomy, {"content": dict(content)}, note=note, operator=operator, based_on=based_on)


def flaws(content: Any) -> list[Flaw]:
    """Where `content` is not what a taxonomy may hold."""
    return decisions.schema_flaws(content, SCHEMA, "")


def _mode(mode: FailureMode, own: Mapping[str, Any]) -> Mode:
    return Mode(
        value=mode.value,
        title=own.get("title") or mode.label,
        meaning=own.get("meaning") or builtin.MEANINGS[mode],
        examples=tuple(own.get("examples", ())),
        is_on=own.get("on", True),
    )

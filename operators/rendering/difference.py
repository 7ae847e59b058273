"""JSON as people read it, and what changed between two versions of it, line by line."""

import json
import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any

# Invisible and direction-changing characters: an argument must not look like another one.
_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
# Comparing costs the product of both lengths; past this the two are shown one after the other.
_COMPARABLE = 4_000_000
# What is longer is folded, with a way to see it.
_LINE_SHOWN = 400
_SAME_SHOWN, _AROUND, _UNCHANGED_SHOWN = 16, 4, 60


@dataclass(frozen=True)
class Line:
    """One line: its sign, what is shown of it at once, and the rest."""

    sign: str
    shown: str
    rest: str = ""


@dataclass(frozen=True)
class Chunk:
    """Lines that are shown together; `folded` ones only when somebody asks."""

    lines: list[Line]
    folded: bool = False


def pretty_json(value: Any) -> str:
    """`value` indented by two; a string that holds JSON is read first, any other stays as it is.

    Invisible and bidirectional control characters are spelt out as escapes.
    """
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return _spell_out(value)
    return _spell_out(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def diff_lines(before: Any, after: Any) -> list[tuple[str, str]]:
    """The lines of both values as `(sign, text)`, the sign one of " ", "-" and "+".

    Without a `before` nothing has changed yet. Keys keep the order of `before`: moving one is no change.
    """
    new = pretty_json(_ordered_like(before, after)).splitlines()
    if before is None:
        return [(" ", line) for line in new]
    old = pretty_json(before).splitlines()
    if len(old) * len(new) > _COMPARABLE:
        return [("-", line) for line in old] + [("+", line) for line in new]
    lines: list[tuple[str, str]] = []
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if tag == "equal":
            lines += [(" ", line) for line in old[old_from:old_to]]
        else:
            lines += [("-", line) for line in old[old_from:old_to]]
            lines += [("+", line) for line in new[new_from:new_to]]
    return lines


def chunks(lines: list[tuple[str, str]]) -> list[Chunk]:
    """The lines with long ones clipped, and long stretches where nothing changes folded."""
    cut = [Line(sign, text[:_LINE_SHOWN], text[_LINE_SHOWN:]) for sign, text in lines]
    if all(line.sign == " " for line in cut):
        return _kept([Chunk(cut[:_UNCHANGED_SHOWN]), Chunk(cut[_UNCHANGED_SHOWN:], folded=True)])
    found: list[Chunk] = []
    for is_same, run in groupby(cut, key=lambda line: line.sign == " "):
        together = list(run)
        found += _folded(together) if is_same else [Chunk(together)]
    return found


def _folded(same: list[Line]) -> list[Chunk]:
    if len(same) <= _SAME_SHOWN:
        return [Chunk(same)]
    return [Chunk(same[:_AROUND]), Chunk(same[_AROUND:-_AROUND], folded=True), Chunk(same[-_AROUND:])]


def _kept(found: list[Chunk]) -> list[Chunk]:
    return [chunk for chunk in found if chunk.lines]


def _spell_out(text: str) -> str:
    return _INVISIBLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _ordered_like(pattern: Any, value: Any) -> Any:
    if not (isinstance(pattern, dict) and isinstance(value, dict)):
        return value
    known = {key: _ordered_like(pattern[key], value[key]) for key in pattern if key in value}
    return known | {key: item for key, item in value.items() if key not in pattern}

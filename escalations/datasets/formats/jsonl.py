"""Rows as JSON Lines that keep their column types: docs/decisions/0007.

Loaders take the types of all rows from the first ones (the `datasets` library from the first 10 MB).
Tool arguments and schemas have no common type, so the first rows are made to differ in their keys,
by which `datasets` stores these objects as JSON and not as structs, whatever comes later.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any
from uuid import UUID

Row = dict[str, Any]
NumberedRows = Iterable[tuple[UUID, Row]]

CHAT_KEYS: Row = {"content": "", "name": None, "tool_calls": None, "tool_call_id": None}
_INT64 = range(-(2**63), 2**63)
# No shorter number is beyond 64 bits.
_LONG_NUMBER = re.compile(r"\d{19}")


@dataclass(frozen=True)
class Layout:
    """What comes first in a file, so that loaders see the types of all that follows.

    `leading` are conditions: for each the first row that meets it goes to the front (for one that stands
    there twice, the first two). `spelled_out` gives a row keys that other rows leave out.
    """

    leading: Sequence[Callable[[Row], object]] = ()
    spelled_out: Callable[[Row], Row] = lambda row: row


def lines(rows: Callable[[], NumberedRows], layout: Layout) -> Iterator[bytes]:
    """Each row as a line: those that `layout` wants in front, then the others in the order of `rows`.

    Of those in front all but the last are spelled out, and the first in any case. `rows` is called twice
    where any are wanted in front, because they may stand anywhere; nothing is kept but them.
    """
    head = _head(rows(), layout.leading) if layout.leading else {}
    spelled = max(1, len(head) - 1)
    rest = (row for number, row in rows() if number not in head)
    for index, row in enumerate(chain(head.values(), rest)):
        yield encode(layout.spelled_out(row) if index < spelled else row)


def has_tools(row: Row) -> object:
    """Whether there is a tool whose schema can settle the type of `tools`."""
    return row["tools"]


def chat_layout(*columns: str) -> Layout:
    """For rows with `tools` and columns of chat messages, in which `null` may stand for a missing key."""

    def spelled_out(row: Row) -> Row:
        chats = {column: [CHAT_KEYS | message for message in row[column]] for column in columns}
        return row | chats | {"tools": spelled_out_tools(row["tools"])}

    return Layout(leading=(has_tools, has_tools), spelled_out=spelled_out)


def spelled_out_tools(tools: list[Row]) -> list[Row]:
    """The tool definitions with the optional key that others leave out."""
    return [tool | {"function": {"strict": False} | tool["function"]} for tool in tools]


def encode(row: Row) -> bytes:
    """One line of UTF-8 JSON; see `as_json`."""
    return as_json(row).encode() + b"\n"


def as_json(value: Any) -> str:
    """JSON that every column can hold.

    Integers beyond 64 bits become floats; lone surrogates, which UTF-8 cannot carry, question marks.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if _LONG_NUMBER.search(text):
        text = json.dumps(_with_loadable_numbers(value), ensure_ascii=False, allow_nan=False)
    return text.encode(errors="replace").decode()


def _head(rows: NumberedRows, leading: Sequence[Callable[[Row], object]]) -> Mapping[UUID, Row]:
    """The first rows that meet the conditions, in the order of the conditions."""
    wanted = dict(enumerate(leading))
    found: list[tuple[int, UUID, Row]] = []
    for number, row in rows:
        met = {condition: at for at, condition in reversed(wanted.items()) if condition(row)}.values()
        if met:
            found.append((min(met), number, row))
            wanted = {at: condition for at, condition in wanted.items() if at not in met}
        if not wanted:
            break
    return {number: row for _, number, row in sorted(found, key=lambda each: each[0])}


def _with_loadable_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_loadable_numbers(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_loadable_numbers(inner) for inner in value]
    if isinstance(value, int) and value not in _INT64:
        return float(value)
    return value

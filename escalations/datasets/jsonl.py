"""Rows as JSON Lines that keep their column types: docs/decisions/0007.

Loaders take the types of all rows from the first ones (the `datasets` library from the first 10 MB).
Tool arguments and schemas have no common type, so the first two rows are made to differ in their keys,
by which `datasets` stores these objects as JSON and not as structs, whatever comes later.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Any
from uuid import UUID

Row = dict[str, Any]
NumberedRows = Iterable[tuple[UUID, Row]]

_CHAT_COLUMNS = ("prompt", "chosen", "rejected")
_CHAT_KEYS: Row = {"content": "", "name": None, "tool_calls": None, "tool_call_id": None}
_INT64 = range(-(2**63), 2**63)


def lines(rows: Callable[[], NumberedRows]) -> Iterator[bytes]:
    """Each row as a line. Two rows that have tools come first, the others in the order of `rows`.

    `rows` is called twice, because the two may stand anywhere; nothing is kept but them.
    """
    head = list(islice(((number, row) for number, row in rows() if row["tools"]), 2))
    numbers = {number for number, _ in head}
    rest = ((number, row) for number, row in rows() if number not in numbers)
    for index, (_, row) in enumerate(chain(head, rest)):
        yield encode(row if index else spelled_out(row))


def spelled_out(row: Row) -> Row:
    """The row with every optional key written out, which gives its objects other keys than those of the next.

    OpenAI messages stay as they are: there agent turns alone have a `weight`, so they differ by themselves.
    """
    chats = {
        column: [_CHAT_KEYS | message for message in row[column]] for column in _CHAT_COLUMNS if column in row
    }
    tools = [tool | {"function": {"strict": False} | tool["function"]} for tool in row["tools"]]
    return row | chats | {"tools": tools}


def encode(row: Row) -> bytes:
    """One line of UTF-8 JSON. Lone surrogates, which UTF-8 cannot carry, become question marks."""
    text = json.dumps(_with_loadable_numbers(row), ensure_ascii=False, allow_nan=False)
    return text.encode(errors="replace") + b"\n"


def _with_loadable_numbers(value: Any) -> Any:
    """Integers beyond 64 bits, which no column can hold, become floats."""
    if isinstance(value, dict):
        return {key: _with_loadable_numbers(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_loadable_numbers(inner) for inner in value]
    if isinstance(value, int) and value not in _INT64:
        return float(value)
    return value

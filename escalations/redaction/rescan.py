"""A second look at what is about to leave, which trusts nothing of the first."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from escalations.redaction.recognisers import find, whole


@dataclass(frozen=True)
class Hit:
    """Something personal that is still there. Says which kind and where (a JSON Pointer), never what."""

    pointer: str
    kind: str


def hits(value: Any, pointer: str = "") -> Iterator[Hit]:
    """All that is recognised in a JSON value: in its texts, keys and numbers, and in texts that are JSON."""
    if isinstance(value, dict):
        for key, inner in value.items():
            escaped = key.replace("~", "~0").replace("/", "~1")
            yield from (Hit(pointer, found.kind) for found in find(key))
            yield from hits(inner, f"{pointer}/{escaped}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from hits(inner, f"{pointer}/{index}")
    elif isinstance(value, str):
        yield from _in_text(value, pointer)
    elif isinstance(value, int | float) and not isinstance(value, bool) and (found := whole(str(value))):
        yield Hit(pointer, found.kind)


def _in_text(text: str, pointer: str) -> Iterator[Hit]:
    if text[:1] in ("{", "["):
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            document = None
        if isinstance(document, dict | list):
            yield from hits(document, pointer)
            return
    yield from (Hit(pointer, found.kind) for found in find(text))

"""A second look at what is about to leave, which trusts nothing of the first."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from escalations.redaction.recognisers import find, whole
from escalations.redaction.told import document, objects


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
    if (all_of_it := document(text)) is not None:
        yield from hits(all_of_it, pointer)
        return
    found = [Hit(pointer, each.kind) for each in find(text)]
    yield from found
    inside = (hit for inner in objects(text).values() for hit in hits(inner, pointer))
    yield from (hit for hit in inside if hit.kind not in {each.kind for each in found})

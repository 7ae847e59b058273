"""What Python reads as JSON and JSON is not, or leaves open, and where in a body it stands.

Bodies are read by a decoder that stops at the first such thing and does not know where it is. A body that was
refused so is read once more here, by one that leaves a mark there and goes on.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from math import isfinite
from typing import Any

from agents_api.problems import ERRORS_MAX, Flaw, pointer

_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
Location = tuple[int | str, ...]
_SURROGATE = "half a character (a lone surrogate) is no text"


class NotJson(ValueError):
    """What Python's decoder would let pass."""


class _Mark(str):
    """Stands in a document for what is wrong there, and says it."""

    __slots__ = ()


def strictly(text: str) -> Any:
    """The document in `text`.

    Raises:
        NotJson: a key stands twice in one object, or a number is none.
        json.JSONDecodeError: it is not JSON.
    """
    return _STRICT.decode(text)


def flaws(text: str) -> list[Flaw]:
    """Where `text`, which was refused as `NotJson`, is none; nothing if it has worse faults further on."""
    try:
        document = _MARKING.decode(text)
    except (ValueError, RecursionError):
        return []
    return [
        Flaw(pointer(location), str(value))
        for location, value in islice(_leaves(document, _Mark), ERRORS_MAX)
    ]


def half_characters(raw: bytes, document: Any) -> list[Flaw]:
    """Where in the document in `raw` a text holds a surrogate without its other half."""
    if not _HALF.search(raw) or not _is_half(json.dumps(document, ensure_ascii=False)):
        return []
    places = (location for location, text in _leaves(document, str) if _is_half(text))
    # A key and its value, or two keys of an object, may stand at one place.
    return [Flaw(pointer(place), _SURROGATE) for place in islice(dict.fromkeys(places), ERRORS_MAX)]


def _is_half(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _leaves(document: Any, kind: type[str]) -> Iterator[tuple[Location, str]]:
    """All texts of a kind in a document with where they stand: a key at its object.

    Goes down by iterators, so that it holds no more than one for each level at a time.
    """
    levels: list[Iterator[tuple[Location, Any]]] = [iter([((), document)])]
    while levels:
        for location, value in levels[-1]:
            if isinstance(value, kind):
                yield location, value
            if isinstance(value, dict):
                yield from ((location, key) for key in value if isinstance(key, kind))
            if isinstance(value, dict | list):
                levels.append(_items(location, value))
                break
        else:
            levels.pop()


def _items(location: Location, value: dict[str, Any] | list[Any]) -> Iterator[tuple[Location, Any]]:
    items: Iterable[tuple[int | str, Any]] = value.items() if isinstance(value, dict) else enumerate(value)
    return (((*location, step), item) for step, item in items)


def _twice(key: str) -> str:
    return f"the key {key!r} stands twice in one object"


def _too_large(text: str) -> str:
    return f"the number {text[:20]} is too large"


def _no_number(text: str) -> str:
    return f"{text} is no JSON number"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        [(key, _)] = Counter(key for key, _ in pairs).most_common(1)
        raise NotJson(_twice(key))
    return document


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise NotJson(_too_large(text))
    return number


def _no_constant(text: str) -> Any:
    raise NotJson(_no_number(text))


def _marked_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        counted = Counter(key for key, _ in pairs)
        document |= {key: _Mark(_twice(key)) for key, count in counted.items() if count > 1}
    return document


def _marked_number(text: str) -> float | _Mark:
    number = float(text)
    return number if isfinite(number) else _Mark(_too_large(text))


_STRICT = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_finite, parse_constant=_no_constant)
_MARKING = json.JSONDecoder(
    object_pairs_hook=_marked_object,
    parse_float=_marked_number,
    parse_constant=lambda text: _Mark(_no_number(text)),
)

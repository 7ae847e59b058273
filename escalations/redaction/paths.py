"""The JSONPaths by which agents name what is private: names, indexes and wildcards."""

import re
from collections.abc import Iterator
from typing import Any

_STEP = re.compile(
    r"(?P<all>\.\*|\[\*\])|\.(?P<name>[^.\[\]*]+)|\[(?P<index>\d+)\]|\[(?P<quote>['\"])(?P<key>.*?)(?P=quote)\]"
)


class UnreadablePath(ValueError):
    """A path is of a kind that is not read here, so what it hides is not known."""


def values_at(payload: Any, path: str) -> list[Any]:
    """All values at a path that starts with `$`.

    Raises:
        UnreadablePath: it has more than names, indexes and wildcards.
    """
    places, at = [payload], 1
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            raise UnreadablePath(path)
        places = [value for place in places for value in _below(place, step)]
        at = step.end()
    return places


def leaves(value: Any) -> Iterator[str]:
    """All texts and numbers in a document, as text."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from leaves(item)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield str(value)


def _below(place: Any, step: re.Match[str]) -> Iterator[Any]:
    if step["all"]:
        yield from place.values() if isinstance(place, dict) else place if isinstance(place, list) else ()
    elif step["index"]:
        if isinstance(place, list) and int(step["index"]) < len(place):
            yield place[int(step["index"])]
    elif isinstance(place, dict) and (name := step["name"] or step["key"]) in place:
        yield place[name]

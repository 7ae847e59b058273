"""How much of what an agent proposed an edit changed: the normalised Levenshtein distance.

Own code, not a library: with Python's long integers as bit vectors it is ten lines, and 5,000 characters
against 5,000 others take some 50 ms; `difflib` takes seconds for that, and measures something else.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

# What lies between the first and the last difference is compared up to so many characters; beyond that it
# counts as written anew.
COMPARED = 5_000


def canonical(value: Any) -> str:
    """A JSON value as text that does not depend on the order of keys, nor on spaces."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def changed(pairs: Iterable[tuple[str, str]]) -> float:
    """From 0, nothing changed, to 1: the distances of all pairs of texts ÷ the lengths of the longer ones."""
    distance = length = 0
    for before, after in pairs:
        distance += levenshtein(before, after)
        length += max(len(before), len(after))
    return distance / length if length else 0.0


def levenshtein(before: str, after: str) -> int:
    """How many characters must be added, dropped or replaced to get from one text to the other.

    Source: H. Hyyrö, "A bit-vector algorithm for computing Levenshtein and Damerau edit distances", 2003.
    """
    before, after = _without_what_is_alike(before, after)
    length = len(before)
    if not length or not after or max(length, len(after)) > COMPARED:
        return max(length, len(after))
    places: dict[str, int] = defaultdict(int)
    for place, character in enumerate(before):
        places[character] |= 1 << place
    full, last, distance = (1 << length) - 1, 1 << (length - 1), length
    # A column of the table as differences between its neighbours: where it grows, and where it falls.
    up, down = full, 0
    for character in after:
        alike = places.get(character, 0)
        diagonal = (((alike & up) + up) ^ up) | alike | down
        across_up = down | (full & ~(diagonal | up))
        across_down = up & diagonal
        distance += bool(across_up & last) - bool(across_down & last)
        across_up, across_down = across_up << 1 | 1, across_down << 1
        up = (across_down | ~(diagonal | across_up)) & full
        down = across_up & diagonal & full
    return distance


def _without_what_is_alike(one: str, other: str) -> tuple[str, str]:
    """Without the beginning and the end that both have in common."""
    shorter = min(len(one), len(other))
    start = next((at for at in range(shorter) if one[at] != other[at]), shorter)
    rest = shorter - start
    end = next((at for at in range(rest) if one[-1 - at] != other[-1 - at]), rest)
    return one[start : len(one) - end], other[start : len(other) - end]

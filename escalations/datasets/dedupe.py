"""Which rows say the same again, and which nearly do.

Exactly: by the SHA-256 of the redacted row as canonical JSON. Nearly: by MinHash (Broder 1997) over the last
user turn and the sequence of tools, as sets of words in a row; alike is a Jaccard index of 0.85 or more.
"""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import BinaryIO

    import numpy as np

    Numbers = np.ndarray[Any, Any]

ALIKE = 0.85
# Permutations, and how they are cut into bands: rows that share one band are compared. Of those that are
# alike 99.4% do: 1 - (1 - 0.85^8)^16.
PERMUTATIONS, BANDS = 128, 16
# Compared in a band with so many rows before: many equal rows must not cost the square of their number.
_LOOKED_BACK = 8
_BYTES, _ROWS_AT_ONCE = 4 * PERMUTATIONS, 10_000
# The key of a signature of zeros.
_NOTHING = 0
_WORD = re.compile(r"\w+")
_SHINGLE = 3


def shingles(messages: Sequence[dict[str, Any]], proposal: dict[str, Any] | None) -> set[str]:
    """What a row is compared by; empty where nobody asked and nothing was called."""
    turns = [*messages, *([proposal] if proposal else [])]
    asked = next((turn for turn in reversed(messages) if turn["role"] == "user"), None)
    words = _WORD.findall(_text(asked).casefold()) if asked else []
    calls = [call["function"]["name"] for turn in turns for call in turn.get("tool_calls") or []]
    return {f"u {part}" for part in _runs(words)} | {f"t {part}" for part in _runs(calls)}


def signature(parts: set[str]) -> bytes:
    """The MinHash of a set, `PERMUTATIONS` numbers of 32 bits; zeros for an empty set: it is like nothing."""
    import numpy as np  # heavy, and only builds of datasets want it
    from datasketch import MinHash

    if not parts:
        return bytes(4 * PERMUTATIONS)
    minhash = MinHash(num_perm=PERMUTATIONS, seed=1)
    minhash.update_batch([part.encode(errors="replace") for part in sorted(parts)])
    return bytes(minhash.hashvalues.astype(np.uint32).tobytes())


def near_duplicates(signatures: "SignatureFile") -> dict[int, int]:
    """Rows that are nearly like an earlier one, each with that one. The first of its like stays.

    Holds some numbers for each row in memory, never their signatures.
    """
    import numpy as np

    told = np.flatnonzero(signatures.keys(0, PERMUTATIONS) != _NOTHING)
    if len(told) < 2:
        return {}
    keys = signatures.keys(0, PERMUTATIONS)[told]
    _, first, which = np.unique(keys, return_index=True, return_inverse=True)
    # Of those with the very same signature only the first is compared with others.
    stands_for = told[first[which]]
    dropped = _nearly(signatures, np.sort(told[first]))
    for row in np.flatnonzero(told != stands_for).tolist():
        same = int(stands_for[row])
        dropped[int(told[row])] = dropped.get(same, same)
    return dropped


def _nearly(signatures: "SignatureFile", rows: "Numbers") -> dict[int, int]:
    dropped: dict[int, int] = {}
    for row, earlier in _candidates(signatures, rows):
        later, stays = int(rows[row]), int(rows[earlier])
        if later in dropped or stays in dropped:
            continue
        if (signatures.row(later) == signatures.row(stays)).mean() >= ALIKE:
            dropped[later] = stays
    return dropped


def _candidates(signatures: "SignatureFile", rows: "Numbers") -> "Numbers":
    """Pairs of rows that share a band, by the later one, its earliest partner first."""
    import numpy as np

    width = PERMUTATIONS // BANDS
    found = [_pairs(signatures.keys(at, at + width)[rows]) for at in range(0, PERMUTATIONS, width)]
    return np.unique(np.concatenate(found), axis=0)


def _pairs(keys: "Numbers") -> "Numbers":
    """(later, earlier) of rows with equal keys: each with the first, and with some right before it."""
    import numpy as np

    order = np.argsort(keys, kind="stable")
    at = np.arange(len(keys))
    starts = np.concatenate([[True], keys[order][1:] != keys[order][:-1]])
    first = np.maximum.accumulate(np.where(starts, at, 0))
    later = at > first
    pairs = [np.stack([order[later], order[first[later]]], axis=1)]
    for back in range(1, _LOOKED_BACK + 1):
        within = at - back > first
        pairs.append(np.stack([order[at[within]], order[at[within] - back]], axis=1))
    return np.concatenate(pairs)


class SignatureFile:
    """Signatures one behind the other in a file, read some at a time."""

    def __init__(self, file: "BinaryIO") -> None:
        self._file = file

    def row(self, number: int) -> "Numbers":
        """The signature of a row."""
        import numpy as np

        self._file.seek(number * _BYTES)
        return np.frombuffer(self._file.read(_BYTES), dtype=np.uint32)

    def keys(self, start: int, stop: int) -> "Numbers":
        """A number of 64 bits for this part of each signature: equal for equal parts, 0 for those of nothing.

        Others may be equal by chance; what they stand for is compared anyway.
        """
        import numpy as np

        self._file.seek(0)
        found = [np.empty(0, dtype=np.uint64)]
        while piece := self._file.read(_ROWS_AT_ONCE * _BYTES):
            part = np.frombuffer(piece, dtype=np.uint32).reshape(-1, PERMUTATIONS)[:, start:stop]
            found.append(_key(part))
        return np.concatenate(found)


def _key(part: "Numbers") -> "Numbers":
    import numpy as np

    wide = np.ascontiguousarray(part).view(np.uint64)
    odd = np.arange(wide.shape[1], dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) | np.uint64(1)
    mixed = wide ^ (wide >> np.uint64(29))
    keys: Numbers = (mixed * odd).sum(axis=1, dtype=np.uint64)
    return keys


def _runs(words: list[str]) -> Iterator[str]:
    """Each run of `_SHINGLE` words; all of them where there are fewer."""
    if words:
        last = max(len(words) - _SHINGLE, 0)
        yield from (" ".join(words[at : at + _SHINGLE]) for at in range(last + 1))


def _text(turn: dict[str, Any]) -> str:
    content = turn.get("content") or ""
    if isinstance(content, str):
        return content
    parts = (part for part in content if isinstance(part, dict))
    return " ".join(str(part["text"]) for part in parts if isinstance(part.get("text"), str))

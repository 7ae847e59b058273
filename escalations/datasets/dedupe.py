"""Which rows nearly say what an earlier one says.

By MinHash (Broder 1997) over the last user turn and the sequence of tools, as sets of words in a row; alike
is a Jaccard index of 0.85 or more. What is remembered of each row lies on the disk: memory stays flat.
"""

import random
import re
import sqlite3
from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, Any]

ALIKE = 0.85
# Permutations, and how they are cut into bands: rows that share one band are compared. Of those that are
# alike 99.4% do: 1 - (1 - 0.85^8)^16.
PERMUTATIONS, BANDS = 128, 16
_BYTES = 4 * PERMUTATIONS
_NOTHING = bytes(_BYTES)
_WORD = re.compile(r"\w+")
_SHINGLE = 3
# A text may have a hundred thousand: so many are permuted at once.
_PARTS_AT_ONCE = 1_000
# With an index as large as the rows of a million decisions, no more of it than this is in memory.
_CACHE_KIB = 8 * 1024
_TABLES = f"""
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -{_CACHE_KIB};
CREATE TABLE signature (row INTEGER PRIMARY KEY, numbers BLOB NOT NULL);
CREATE TABLE band (key INTEGER, row INTEGER, PRIMARY KEY (key, row)) WITHOUT ROWID;
BEGIN;
"""
# The first in the band, and some of the last: many that are not alike must not cost the square of their
# number.
_SHARING = """
SELECT row FROM (SELECT row FROM band WHERE key = :key ORDER BY row LIMIT 1)
UNION SELECT row FROM (SELECT row FROM band WHERE key = :key ORDER BY row DESC LIMIT 8)
"""


def shingles(messages: Sequence[dict[str, Any]], proposal: dict[str, Any] | None) -> set[str]:
    """What a row is compared by; empty where nobody asked and nothing was called."""
    turns = [*messages, *([proposal] if proposal else [])]
    asked = next((turn for turn in reversed(messages) if turn["role"] == "user"), None)
    words = _WORD.findall(_text(asked).casefold()) if asked else []
    calls = [call["function"]["name"] for turn in turns for call in turn.get("tool_calls") or []]
    return {f"u {part}" for part in _runs(words)} | {f"t {part}" for part in _runs(calls)}


def signature(parts: set[str]) -> bytes:
    """The MinHash of a set, `PERMUTATIONS` numbers of 32 bits; zeros for an empty set: it is like nothing.

    A permutation is a * h + b modulo 2^64, with an odd a, of which the upper half counts (Dietzfelbinger).
    """
    import numpy as np  # heavy, and only builds of datasets want it

    if not parts:
        return _NOTHING
    factors, summands = _permutations()
    least = np.full(PERMUTATIONS, np.iinfo(np.uint64).max, dtype=np.uint64)
    hashes = (blake2b(part.encode(errors="replace"), digest_size=8).digest() for part in parts)
    while some := b"".join(islice(hashes, _PARTS_AT_ONCE)):
        permuted = np.frombuffer(some, dtype="<u8")[:, None] * factors + summands
        least = np.minimum(least, permuted.min(axis=0))
    return (least >> np.uint64(32)).astype("<u4").tobytes()


class NearIndex:
    """Rows that are unlike each other; tells of one more whether it is nearly like one of them.

    Lies in a file of its own, which is gone at the end.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows = 0

    def __enter__(self) -> Self:
        self._kept = sqlite3.connect(self._path, isolation_level=None)
        self._kept.executescript(_TABLES)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._kept.close()
        self._path.unlink()

    def has_like(self, numbers: bytes) -> bool:
        """Whether the row with this signature is nearly like an earlier one; if not, it is kept."""
        if numbers == _NOTHING:
            return False
        keys = _keys(numbers)
        if any(_similarity(numbers, earlier) >= ALIKE for earlier in self._sharing(keys)):
            return True
        self._kept.execute("INSERT INTO signature VALUES (?, ?)", (self._rows, numbers))
        self._kept.executemany("INSERT INTO band VALUES (?, ?)", [(key, self._rows) for key in keys])
        self._rows += 1
        return False

    def _sharing(self, keys: set[int]) -> Iterator[bytes]:
        """The signatures of earlier rows that share a band, each once."""
        rows = {row for key in keys for (row,) in self._kept.execute(_SHARING, {"key": key})}
        for row in sorted(rows):
            [(numbers,)] = self._kept.execute("SELECT numbers FROM signature WHERE row = ?", (row,))
            yield numbers


def _keys(numbers: bytes) -> set[int]:
    """A number of 64 bits for each band. Others may be the same by chance: what shares one is compared."""
    width = _BYTES // BANDS
    bands = (b"%d:" % at + numbers[at : at + width] for at in range(0, _BYTES, width))
    return {int.from_bytes(blake2b(band, digest_size=8).digest(), signed=True) for band in bands}


def _similarity(one: bytes, other: bytes) -> float:
    """The estimate of the Jaccard index: the share of permutations with the same least number."""
    import numpy as np

    return float((np.frombuffer(one, dtype="<u4") == np.frombuffer(other, dtype="<u4")).mean())


@cache
def _permutations() -> tuple["Numbers", "Numbers"]:
    """Always the same ones, so that versions built at different times can be compared."""
    import numpy as np

    numbers = random.Random(1)  # noqa: S311  nothing is kept secret by it
    factors = [numbers.getrandbits(64) | 1 for _ in range(PERMUTATIONS)]
    summands = [numbers.getrandbits(64) for _ in range(PERMUTATIONS)]
    return np.array(factors, dtype=np.uint64), np.array(summands, dtype=np.uint64)


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

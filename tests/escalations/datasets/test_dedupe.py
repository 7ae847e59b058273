"""Rows that nearly say the same: found by MinHash, as often as the exact Jaccard index says."""

from itertools import combinations

import numpy as np
import pytest

from escalations.datasets import dedupe

SENTENCE = (
    "please cancel the flight to oslo on friday and send the money to my card as soon as you can because "
    "nobody told us that it was moved and we need another one before the weekend when all the others fly "
)


def asked(text, *tools):
    proposal = {"role": "assistant", "tool_calls": [{"function": {"name": name}} for name in tools]}
    return dedupe.shingles([{"role": "user", "content": text}], proposal)


@pytest.fixture
def like_earlier(tmp_path):
    """Which of these rows are nearly like an earlier one."""

    def found(sets):
        with dedupe.NearIndex(tmp_path / "near") as near:
            return [number for number, each in enumerate(sets) if near.has_like(dedupe.signature(each))]

    return found


def jaccard(one, other):
    return len(one & other) / len(one | other)


def test_the_first_of_its_like_stays_and_what_differs_stays_too(like_earlier):
    text = SENTENCE * 3
    rows = [
        asked(text, "find", "cancel"),
        asked("Where is my parcel?", "track"),
        asked(text.replace("oslo", "Bergen", 1), "find", "cancel"),
        asked(text, "find", "cancel"),
        asked(text, "find", "refund", "close"),
        asked(""),
        asked(""),
    ]

    assert like_earlier(rows) == [2, 3, 4]


def test_what_shares_a_band_but_not_enough_stays(like_earlier, tmp_path):
    rng = np.random.default_rng(7)
    vocabulary = [f"word{number}" for number in range(400)]
    base = list(rng.choice(vocabulary, 60))
    rows = [asked(" ".join(base))]
    for changed in rng.integers(0, 25, 120):
        words = list(base)
        for at in rng.choice(60, changed, replace=False):
            words[at] = str(rng.choice(vocabulary))
        rows.append(asked(" ".join(words)))

    dropped = like_earlier(rows)

    kept = [number for number in range(len(rows)) if number not in dropped]
    assert max(jaccard(rows[one], rows[other]) for one, other in combinations(kept, 2)) < dedupe.ALIKE + 0.1
    for row in dropped:
        closest = max(jaccard(rows[row], rows[stays]) for stays in kept if stays < row)
        assert closest > dedupe.ALIKE - 0.1
    assert 3 < len(dropped) < 100
    assert not list(tmp_path.iterdir())


def test_signatures_tell_how_alike_rows_are_however_long_they_are():
    one, other = ({f"u {number}" for number in range(start, start + 3_000)} for start in (0, 1_000))
    share = np.frombuffer(dedupe.signature(one), "<u4") == np.frombuffer(dedupe.signature(other), "<u4")

    assert share.mean() == pytest.approx(jaccard(one, other), abs=0.12)


def test_nothing_to_compare_is_like_nothing(like_earlier):
    assert like_earlier([asked(""), asked(""), asked("hello there")]) == []
    assert dedupe.shingles([], None) == set()

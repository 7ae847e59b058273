"""Rows that nearly say the same: found by MinHash, as often as the exact Jaccard index says."""

from io import BytesIO
from itertools import product

import numpy as np

from escalations.datasets import dedupe

SENTENCE = "please cancel the flight to oslo on friday and send the money to my card as soon as you can "


def asked(text, *tools):
    proposal = {"role": "assistant", "tool_calls": [{"function": {"name": name}} for name in tools]}
    return dedupe.shingles([{"role": "user", "content": text}], proposal)


def signatures(sets):
    return dedupe.SignatureFile(BytesIO(b"".join(map(dedupe.signature, sets))))


def jaccard(one, other):
    return len(one & other) / len(one | other)


def test_the_first_of_its_like_stays_and_what_differs_stays_too():
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

    assert dedupe.near_duplicates(signatures(rows)) == {2: 0, 3: 0, 4: 0}


def test_what_shares_a_band_but_not_enough_stays():
    rng = np.random.default_rng(7)
    vocabulary = [f"word{number}" for number in range(400)]
    base = list(rng.choice(vocabulary, 60))
    rows = [asked(" ".join(base))]
    for changed in rng.integers(0, 25, 120):
        words = list(base)
        for at in rng.choice(60, changed, replace=False):
            words[at] = str(rng.choice(vocabulary))
        rows.append(asked(" ".join(words)))

    dropped = dedupe.near_duplicates(signatures(rows))

    kept = [number for number in range(len(rows)) if number not in dropped]
    alike = [jaccard(rows[one], rows[other]) for one, other in product(kept, kept) if one < other]
    assert max(alike) < dedupe.ALIKE + 0.1
    assert all(jaccard(rows[row], rows[stays]) > dedupe.ALIKE - 0.1 for row, stays in dropped.items())
    assert all(stays in kept and stays < row for row, stays in dropped.items())
    assert 3 < len(dropped) < 100


def test_nothing_to_compare_is_like_nothing():
    assert dedupe.near_duplicates(signatures([asked(""), asked(""), asked("hello there")])) == {}
    assert dedupe.shingles([], None) == set()

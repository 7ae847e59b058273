"""Groups are split by their hash alone: the same for ever, in the shares that were asked for."""

from collections import Counter
from hashlib import sha256
from uuid import UUID

import pytest

from escalations.datasets import splits
from escalations.datasets.splits import Shares

CASE = UUID(int=7)


def group(metadata, conversation="c1"):
    return splits.group_of({"metadata": metadata}, agent_id=3, conversation_id=conversation, case_id=CASE)


@pytest.mark.parametrize(
    ("metadata", "conversation", "expected"),
    [
        ({"customer_ref": "C7", "task_id": "12"}, "c1", "customer:C7"),
        ({"customer_id": 7}, "c1", "customer:7"),
        ({"customer_ref": " ", "task_id": 12}, "c1", "task:12"),
        ({"customer_ref": {"id": 7}}, "c1", "conversation:3:c1"),
        ({}, "c1", "conversation:3:c1"),
        ({}, "", f"case:{CASE}"),
    ],
)
def test_a_row_is_about_the_customer_else_the_task_else_the_conversation(metadata, conversation, expected):
    assert group(metadata, conversation) == expected


def test_a_split_is_the_hash_of_salt_and_group_against_the_shares():
    shares = Shares(validation=20, test=10)
    for number in range(200):
        place = int(sha256(f"salt{number}".encode()).hexdigest()[:16], 16) / 2**64
        expected = "test" if place < 0.1 else "validation" if place < 0.3 else "train"
        assert splits.split_of(str(number), "salt", shares) == expected


def test_shares_hold_over_many_groups_and_another_salt_splits_otherwise():
    shares = Shares(validation=10, test=10)
    one, other = ([splits.split_of(f"g{n}", salt, shares) for n in range(5_000)] for salt in ("a", "b"))

    counted = Counter(one)
    assert 430 < counted["test"] < 570
    assert 430 < counted["validation"] < 570
    assert one != other


def test_a_concealed_group_tells_nothing_and_is_the_same_under_the_same_key():
    assert splits.concealed("customer:a@b.de", b"k") == splits.concealed("customer:a@b.de", b"k")
    assert splits.concealed("customer:a@b.de", b"k") != splits.concealed("customer:a@b.de", b"l")
    assert "a@b" not in splits.concealed("customer:a@b.de", b"k")

"""Plays lives of a desk: moves that hypothesis chooses, with every promise checked after each."""

import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from escalations import sql
from tests.escalations.transitions.lives import MOVES, Desk


@contextmanager
def taken_back() -> Iterator[None]:
    """Undo at the end all that was written."""
    before = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(before)


def live(
    lives: int,
    *,
    checked: Callable[[Any], None],
    kind: type[Desk] = Desk,
    moves: Sequence[str] = MOVES,
    within: Callable[[], AbstractContextManager[None]] = taken_back,
    most_moves: int = 50,
    chosen_by: int | None = None,
) -> None:
    """So many lives of a desk, each `within` something that takes it back at its end.

    They are the same ones each time, or those that the seed `chosen_by` gives, shrunk when one fails.
    """
    numbers = st.integers(0, 11)
    # Shrinking takes minutes. Lives that are the same each time can be read as they are.
    phases = [Phase.generate] if chosen_by is None else [Phase.generate, Phase.shrink]

    @settings(
        max_examples=lives,
        phases=phases,
        deadline=None,
        database=None,
        derandomize=chosen_by is None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        st.lists(
            st.tuples(st.sampled_from(moves), numbers, numbers), min_size=most_moves // 2, max_size=most_moves
        )
    )
    def one(played: list[tuple[str, int, int]]) -> None:
        with within():
            desk = kind()
            for move, number, other in played:
                getattr(desk, move)(number, other)
                checked(desk)

    (one if chosen_by is None else seed(chosen_by)(one))()


def new_seed() -> int:
    """A seed for `live`, printed so that pytest shows it beside a failure."""
    number = secrets.randbits(32)
    print(f"lives chosen by the seed {number}: repeat them with --lives-seed={number}")
    return number


def without(part: str, statement: str, monkeypatch) -> None:
    """Run the named statement without what `part` matches."""
    compiled = sql.compiled

    def weakened(*names):
        text, order = compiled(*names)
        if statement not in names:
            return text, order
        changed, count = re.subn(part.encode(), b"", text)
        assert count, "the statement has no such part any more"
        return changed, order

    monkeypatch.setattr(sql, "compiled", weakened)

"""What becomes of a case, in the week as it was and in each replay of it: figures are counted from that."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol


class How(StrEnum):
    """How its wait ended, or that it did not."""

    PICKED_UP = "picked_up"
    LEFT = "left"
    STILL = "still"


class Waiting(Protocol):
    """What waits from `received_at` on, and should not beyond `due_at`."""

    @property
    def received_at(self) -> datetime: ...

    @property
    def due_at(self) -> datetime: ...


@dataclass(frozen=True)
class Fate:
    """How the wait of a case ended, after how long, and whether that was past its due time."""

    how: How
    seconds: float
    is_late: bool

    @classmethod
    def of(cls, how: How, case: Waiting, at: datetime) -> "Fate":
        """What waited until `at`."""
        return cls(how, (at - case.received_at).total_seconds(), at > case.due_at)

    @property
    def is_in_time(self) -> bool:
        """Whether somebody picked it up by its due time."""
        return self.how is How.PICKED_UP and not self.is_late


@dataclass(frozen=True)
class Played:
    """A case with what became of it: as recorded, replayed as set up, and replayed as tried."""

    id: str
    fates: Sequence[Fate]


def packed(sides: Sequence[Mapping[str, Fate]]) -> list[list[Any]]:
    """The cases as they are kept, each as `[id, what became of it on each side …]`."""
    return [[case_id, *(_code(side[case_id]) for side in sides)] for case_id in sides[0]]


def unpacked(kept: Iterable[Sequence[Any]]) -> list[Played]:
    """What `packed` gave."""
    return [Played(case_id, [_fate(code) for code in codes]) for case_id, *codes in kept]


_LETTERS = {How.PICKED_UP: "p", How.LEFT: "l", How.STILL: "s"}
_HOW = {letter: how for how, letter in _LETTERS.items()}


def _code(fate: Fate) -> str:
    """Short, for a week has many: `p12.5` for picked up after so many seconds, `P…` for too late."""
    letter = _LETTERS[fate.how]
    return f"{letter.upper() if fate.is_late else letter}{round(fate.seconds, 1)}"


def _fate(code: str) -> Fate:
    letter = code[0]
    return Fate(_HOW[letter.lower()], float(code[1:]), letter.isupper())

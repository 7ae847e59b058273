"""How a story is told: its particulars, its possible endings, and what the run used."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from demo.writing import Json, Scenario, usage
from escalations.models import Decision, Disposition, FailureMode

_FIRST = "Ada Ben Carla David Elif Femi Greta Hugo Ines Jamal Keiko Lars Maya Nikos Olga Pablo Quinn Rania Stefan Tess"
_LAST = "Adler Brandt Costa Diallo Evans Fischer Garcia Haug Ito Jansen Kowal Lindqvist Mori Novak Osei Petrov Rossi"
_CITIES = [
    "Athens",
    "Bergen",
    "Bilbao",
    "Dublin",
    "Geneva",
    "Krakow",
    "Lisbon",
    "Malmo",
    "Naples",
    "Oslo",
    "Porto",
    "Riga",
    "Seville",
    "Turin",
    "Vienna",
]


class Fill:
    """The particulars of one telling, all made up."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self.name = f"{dice.choice(_FIRST.split())} {dice.choice(_LAST.split())}"
        self.city, self.other_city = dice.sample(_CITIES, 2)

    def number(self, low: int, high: int) -> int:
        return self._dice.randint(low, high)

    def sum(self, low: int, high: int) -> str:
        """An amount with two decimals."""
        return f"{self._dice.randint(low * 100, high * 100) / 100:.2f}"

    def id(self, prefix: str) -> str:
        return f"{prefix}{self._dice.randint(10_000, 99_999)}"

    def one_of(self, *choices: str) -> str:
        return self._dice.choice(choices)

    def used(self, mode: FailureMode) -> Json:
        """What a run of this kind used: long ones are long, dear ones are dear."""
        turns = round(self._dice.lognormvariate(2.9 if mode == FailureMode.CONTEXT_DILUTION else 1.6, 0.35))
        tokens = turns * self._dice.randint(1_400, 3_000)
        dollars = self._dice.lognormvariate(0.7 if mode == FailureMode.COST else -1.4, 0.5)
        seconds = self._dice.lognormvariate(5.0 if mode == FailureMode.COST else 3.4, 0.5)
        retries = (
            self._dice.choice([2, 3, 3, 5])
            if mode == FailureMode.INTEGRATION
            else self._dice.choice([0, 0, 1])
        )
        return usage(turns, tokens, f"{dollars:.4f}", round(seconds), retries)


@dataclass(frozen=True)
class Ending:
    """What the operator decided. `edit` changes arguments of the first pending action."""

    decision: Decision
    message: str = ""
    disposition: Disposition = Disposition.APPROVE
    agent_correct: str = "yes"
    edit: Json | None = None
    response: Any = None
    first_error_index: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Story:
    """A kind of case. `weights` says how often it happened to each version of its agent.

    `mode` is what went wrong in the telling when it does not end well: then one of `wrong` is the end.
    """

    tell: Callable[[Fill], Scenario]
    mode: FailureMode
    weights: dict[str, int]
    right: Ending
    wrong: tuple[Ending, ...]


def approved(message: str = "") -> Ending:
    return Ending(Decision.APPROVE, message)


def edited(changes: Json, message: str = "", **labels: Any) -> Ending:
    """Right in substance, wrong in the arguments that `changes` replaces."""
    return Ending(
        Decision.EDIT,
        message,
        Disposition.EDIT,
        labels.pop("agent_correct", "partial"),
        edit=changes,
        **labels,
    )


def rejected(reason: str, **labels: Any) -> Ending:
    return Ending(Decision.REJECT, reason, Disposition.REPLACE, "no", **labels)


def answered(
    message: str, *, response: Any = None, disposition: Disposition = Disposition.REPLACE, **labels: Any
) -> Ending:
    correct = labels.pop("agent_correct", "no")
    return Ending(Decision.RESPOND, message, disposition, correct, response=response, **labels)


def taken_over(message: str, **labels: Any) -> Ending:
    correct = labels.pop("agent_correct", "no")
    return Ending(Decision.TAKEOVER, message, Disposition.TAKE_OVER, correct, **labels)

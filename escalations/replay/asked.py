"""What a replay of a policy looked at: runs, cases and audits as they are kept, and which a figure counts."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from escalations.policy.policies import Code
from escalations.policy.trial.outcome import Asked, RuleName

CASE, RUN, AUDIT = "case", "run", "audit"


class Under(StrEnum):
    """What really happened, and the two sets of rules."""

    RECORDED = "recorded"
    IN_FORCE = "in_force"
    TRIED = "tried"


@dataclass(frozen=True)
class LookedAt:
    """One of them: what people found out, how long they had it, and what each set of rules names of it."""

    kind: str
    id: str
    was_wrong: bool | None
    seconds: float | None
    now: frozenset[RuleName]
    draft: frozenset[RuleName]

    def named(self, under: Under) -> frozenset[RuleName]:
        """Why the rules ask for a person; nothing of what was recorded, where none were asked."""
        return {Under.IN_FORCE: self.now, Under.TRIED: self.draft}.get(under, frozenset())

    @property
    def is_spared(self) -> bool:
        """Whether the rules in force ask for a person, and those tried do not."""
        return bool(self.now) and not self.draft

    def comes(self, under: Under) -> bool:
        """Whether people get this run or case."""
        if self.kind == CASE:
            return under != Under.TRIED or not self.is_spared
        return self.kind == RUN and bool(self.named(under))


def _is_missed(one: LookedAt, under: Under) -> bool:
    if one.kind == AUDIT:
        return bool(one.was_wrong) and not one.named(under)
    return one.kind == CASE and bool(one.was_wrong) and not one.comes(under)


# What the figures of a replay count of what was looked at.
COUNTS: Mapping[str, Callable[[LookedAt, Under], bool]] = {
    "come": lambda one, under: one.comes(under),
    "left": lambda one, under: one.kind != AUDIT and not one.comes(under),
    "more": lambda one, _: one.kind == RUN and bool(one.draft) and not one.now,
    "fewer": lambda one, _: one.kind != AUDIT and one.is_spared,
    "errors_in_cases": lambda one, under: one.kind == CASE and bool(one.was_wrong) and one.comes(under),
    "errors_in_runs": lambda one, under: one.kind == AUDIT and bool(one.was_wrong) and bool(one.named(under)),
    "missed": _is_missed,
    "audits": lambda one, _: one.kind == AUDIT,
    "undrawn": lambda one, under: one.kind == RUN and not one.comes(under),
    "worked": lambda one, _: one.seconds is not None,
}


def counted(looked_at: Iterable[LookedAt], figure: str, under: Under) -> list[LookedAt]:
    """What a figure of `COUNTS` counts.

    Raises:
        KeyError: there is no such figure.
    """
    counts = COUNTS[figure]
    return [one for one in looked_at if counts(one, under)]


def named_by(looked_at: Iterable[LookedAt], rule: RuleName, under: Under) -> list[LookedAt]:
    """The runs and cases that a rule asks for."""
    return [one for one in looked_at if one.kind != AUDIT and rule in one.named(under)]


def packed(kinds: Mapping[str, Iterable[Asked]]) -> dict[str, Any]:
    """What was looked at, as it is kept: the names of rules stand once, and are meant by their places."""
    places: dict[RuleName, int] = {}

    def place(names: frozenset[RuleName]) -> list[int]:
        return [places.setdefault(name, len(places)) for name in sorted(names)]

    rows = [
        [kind, one.seen.id, one.seen.was_wrong, one.seen.seconds, place(one.now), place(one.draft)]
        for kind, those in kinds.items()
        for one in those
    ]
    return {"names": list(places), "rows": rows}


def unpacked(kept: Mapping[str, Any]) -> list[LookedAt]:
    """What `packed` gave."""
    names: list[RuleName] = [(Code(code), subject) for code, subject in kept["names"]]
    return [
        LookedAt(
            kind,
            row_id,
            was_wrong,
            seconds,
            frozenset(names[place] for place in now),
            frozenset(names[place] for place in draft),
        )
        for kind, row_id, was_wrong, seconds, now, draft in kept["rows"]
    ]

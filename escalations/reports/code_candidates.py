"""Kinds of cases that a fixed rule could decide in place of a person."""

from dataclasses import dataclass

from escalations import sql
from escalations.metrics import ENOUGH, Scope, wilson
from escalations.models import DecidedBy, Kind
from escalations.models.case_queries import EscalationQuerySet

# A kind counts without a named rule if at least this share of it was decided alike.
ALIKE = 0.95


@dataclass(frozen=True)
class Candidate:
    """`alike` of `n` resolved cases of an agent and category were decided in one way, by `decision`.

    Operators named a rule for `named` of them, most often `rule`. Together they cost `cost` dollars, and
    people `seconds`.
    """

    agent: str
    category: str
    n: int
    named: int
    rule: str
    decision: str
    alike: int
    cost: float
    seconds: float

    @property
    def is_enough(self) -> bool:
        return self.n >= ENOUGH

    @property
    def share(self) -> float:
        return self.alike / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """Of `share`, 95%."""
        return wilson(self.alike, self.n)


def of_kind(cases: EscalationQuerySet, category: str) -> EscalationQuerySet:
    """Those of `cases` that are of a category and a person decided, without audits: a candidate's."""
    by_people = {"resolutions__superseded_at": None, "resolutions__decided_by": DecidedBy.HUMAN}
    return cases.exclude(kind=Kind.REVIEW).filter(category=category, **by_people)


def candidates(scope: Scope) -> list[Candidate]:
    """Those with a named rule first, then the dearest."""
    rows = sql.run(
        "code_candidates",
        since=scope.since,
        until=scope.until,
        agent=scope.agent,
        version=scope.version,
        queue=scope.queue,
        enough=ENOUGH,
        alike=ALIKE,
    )
    return [Candidate(**row) for row in rows]

"""How much a person has on their desk, and how much fits. Counted in weights, never over-committed.

Whoever gives a person work locks their desk first, then counts, in one transaction. The order of all locks is
desk, then case, then offers.
"""

from dataclasses import dataclass
from uuid import UUID

from escalations import sql
from escalations.models import Operator, Presence


@dataclass(frozen=True)
class Load:
    """Weights: of the cases held under a live lease together with the live offers, and how much may be."""

    used: int
    capacity: int

    @property
    def free(self) -> int:
        return max(0, self.capacity - self.used)

    @property
    def is_full(self) -> bool:
        return self.used >= self.capacity

    def __str__(self) -> str:
        return f"{self.used} of {self.capacity}"


def load(operator: Operator, *, without: UUID | None = None) -> Load:
    """What `operator` has to do now. The case `without` does not count."""
    row = sql.run("load", operator_id=operator.pk, without=without)[0]
    return Load(used=row["held"] + row["offered"], capacity=row["capacity"])


def lock_desk(operator_id: int) -> None:
    """Hold off everybody else who gives this person work, until the transaction ends."""
    if not sql.run("lock_desk", operator_id=operator_id):
        # People made in bulk have no row yet.
        Presence.objects.bulk_create([Presence(operator_id=operator_id)], ignore_conflicts=True)
        sql.run("lock_desk", operator_id=operator_id)

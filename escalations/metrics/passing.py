"""How often the outputs of steps pass their checkpoints."""

from dataclasses import dataclass

from escalations import sql
from escalations.metrics.scope import Scope
from escalations.metrics.statistics import ENOUGH, wilson

# Of a period the newest count, so that the figure costs the same however many there are.
NEWEST = 10_000
_STEPS_MAX = 50


@dataclass(frozen=True)
class Passing:
    """Of `n` outputs of a step so many passed."""

    agent: str
    step: str
    n: int
    passed: int

    @property
    def is_enough(self) -> bool:
        return self.n >= ENOUGH

    @property
    def share(self) -> float:
        return self.passed / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """With a confidence of 95%."""
        return wilson(self.passed, self.n)


def passing(scope: Scope) -> list[Passing]:
    """The steps by name. A checkpoint belongs to no queue, so none counts where a queue is asked for."""
    if scope.queue:
        return []
    rows = sql.run(
        "passing",
        since=scope.since,
        until=scope.until,
        agent=scope.agent,
        version=scope.version,
        newest=NEWEST,
        most=_STEPS_MAX,
    )
    return [Passing(**row) for row in rows]

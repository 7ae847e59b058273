"""How often the outputs of steps pass their checkpoints: the metric `checkpoints`, by agent and step."""

from dataclasses import dataclass

from escalations.metrics import counting
from escalations.metrics.registry import METRICS
from escalations.metrics.scope import Scope
from escalations.metrics.statistics import ENOUGH, wilson

_STEPS_MAX = 50
_BY_STEP = f"""
WITH fact AS (
{{facts}}
),
checked AS (
SELECT {{key}}::bigint AS agent_id, fact.label AS step, fact.part FROM fact
)
SELECT agent.name AS agent, step, count(*) AS n, count(*) FILTER (WHERE part = 'passed') AS passed
FROM checked JOIN escalations_agent agent ON agent.id = checked.agent_id
GROUP BY agent.name, step
ORDER BY agent.name, step
LIMIT {_STEPS_MAX}
"""  # noqa: S608 - of our own definitions


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
    return [Passing(**row) for row in counting.asked(_BY_STEP, [METRICS["checkpoints"]], scope, "agent")]

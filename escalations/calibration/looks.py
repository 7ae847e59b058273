"""The looks at what audits found, and what they spend.

Whoever looks often enough finds a threshold that seems good by chance. So each look is an act that is kept,
the tests of all looks at a version share one delta, and between looks the page says how many audits there
are, but not what they found. The j-th test takes 1/(j + 1) of what the ones before left: of delta a half, a
sixth, a twelfth and so on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _

from escalations.auditing import audit
from escalations.calibration.values import Findings
from escalations.models import (
    AgentCorrect,
    AgentVersion,
    CalibrationGoal,
    CalibrationLook,
    DecidedBy,
    Operator,
    Resolution,
    Run,
    State,
)

_COUNTED_MAX = 20_000


class NotLooked(Exception):
    """There is nothing to be gained, or somebody else has just looked. Nothing was kept or spent."""


@dataclass(frozen=True)
class Standing:
    """What is known without another look: the looks, the newest first, and how many audits were judged since.

    A test would spend `next_delta` of what is `left`.
    """

    looks: Sequence[CalibrationLook]
    goal: CalibrationGoal
    next_delta: float
    left: float
    judged: int

    @property
    def last(self) -> CalibrationLook | None:
        return self.looks[0] if self.looks else None

    @property
    def findings(self) -> Findings | None:
        return Findings.of_json(self.last.findings) if self.last else None


def goal_of(version: AgentVersion) -> CalibrationGoal:
    """What is wanted of its agent; not saved where nobody said it."""
    return CalibrationGoal.objects.filter(agent=version.agent_id).first() or CalibrationGoal(
        agent=version.agent
    )


def set_goal(
    *, version: AgentVersion, operator: Operator, alpha: float, delta: float, error_cost_usd: Decimal
) -> None:
    """Want something else of its agent, from the next look on."""
    with transaction.atomic():
        CalibrationGoal.objects.update_or_create(
            agent=version.agent,
            defaults={"alpha": alpha, "delta": delta, "error_cost_usd": error_cost_usd},
        )
        actor = audit.operator_actor(operator)
        audit.write(actor=actor, action="calibration.goal", target=f"agent:{version.agent_id}")


def of(version: AgentVersion, source: str) -> list[CalibrationLook]:
    """All looks, the newest first."""
    looks = CalibrationLook.objects.filter(agent_version=version, source=source)
    return list(looks.select_related("operator").order_by("-number"))


def standing(version: AgentVersion, source: str) -> Standing:
    """Where the version is. Says nothing of what was found since the last look."""
    made, goal = of(version, source), goal_of(version)
    tests = [one.spent for one in made if one.spent]
    left = max(0.0, goal.delta - sum(tests))
    return Standing(
        looks=made,
        goal=goal,
        next_delta=left / (len(tests) + 2),
        left=left,
        judged=_judged(version, source, made[0].created_at if made else None),
    )


def look(*, version: AgentVersion, source: str, operator: Operator) -> CalibrationLook:
    """Test what the audits found, and keep it.

    Raises:
        NotLooked: nothing was judged since the last look at the same goal, delta is spent, or somebody else
            looked meanwhile.
    """
    # Loaded with the first look: numpy and scipy are large, and most processes never look.
    from escalations.calibration import evidence, report

    now = standing(version, source)
    seen, alpha, delta = evidence.gather(version, source), now.goal.alpha, now.goal.delta
    if now.last and (now.last.digest, now.last.alpha, now.last.delta) == (seen.digest, alpha, delta):
        raise NotLooked(_("No run was judged since the last look. It stands."))
    if now.next_delta <= 0:
        raise NotLooked(_("Looks have spent all of delta. A new version of the agent starts again."))
    found = report.findings(seen, alpha=alpha, delta=now.next_delta)
    try:
        with transaction.atomic():
            made = CalibrationLook.objects.create(
                agent_version=version,
                source=source,
                number=now.last.number + 1 if now.last else 1,
                operator=operator,
                alpha=alpha,
                delta=delta,
                spent=now.next_delta if found.choice.tests else 0.0,
                digest=seen.digest,
                audits_since=seen.since,
                audits_until=seen.until,
                findings=found.as_json(),
            )
            actor = audit.operator_actor(operator)
            audit.write(actor=actor, action="calibration.look", target=f"calibration_look:{made.pk}")
    except IntegrityError as error:
        raise NotLooked(_("Somebody else has just looked. This is what they found.")) from error
    return made


def _judged(version: AgentVersion, source: str, since: datetime | None) -> int:
    """How many audits were decided since then, right or wrong; of very many the newest."""
    decided = Resolution.objects.current().filter(
        case=OuterRef("case"),
        case__state=State.RESOLVED,
        decided_by=DecidedBy.HUMAN,
        agent_correct__in=[AgentCorrect.YES, AgentCorrect.NO, AgentCorrect.PARTIAL],
    )
    if since is not None:
        decided = decided.filter(created_at__gt=since)
    drawn = Run.objects.filter(
        agent_version=version, confidence_source=source, drawn=True, confidence__isnull=False
    )
    # Asked of each run by itself, which costs no more for whatever the planner believes of these tables.
    newest = drawn.annotate(is_judged=Exists(decided)).order_by("-finished_at")[:_COUNTED_MAX]
    return int(newest.aggregate(judged=Count("pk", filter=Q(is_judged=True)))["judged"])

"""Which decisions a dataset is made of. Kept as JSON, so that each version says what it was asked for."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, Count, Q, Value, When
from django.db.models.functions import Now

from escalations.models import AgentCorrect, DecidedBy, Disposition, Kind, Resolution
from escalations.models.resolutions import ResolutionQuerySet

AUDITED = Q(case__kind=Kind.REVIEW) | Q(case__audited_run__isnull=False)

# Why a decision may train nothing; of several reasons the first one is told.
NOBODY, AUDIT, FORBIDDEN = "nobody", "audit", "forbidden"
UNRESOLVABLE, UNSURE = "unresolvable", "unsure"
UNTRAINABLE = (NOBODY, AUDIT, FORBIDDEN, UNRESOLVABLE, UNSURE)
_UNTRAINABLE = Case(
    When(~Q(decided_by=DecidedBy.HUMAN), then=Value(NOBODY)),
    When(AUDITED, then=Value(AUDIT)),
    When(training_allowed=False, then=Value(FORBIDDEN)),
    When(disposition=Disposition.UNRESOLVABLE, then=Value(UNRESOLVABLE)),
    When(agent_correct=AgentCorrect.UNSURE, then=Value(UNSURE)),
    default=Value(""),
    output_field=CharField(),
)


@dataclass(frozen=True)
class Filter:
    """Decided from `since` until before `until`. What is empty filters nothing; of several one must hold."""

    agent: str = ""
    version: str = ""
    queue: str = ""
    category: str = ""
    dispositions: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    failure_modes: tuple[str, ...] = ()
    qualities: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Filter":
        """The filter of which `kept` was made by `as_json`."""
        known = {field.name: kept[field.name] for field in fields(cls) if field.name in kept}
        moments = {
            name: datetime.fromisoformat(known[name]) for name in ("since", "until") if known.get(name)
        }
        several = {name: tuple(value) for name, value in known.items() if isinstance(value, list)}
        return cls(**known | several | moments)

    def as_json(self) -> dict[str, Any]:
        """What filters anything, as JSON has it."""
        said = {name: value for name, value in asdict(self).items() if value}
        return {
            name: value.isoformat() if isinstance(value, datetime) else value for name, value in said.items()
        }

    def decided(self) -> ResolutionQuerySet:
        """All decisions that fit, whether or not they may train anything, in the order of deciding."""
        wanted = {
            "case__agent__name": self.agent,
            "case__agent_version__name": self.version,
            "case__queue__name": self.queue,
            "case__category": self.category,
            "disposition__in": self.dispositions,
            "agent_correct__in": self.verdicts,
            "failure_primary__in": self.failure_modes,
            "quality__in": self.qualities,
            "created_at__gte": self.since,
            "created_at__lt": self.until,
        }
        settled = Q(case__dispatch_at=None) | Q(case__dispatch_at__lte=Now())
        found = Resolution.objects.current().filter(settled)
        return found.filter(**{name: value for name, value in wanted.items() if value}).order_by(
            "created_at", "id"
        )

    def trainable(self) -> ResolutionQuerySet:
        """Those that may train a model: never what audits found, by which the agent is measured."""
        return self.decided().trainable().exclude(AUDITED)

    def left_out(self, why: str) -> ResolutionQuerySet:
        """Those of the decided ones that may train nothing, for this reason."""
        return self.decided().alias(why=_UNTRAINABLE).filter(why=why)

    def untrainable(self) -> dict[str, int]:
        """How many of the decided ones may train nothing, by why."""
        counted = self.decided().order_by().values(why=_UNTRAINABLE).annotate(n=Count("pk"))
        return {row["why"]: row["n"] for row in counted if row["why"]}

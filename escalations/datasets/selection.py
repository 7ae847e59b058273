"""Which resolutions an export takes, read in batches that keep memory flat however many there are."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from escalations.datasets import openai_sft, trl_preference
from escalations.datasets.example import Example, example_of
from escalations.models import Decision, Disposition, Resolution
from escalations.models.resolutions import ResolutionQuerySet

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# A handoff may have 4 MiB, and one statement 10 s.
BATCH = 100


@dataclass(frozen=True)
class Format:
    """An export format: `row` makes one row, or None; `may_give_rows` spares reading those that cannot."""

    name: str
    title: "StrOrPromise"
    meaning: "StrOrPromise"
    row: Callable[[Example], dict[str, Any] | None]
    may_give_rows: Q


FORMATS = {
    known.name: known
    for known in [
        Format(
            "sft",
            _("OpenAI-style SFT"),
            _("Each conversation with the turn that was approved, corrected or answered by a person."),
            openai_sft.row,
            Q(decision=Decision.APPROVE, overrode__isnull=False)
            | Q(decision__in=[Decision.EDIT, Decision.RESPOND]),
        ),
        Format(
            "preference",
            _("TRL preference"),
            _("Each correction as a pair: the corrected turn is chosen, the proposed one rejected."),
            trl_preference.row,
            Q(
                decision__in=[Decision.EDIT, Decision.RESPOND],
                disposition__in=[Disposition.EDIT, Disposition.REPLACE],
                overrode__isnull=False,
            ),
        ),
    ]
}


@dataclass(frozen=True)
class Selection:
    """What to export: decided from `since` until before `until`, by agent and version name; empty is all."""

    format: Format
    agent: str = ""
    version: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def resolutions(self) -> ResolutionQuerySet:
        """Those that may give a row, in the order in which they were decided."""
        wanted = {
            "case__agent__name": self.agent,
            "case__agent_version__name": self.version,
            "created_at__gte": self.since,
            "created_at__lt": self.until,
        }
        return (
            Resolution.objects.trainable()
            .filter(self.format.may_give_rows, **{field: value for field, value in wanted.items() if value})
            .order_by("created_at", "id")
        )

    def rows(self) -> Iterator[tuple[UUID, dict[str, Any]]]:
        """Each row with the id of its resolution, `BATCH` read at a time."""
        after: Resolution | None = None
        while batch := self._batch(after):
            for resolution in batch:
                row = self.format.row(example_of(resolution))
                if row is not None:
                    yield resolution.id, row
            after = batch[-1]

    def _batch(self, after: Resolution | None) -> list[Resolution]:
        resolutions = self.resolutions()
        if after is not None:
            # Redundant with what follows, but it is what the index can start from.
            resolutions = resolutions.filter(created_at__gte=after.created_at).filter(
                Q(created_at__gt=after.created_at) | Q(id__gt=after.id)
            )
        return list(resolutions.select_related("case__handoff").prefetch_related("case__turns_since")[:BATCH])

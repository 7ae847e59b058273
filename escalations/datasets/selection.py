"""Which resolutions an export takes, read in batches that keep memory flat however many there are."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from escalations.datasets.formats.example import example_of
from escalations.datasets.formats.registry import Format
from escalations.models import Resolution
from escalations.models.resolutions import ResolutionQuerySet

# A handoff may have 4 MiB, and one statement 10 s.
BATCH = 100


def with_parts(resolutions: ResolutionQuerySet) -> ResolutionQuerySet:
    """With all that `example_of` and the formats read: three statements, however many there are."""
    parts = ("case__handoff", "case__agent", "case__agent_version", "case__queue")
    return resolutions.select_related(*parts).prefetch_related("case__turns_since", "revisions")


def let_go(resolutions: Iterable[Resolution]) -> None:
    """Forget what was read with these decisions.

    A case and its handoff hold each other, as do a decision and its revisions. Such circles, texts and all,
    stay in memory until the garbage collector looks at everything that a process holds, which is seldom.
    """
    for resolution in resolutions:
        for row in (resolution.case, resolution):
            vars(row).pop("_prefetched_objects_cache", None)
            row._state.fields_cache.clear()


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
            let_go(batch)
            after = batch[-1]

    def _batch(self, after: Resolution | None) -> list[Resolution]:
        resolutions = self.resolutions()
        if after is not None:
            # Redundant with what follows, but it is what the index can start from.
            resolutions = resolutions.filter(created_at__gte=after.created_at).filter(
                Q(created_at__gt=after.created_at) | Q(id__gt=after.id)
            )
        return list(with_parts(resolutions)[:BATCH])

"""Which resolutions an export takes, and the rows that they make in its format."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from escalations.datasets.batches import in_batches
from escalations.datasets.filters import Filter
from escalations.datasets.formats.example import example_of
from escalations.datasets.formats.registry import Format
from escalations.models.resolutions import ResolutionQuerySet


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
        wanted = Filter(agent=self.agent, version=self.version, since=self.since, until=self.until)
        return wanted.trainable().filter(self.format.may_give_rows)

    def rows(self) -> Iterator[tuple[UUID, dict[str, Any]]]:
        """Each row with the id of its resolution."""
        for batch in in_batches(self.resolutions()):
            for resolution in batch:
                row = self.format.row(example_of(resolution))
                if row is not None:
                    yield resolution.id, row

"""What a build leaves out of a version: how many decisions, why, and which of them."""

from collections import Counter
from uuid import UUID

from escalations.datasets.filters import Filter
from escalations.models import DatasetLeftOut, DatasetVersion

# So many of each reason are kept by their ids; the others are only counted.
KEPT = 10_000


class LeftOut:
    """Those of one build. `counts` has all of them by reason, the table the first `KEPT` of each."""

    def __init__(self, version: DatasetVersion) -> None:
        self.counts: Counter[str] = Counter()
        self._version = version
        self._unsaved: list[DatasetLeftOut] = []

    def add(self, why: str, *, resolution: UUID, case: UUID) -> None:
        """Note one, to be saved with the next `save`."""
        self.counts[why] += 1
        if self.counts[why] <= KEPT:
            self._unsaved.append(self._row(why, resolution, case))

    def add_untrainable(self, wanted: Filter) -> None:
        """Note the decisions that fit a filter and may train nothing."""
        for why, n in wanted.untrainable().items():
            self.counts[why] += n
            first = wanted.left_out(why).values_list("id", "case")[:KEPT]
            self._unsaved += [self._row(why, resolution, case) for resolution, case in first]

    def save(self) -> None:
        """Write what was noted since the last time. Needs the transaction and the right to build."""
        DatasetLeftOut.objects.bulk_create(self._unsaved, batch_size=2_000)
        self._unsaved = []

    def _row(self, why: str, resolution: UUID, case: UUID) -> DatasetLeftOut:
        return DatasetLeftOut(version=self._version, why=why, resolution=resolution, case=case)

"""What a live process measures of itself: the lag of events and re-syncs, a row a minute (`LiveMinute`)."""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from escalations import sql
from escalations.metrics import bins

SECONDS = 60.0


class Meter:
    """Counts, until it is taken. Its size does not grow with what it counts."""

    def __init__(self) -> None:
        self.resyncs = 0
        self._lags: Counter[int] = Counter()

    def note_lags(self, lags: Iterable[float]) -> None:
        """Events were read so many seconds after they had been written."""
        self._lags.update(map(bins.number, lags))

    def note_resync(self) -> None:
        """A page missed too much, and was told to start over or sent all of it."""
        self.resyncs += 1

    def add(self, other: "Meter") -> None:
        """Count what another one counted, too."""
        self.resyncs += other.resyncs
        self._lags.update(other._lags)

    @property
    def events(self) -> int:
        return self._lags.total()

    @property
    def lag_p95(self) -> float | None:
        """In seconds; None where no event came."""
        found = bins.percentiles([*self._lags.items()], [0.95])
        return found[0] if found else None


def keep(process: UUID, meter: Meter) -> None:
    """Write down what was counted in the last minute."""
    sql.run(
        "live_minute",
        process=process,
        events=meter.events,
        lag_p95=meter.lag_p95,
        resyncs=meter.resyncs,
    )

"""Who plays the demo's cases, and when each of their events should have been."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from escalations.models import Operator


@dataclass
class Player:
    """Plays cases for the agents whose keys it has, and remembers when each event should have been."""

    keys: dict[str, str]
    people: dict[str, Operator]
    moments: list[tuple[UUID, int, datetime]] = field(default_factory=list)
    events: Counter[UUID] = field(default_factory=Counter)
    # When webhooks with the decision were tried, by case.
    tried_at: dict[UUID, tuple[datetime, ...]] = field(default_factory=dict)

    def happened(self, case_id: UUID, *times: datetime) -> None:
        """The next events of the case belong at `times`."""
        for time in times:
            self.events[case_id] += 1
            self.moments.append((case_id, self.events[case_id], time))

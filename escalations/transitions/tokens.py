"""The lease: who may write, and until when. The token grows with every claim, which makes it a fence."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from escalations.models import Operator

LEASE = timedelta(seconds=120)
# Who goes away and keeps their cases has them for so long.
KEPT_WHILE_AWAY = timedelta(minutes=15)


@dataclass(frozen=True)
class LeaseToken:
    """What the holder shows with each write: the fence value they were given when they claimed."""

    case_id: UUID
    operator: Operator
    token: int

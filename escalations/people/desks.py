"""What one person's desk is like at this moment: presence, load, offers, unread notices."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import JSONField
from django.db.models.expressions import RawSQL

from escalations import sql, stored_words
from escalations.events import Position
from escalations.models import Availability, Clock, Kind, OfferOutcome, Operator, Priority, State

# So long it is told what became of an offer that ended without the person's doing.
TOLD = timedelta(seconds=8)


@dataclass(frozen=True)
class Offered:
    """A live offer, with what a person needs to know to accept it."""

    id: int
    case_id: UUID
    headline: str
    kind: Kind
    priority: Priority
    queue: str
    at_risk_at: datetime
    next_due_at: datetime
    next_clock: Clock
    offered_at: datetime
    expires_at: datetime
    # What is offered waits for nobody's reply, so its clocks run.
    paused_at: None = None

    @property
    def seconds(self) -> int:
        """How long the offer stands in all."""
        return round((self.expires_at - self.offered_at).total_seconds())


@dataclass(frozen=True)
class Over:
    """An offer that ended a moment ago: `outcome` is empty or missed if its time ran out."""

    id: int
    headline: str
    outcome: OfferOutcome
    state: State
    # Who has the case now.
    holder: str

    @property
    def ran_out(self) -> bool:
        return self.outcome != OfferOutcome.RESCINDED


@dataclass(frozen=True)
class Desk:
    """Equal desks look the same; `cursor` is the position in the event log that this one was read at."""

    availability: Availability = Availability.AVAILABLE
    reason: str = ""
    holds: int = 0
    load: int = 0
    capacity: int = 0
    unread: int = 0
    newest_notice: int = 0
    offers: tuple[Offered, ...] = ()
    over: tuple[Over, ...] = ()
    cursor: Position | None = field(default=None, compare=False)

    @property
    def label(self) -> str:
        """The availability in a word or two."""
        is_watching = self.reason == stored_words.WATCHING
        return stored_words.shown(self.reason) if is_watching else str(self.availability.label)

    @property
    def why(self) -> str:
        """The reason, unless `label` says it."""
        return "" if self.reason == stored_words.WATCHING else stored_words.shown(self.reason)

    @property
    def is_full(self) -> bool:
        return self.load >= self.capacity


def desk_of(operator: Operator) -> Desk:
    """The desk of one person."""
    return desks([operator.pk])[operator.pk]


def desks(operator_ids: Iterable[int]) -> dict[int, Desk]:
    """The desk of each of these people, in one statement."""
    rows = sql.run("desk", operators=list(operator_ids), told=TOLD)
    return {row.pop("operator_id"): _desk(**row) for row in rows}


def desk_column(operator_id: int) -> RawSQL:
    """The desk of one person as a column, for a page that asks for more in the same query; see `desk_in`."""
    desk = sql.embedded("desk", operators=[operator_id], told=TOLD)
    text = f"SELECT to_jsonb(desk) FROM ({desk.sql}) desk"  # noqa: S608 - a file of ours, with parameters
    return RawSQL(text, desk.params, JSONField())  # noqa: S611 - likewise


def desk_in(column: dict[str, Any]) -> Desk:
    """The desk that `desk_column` gave."""
    return _desk(**{name: value for name, value in column.items() if name != "operator_id"})


def _desk(
    *,
    availability: str,
    cursor: str,
    offers: Sequence[dict[str, Any]],
    over: Sequence[dict[str, Any]],
    load: int,
    **counts: Any,
) -> Desk:
    return Desk(
        availability=Availability(availability),
        cursor=Position.parse(cursor),
        offers=tuple(_offered(**offer) for offer in offers),
        over=tuple(_over(**offer) for offer in over),
        load=int(load),
        **counts,
    )


def _offered(*, case_id: str, kind: str, priority: int, next_clock: str, **rest: Any) -> Offered:
    for name in ("at_risk_at", "next_due_at", "offered_at", "expires_at"):
        rest[name] = datetime.fromisoformat(rest[name])
    return Offered(
        case_id=UUID(case_id),
        kind=Kind(kind),
        priority=Priority(priority),
        next_clock=Clock(next_clock),
        **rest,
    )


def _over(*, outcome: str, state: str, **rest: Any) -> Over:
    return Over(outcome=OfferOutcome(outcome), state=State(state), **rest)

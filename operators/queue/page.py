"""What the queue is drawn from, on its own page and beside a case."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet

from escalations.models import Escalation
from operators.queue.found import marks
from operators.queue.queue_view import MINE, STRIP, QueueView
from operators.queue.seat import Saved, Seat
from operators.queue.tallies import Count, tally


@dataclass(frozen=True)
class Pill:
    """A saved view with its count, as a link."""

    saved: Saved
    query: str
    count: Count
    is_current: bool


def queue_context(view: QueueView, seat: Seat | None = None) -> dict[str, Any]:
    """The rows and counts of `view`; `seat` adds what only the person who sits there may see.

    Two queries. The cursor is of the first, so what commits until the second comes over the live
    connection, too.
    """
    counted = view.counted() | _chosen(_shared(view) | (_own(seat) if seat else {}))
    tallied = tally(view.visible_queues(), counted)
    cases = view.cases()
    is_strip = view.view == STRIP
    shown = cases if is_strip else cases[: view.limit]
    has_more = not is_strip and len(cases) > view.limit
    query_for_more = view.query_behind(shown[-1]) if has_more else ""
    return {
        "view": view,
        "queue_cursor": tallied.cursor,
        "counts": tallied.counts,
        "queue_counts": tallied.queues,
        "shared_pills": _pills(view, view.shared, tallied.counts),
        "own_pills": _pills(view, seat.own if seat else (), tallied.counts),
        "pulse": tallied.counts,
        "cases": shown,
        "marks": marks(shown, view.filters.q),
        "query_for_more": query_for_more,
        # The first row that is left out, to go on from there.
        "next_case": cases[view.limit] if query_for_more else None,
    }


def own_context(view: QueueView, seat: Seat) -> dict[str, Any]:
    """The pills of the person at `seat` alone, in one query."""
    counts = tally(view.visible_queues(), _chosen(_own(seat))).counts
    return {"view": view, "counts": counts, "own_pills": _pills(view, seat.own, counts)}


def _shared(view: QueueView) -> dict[str, QueueView]:
    """The views behind the pills that everybody has, seen with the rights of `view`."""
    rights = Seat(0, view.sees_all, view.member_of, view.skills, (), (), (), ())
    return {_name(saved): QueueView.at(rights, dict(saved.params)) for saved in view.shared}


def _own(seat: Seat) -> dict[str, QueueView]:
    own = {_name(saved): QueueView.at(seat, dict(saved.params)) for saved in seat.own}
    return own | {MINE: QueueView.at(seat, {"view": MINE})}


def _chosen(views: Mapping[str, QueueView]) -> dict[str, QuerySet[Escalation]]:
    return {name: view.chosen() for name, view in views.items()}


def _pills(view: QueueView, saved: Iterable[Saved], counts: Mapping[str, Count]) -> list[Pill]:
    return [Pill(one, urlencode(one.params), counts[_name(one)], one.params == view.choice) for one in saved]


def _name(saved: Saved) -> str:
    return f"saved {saved.id}"

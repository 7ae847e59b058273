"""What the queue is drawn from, on its own page and beside a case."""

from typing import Any

from escalations.events import Position
from escalations.models import Operator
from operators.queue_view import STRIP, QueueView


def queue_context(view: QueueView, cursor: Position, holder: Operator | None = None) -> dict[str, Any]:
    """The rows and counts of `view`. `cursor` was read before; `holder` adds what only they may see."""
    counts = view.tally(holder)
    cases = view.cases()
    is_strip = view.view == STRIP
    has_more = not is_strip and len(cases) > view.limit and bool(view.query_for_more)
    return {
        "view": view,
        "queue_cursor": cursor,
        "counts": counts,
        "pulse": counts,
        "cases": cases if is_strip else cases[: view.limit],
        # The first row that is left out, to go on from there.
        "next_case": cases[view.limit] if has_more else None,
    }

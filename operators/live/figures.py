"""The live pages of the figures: a screen on the wall, and the cases at risk.

What they show changes with the clock and with who is there, which leaves no event, so they tick as well.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.urls import reverse

from escalations import events
from escalations.events import LoggedEvent, Position
from escalations.metrics import METRICS, Scope
from escalations.models import Delivery
from escalations.reports import risk
from escalations.reports.wall import Line, wall
from escalations.sla import clocks
from operators.languages import written_in
from operators.live.rooms import UNLISTED, Rendering, html_message
from operators.metrics.case_list import MISSED
from operators.metrics.filters import cases_url, scope_query
from operators.queue.filters import AT_RISK, BREACHED
from operators.queue.queue_view import ALL
from operators.rendering.formatting import whole

TICK = 2.0


@dataclass(frozen=True)
class WallTopic:
    """One queue or all of them for a screen on the wall, the same for all who may see it."""

    queue: str
    language: str
    tick: ClassVar[float | None] = TICK

    @property
    def key(self) -> str:
        return f"wall {self.language} {self.queue}"

    def concerns(self, event: LoggedEvent) -> bool:
        return event.kind not in UNLISTED

    def render(self, generation: int) -> Rendering:
        return _rendered(generation, self.language, partial(render_wall, self.queue))


@dataclass(frozen=True)
class RiskTopic:
    """The cases that are late or soon will be, in one queue or in all."""

    queue: str
    language: str
    tick: ClassVar[float | None] = TICK

    @property
    def key(self) -> str:
        return f"risk {self.language} {self.queue}"

    def concerns(self, event: LoggedEvent) -> bool:
        return event.kind not in UNLISTED

    def render(self, generation: int) -> Rendering:
        return _rendered(generation, self.language, partial(render_risk, self.queue))


def render_wall(queue: str, cursor: Position) -> str:
    """What the wall shows now."""
    shown, now = wall(queue), clocks.database_now()
    hour = Scope(now - timedelta(hours=1), now, ZoneInfo("UTC"), queue=queue)
    context = {
        "wall": shown,
        "wall_queue": queue,
        "wall_cursor": cursor,
        "urls": _places(shown.whole, hour),
        "lines": [(line, _places(line, replace(hour, queue=line.name))) for line in shown.queues],
    }
    return render_to_string("operators/reports/_wall.html", context)


def _places(line: Line, hour: Scope) -> dict[str, str]:
    """Where the figures of a line lead: to the rows that each of them counts."""
    wall_page = reverse("wall", query={"queue": hour.queue} if hour.queue else None)
    return {
        **_in_queue(hour.queue),
        **_in_hour(hour),
        "backlog": cases_url(hour, METRICS["backlog"]),
        "oldest": reverse("case", args=[line.oldest_id]) if line.oldest_id else "",
        "people": f"{wall_page}#wall-people",
        "drain": f"{reverse('metric_rows', args=['drain'])}?{scope_query(hour)}",
    }


def _in_queue(queue: str) -> dict[str, str]:
    """Lists of what is open, which are live and where cases are taken."""
    of_queue = {"queue": queue} if queue else {}
    asked = {
        "all": {},
        "waiting": {"state": "queued"},
        "in_hand": {"state": "held"},
        "aside": {"state": "aside"},
        "at_risk": {"due": AT_RISK},
        "breached": {"due": BREACHED},
    }
    return {
        name: reverse("queue", query={"view": ALL} | of_queue | narrowed) for name, narrowed in asked.items()
    }


def _in_hour(hour: Scope) -> dict[str, str]:
    """Lists of what came and went."""
    resolved = METRICS["resolution"]
    return {
        "received": cases_url(hour, METRICS["intake"]),
        "resolved": cases_url(hour, resolved),
        "undelivered": cases_url(hour, resolved, delivery=Delivery.UNDELIVERED),
        "missed": cases_url(hour, resolved, delivery=MISSED),
        "came_late": cases_url(hour, resolved, delivery=Delivery.LATE),
    }


def render_risk(queue: str, cursor: Position) -> str:
    """What is at risk now."""
    found = risk.risk(queue)
    context = {
        "risk": found,
        "breached": _counted(found.breached_count),
        "at_risk": _counted(found.at_risk_count),
        "risk_queue": queue,
        "risk_cursor": cursor,
        "urls": _in_queue(queue),
        "shown": risk.SHOWN,
    }
    return render_to_string("operators/reports/_risk.html", context)


def _counted(number: int) -> str:
    return f"{whole(risk.COUNTED)}+" if number > risk.COUNTED else whole(number)


def _rendered(generation: int, language: str, render: Callable[[Position], str]) -> Rendering:
    cursor = events.position()
    with written_in(language):
        text = html_message(generation, cursor, render(cursor))
    return lambda operator_id: [text]

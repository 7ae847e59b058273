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

from escalations import events
from escalations.events import LoggedEvent, Position
from escalations.metrics import METRICS, Scope
from escalations.models import Delivery
from escalations.reports.risk import risk
from escalations.reports.wall import wall
from escalations.sla import clocks
from operators.languages import written_in
from operators.live.rooms import UNLISTED, Rendering, html_message
from operators.metrics.filters import cases_url

TICK = 2.0


@dataclass(frozen=True)
class WallTopic:
    """The desk for a screen on the wall, the same for all who may see it."""

    language: str
    tick: ClassVar[float | None] = TICK

    @property
    def key(self) -> str:
        return f"wall {self.language}"

    def concerns(self, event: LoggedEvent) -> bool:
        return event.kind not in UNLISTED

    def render(self, generation: int) -> Rendering:
        return _rendered(generation, self.language, render_wall)


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


def render_wall(cursor: Position) -> str:
    """What the wall shows now."""
    shown, now = wall(), clocks.database_now()
    hour = Scope(now - timedelta(hours=1), now, ZoneInfo("UTC"))
    context = {
        "wall": shown,
        "wall_cursor": cursor,
        "urls": _cases(hour),
        "lines": [(line, _cases(replace(hour, queue=line.name))) for line in shown.queues],
    }
    return render_to_string("operators/reports/_wall.html", context)


def _cases(hour: Scope) -> dict[str, str]:
    """Where the figures of one queue lead, or of all."""
    resolved = METRICS["resolution"]
    return {
        "backlog": cases_url(hour, METRICS["backlog"]),
        "received": cases_url(hour, METRICS["intake"]),
        "resolved": cases_url(hour, resolved),
        "undelivered": cases_url(hour, resolved, delivery=Delivery.UNDELIVERED),
        "came_late": cases_url(hour, resolved, delivery=Delivery.LATE),
    }


def render_risk(queue: str, cursor: Position) -> str:
    """What is at risk now."""
    context = {"risk": risk(queue), "risk_queue": queue, "risk_cursor": cursor}
    return render_to_string("operators/reports/_risk.html", context)


def _rendered(generation: int, language: str, render: Callable[[Position], str]) -> Rendering:
    cursor = events.position()
    with written_in(language):
        text = html_message(generation, cursor, render(cursor))
    return lambda operator_id: [text]

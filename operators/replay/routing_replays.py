"""What a replay came to, in rows: the week as it was, replayed as the desk is set up, and as it might be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from escalations.metrics import wilson
from escalations.models import Queue, Replay
from escalations.replay import Settings
from escalations.wording import number as spelt
from operators.rendering.formatting import duration, interval, percent, whole

_SIDES = ("recorded", "as_is", "tried")


@dataclass(frozen=True)
class Row:
    """A figure three times; `tone` says whether what is tried is better than what is."""

    title: str
    recorded: str
    as_is: str
    tried: str
    tone: str = ""


@dataclass(frozen=True)
class Shown:
    """A replay that is over."""

    rows: list[Row]
    changes: list[str]
    since: datetime
    until: datetime
    findings: Mapping[str, Any]


def shown(replay: Replay) -> Shown | None:
    """None while it is under way, or where it failed."""
    found = replay.findings
    if found is None:
        return None
    return Shown(
        rows=list(_rows(found)),
        changes=list(changes(replay)),
        since=datetime.fromisoformat(found["since"]),
        until=datetime.fromisoformat(found["until"]),
        findings=found,
    )


def changes(replay: Replay) -> Iterator[str]:
    """What was tried, in words."""
    asked, usual = Settings(**replay.asked), Settings()
    if asked.preferred_seconds != usual.preferred_seconds:
        yield _("preferred skills are given up after %(time)s") % {"time": duration(asked.preferred_seconds)}
    if asked.own_queue_seconds != usual.own_queue_seconds:
        yield _("the overflow queue helps after %(time)s") % {"time": duration(asked.own_queue_seconds)}
    if not asked.overflow:
        yield _("no queue overflows")
    if asked.capacity is not None:
        yield _("everybody has a capacity of %(capacity)s") % {"capacity": asked.capacity}
    if asked.more_people and asked.more_in:
        name = Queue.objects.filter(id=asked.more_in).values_list("name", flat=True).first() or "–"
        words = ngettext(
            "%(n)s person more in %(queue)s, with all skills",
            "%(n)s people more in %(queue)s, with all skills",
            asked.more_people,
        )
        yield words % {"n": asked.more_people, "queue": name}
    if asked.handle_percent != usual.handle_percent:
        yield _("a case takes %(percent)s of what it took") % {
            "percent": percent(asked.handle_percent / 100, 0)
        }


def _rows(found: Mapping[str, Any]) -> Iterator[Row]:
    sides = [found[side] for side in _SIDES]
    yield _row(_("Picked up in time"), [_kept(side) for side in sides], _better(sides, "in_time", up=True))
    yield _row(_("Wait until pickup, p50"), [_time(side["p50"]) for side in sides], _better(sides, "p50"))
    yield _row(_("Wait until pickup, p90"), [_time(side["p90"]) for side in sides], _better(sides, "p90"))
    yield _row(_("Picked up"), [whole(side["picked_up"]) for side in sides])
    yield _row(
        _("Left before anybody took them"), [whole(side["left"]) for side in sides], _better(sides, "left")
    )
    yield _row(
        _("Still waiting at the end"), [whole(side["still"]) for side in sides], _better(sides, "still")
    )
    busy = ["–" if side.get("busy") is None else spelt(side["busy"], 2) for side in sides]
    yield _row(_("Cases in hand for each person there"), busy)


def _row(title: str, texts: list[str], tone: str = "") -> Row:
    recorded, as_is, tried = texts
    return Row(title, recorded, as_is, tried, tone)


def _kept(side: Mapping[str, Any]) -> str:
    n = side["in_time"] + side["late"]
    if not n:
        return "–"
    return f"{percent(side['in_time'] / n)} ({interval(wilson(side['in_time'], n))})"


def _time(seconds: float | None) -> str:
    return "–" if seconds is None else duration(seconds)


def _better(sides: list[Mapping[str, Any]], name: str, *, up: bool = False) -> str:
    was, now = sides[1][name], sides[2][name]
    if was is None or now is None or was == now:
        return ""
    return "good-text" if (now > was) == up else "bad-text"

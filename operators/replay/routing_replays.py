"""What a replay came to, in rows: the week as it was, replayed as the desk is set up, and as it might be."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from escalations.metrics import wilson
from escalations.models import Queue, Replay, ReplayRows
from escalations.replay import Settings
from escalations.wording import number as spelt
from operators.rendering.formatting import duration, interval, percent, whole
from operators.replay.routing_rows import OTHERWISE, SIDES, TRIED


@dataclass(frozen=True)
class Row:
    """A figure three times; `tone` says whether what is tried is better than what is.

    `counts` names the cases that it is about, as `routing_rows.COUNTS` has them.
    """

    title: str
    texts: Sequence[str]
    counts: str
    tone: str = ""


@dataclass(frozen=True)
class Cell:
    """A figure, and where its cases are listed, if they are."""

    text: str
    url: str


@dataclass(frozen=True)
class Shown:
    """A replay that is over. `otherwise` is where the cases are that what is tried treats otherwise."""

    rows: list[tuple[Row, list[Cell]]]
    changes: list[str]
    since: datetime
    until: datetime
    findings: Mapping[str, Any]
    otherwise: str


def shown(replay: Replay) -> Shown | None:
    """None while it is under way, or where it failed."""
    found = replay.findings
    if found is None:
        return None
    linked = replay if ReplayRows.objects.filter(replay=replay).exists() else None
    return Shown(
        rows=[(row, _cells(row, linked)) for row in _rows(found)],
        changes=list(changes(replay)),
        since=datetime.fromisoformat(found["since"]),
        until=datetime.fromisoformat(found["until"]),
        findings=found,
        otherwise=rows_url(linked, OTHERWISE) if linked else "",
    )


def rows_url(replay: Replay, counts: str, side: str = TRIED) -> str:
    """The list of the cases that a figure of the replay is about."""
    return reverse("replay_rows", args=[replay.pk], query={"counts": counts, "side": side})


def _cells(row: Row, replay: Replay | None) -> list[Cell]:
    return [
        Cell(text, rows_url(replay, row.counts, side) if replay and text != "–" else "")
        for text, side in zip(row.texts, SIDES, strict=True)
    ]


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
    sides = [found[side] for side in SIDES]
    kept = [_kept(side) for side in sides]
    yield Row(_("Picked up in time"), kept, "in_time", _better(sides, "in_time", up=True))
    for title, name in ((_("Wait until pickup, p50"), "p50"), (_("Wait until pickup, p90"), "p90")):
        yield Row(title, [_time(side[name]) for side in sides], "picked_up", _better(sides, name))
    yield Row(_("Picked up"), [whole(side["picked_up"]) for side in sides], "picked_up")
    for title, name in (
        (_("Left before anybody took them"), "left"),
        (_("Still waiting at the end"), "still"),
    ):
        yield Row(title, [whole(side[name]) for side in sides], name, _better(sides, name))
    busy = ["–" if side.get("busy") is None else spelt(side["busy"], 2) for side in sides]
    yield Row(_("Cases in hand for each person there"), busy, "picked_up")


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

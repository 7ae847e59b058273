"""Keeps what the figures come to by the hour, so that they cost the same however many cases there are.

One pass reads from the event log which cases changed (`escalations.events`). What was counted of each is
taken back, and what its facts are now is counted, all in one statement: so a pass may run twice or stop
anywhere, and what comes late is put right in the hour that it belongs to. Cases from before the first pass
are its backlog; until that is worked off, nobody reads this. When a definition changes, all begins anew.

Only settled facts are counted here (docs/decisions/0020).
"""

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from uuid import UUID

from django.db import connection, transaction

from escalations import events
from escalations.events import Position
from escalations.metrics import bins
from escalations.metrics.registry import METRICS, Metric, parameters
from escalations.models import Bookmark, Escalation, RolledCase, Rollup, RollupBin

BATCH = 1_000
_LOG, _BACKLOG, _DEFINED = "figures", "figures backlog", "figures defined"
# Between the parts of a line: no name holds it.
_SEPARATOR = "\x1f"

# Values are added up in millionths, as whole numbers: what was added can be taken back without a trace.
MICRO = "round(value * 1000000)::bigint"
BIN = f"""CASE WHEN value > 0 THEN floor({bins.PER_OCTAVE} * ln(value) / ln(2::float8))::int
        WHEN value <= 0 THEN {bins.NOTHING} END"""

_COUNT = files(__package__).joinpath("roll_up.sql").read_text()


def roll_up(limit: int = BATCH) -> int:
    """Count what changed since the last pass, and up to `limit` cases of the backlog.

    Returns how many cases that were. Not to run alongside itself: `escalations.sweeps` sees to that.
    """
    bookmark = _started()
    position = Position.parse(bookmark.place)
    changed, reached = events.cases_changed_since(position)
    if reached.end < position.end:  # the database was copied to a server whose transactions count anew
        begin_anew()
        return roll_up(limit)
    for start in range(0, len(changed), BATCH):
        count_cases(changed[start : start + BATCH])
    bookmark.place = str(reached)
    bookmark.save(update_fields=["place"])
    return len(changed) + _work_off(limit)


def begin_anew() -> None:
    """Forget what was counted; the next passes count everything again."""
    with transaction.atomic():
        Bookmark.objects.filter(name__in=(_LOG, _BACKLOG, _DEFINED)).delete()
        with connection.cursor() as cursor:
            tables = ", ".join(model._meta.db_table for model in (Rollup, RollupBin, RolledCase))
            cursor.execute(f"TRUNCATE {tables}")


def count_cases(case_ids: Sequence[UUID]) -> None:
    """Count the facts of these cases in place of what was counted of them before."""
    if not case_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _statement(),
            {
                "cases": list(case_ids),
                "separator": _SEPARATOR,
                "forgetful": [metric.name for metric in rolled_up() if metric.forgotten_after],
                **parameters(),
            },
        )


def rolled_up() -> list[Metric]:
    """The metrics whose facts are counted ahead: those that are about cases and of a time."""
    return [metric for metric in METRICS.values() if metric.rolled_up and not metric.is_now]


def is_ready() -> bool:
    """Whether all cases are counted, by the definitions of today."""
    places = dict(Bookmark.objects.filter(name__in=(_BACKLOG, _DEFINED)).values_list("name", "place"))
    return places == {_BACKLOG: "", _DEFINED: definitions()}


def definitions() -> str:
    """A digest of all that decides what is counted."""
    said = [(metric.name, metric.sql) for metric in rolled_up()]
    return hashlib.sha256(repr((said, sorted(parameters().items()), _COUNT, BIN)).encode()).hexdigest()


@cache
def _statement() -> str:
    facts = "\nUNION ALL\n".join(
        f"SELECT '{metric.name}' AS metric, fact.* FROM (\n{metric.sql}\n) fact\n"  # noqa: S608 - ours
        "WHERE fact.settled AND fact.case_id IN (SELECT chosen.case_id FROM chosen)"
        for metric in rolled_up()
    )
    return _COUNT.format(facts=facts, bin=BIN, micro=MICRO)


def _started() -> Bookmark:
    """Where the log was read to. The first pass begins at its end, and all cases of then are backlog."""
    marks = {mark.name: mark for mark in Bookmark.objects.filter(name__in=(_LOG, _DEFINED))}
    if len(marks) == 2 and marks[_DEFINED].place == definitions():
        return marks[_LOG]
    begin_anew()
    # In this order: what commits in between is in both.
    end = events.position()
    newest = Escalation.objects.order_by("-id").values_list("id", flat=True).first()
    with transaction.atomic():
        Bookmark.objects.create(name=_BACKLOG, place=str(newest or ""))
        Bookmark.objects.create(name=_DEFINED, place=definitions())
        return Bookmark.objects.create(name=_LOG, place=str(end))


def _work_off(limit: int) -> int:
    """The next cases of the backlog, from the newest down. An empty place is its end."""
    backlog = Bookmark.objects.get(name=_BACKLOG)
    if not backlog.place:
        return 0
    before = Escalation.objects.filter(id__lte=backlog.place).order_by("-id").values_list("id", flat=True)
    page = list(before[: limit + 1])
    count_cases(page[:limit])
    backlog.place = str(page[limit]) if len(page) > limit else ""
    backlog.save(update_fields=["place"])
    return len(page[:limit])

"""Replays of routing as rows: what was asked, and what playing it came to, told as it goes."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from statistics import quantiles
from typing import Any

from escalations import sql
from escalations.jobs import JobLease
from escalations.models import Operator, Replay
from escalations.replay import fates
from escalations.replay.engine import Arrival, Outcome, Settings, Worker, simulate
from escalations.replay.fates import Fate, How
from escalations.routing.people import Person, everybody
from escalations.sla import clocks

DAYS = 7
# More would keep a worker for too long; the first so many of the week are played then.
ARRIVALS_MAX = 20_000


def start(*, operator: Operator, queue: str, settings: Settings) -> Replay:
    """Ask for a replay; `playing` plays it."""
    return Replay.objects.create(started_by=operator, queue=queue, asked=asdict(settings))


def findings(lease: JobLease[Replay]) -> tuple[dict[str, Any], list[list[Any]]]:
    """Play the week. What came out, with how far the model is from what was recorded, and of which cases."""
    replay = lease.job
    until = clocks.database_now().replace(minute=0, second=0, microsecond=0)
    since = until - timedelta(days=DAYS)
    period = {"since": since, "until": until}
    rows = sql.run("replay_arrivals", **period, queue=replay.queue, most=ARRIVALS_MAX)
    arrivals = [_arrival(row) for row in rows]
    lease.write(total=2 * len(arrivals))
    workers, is_recorded = _workers(period)
    asked = Settings(**replay.asked)
    as_is = simulate(arrivals, workers, Settings(), until=until, told=lease.progress)
    more = [*workers, *_more(workers, asked)]
    tried = simulate(
        arrivals, more, asked, until=until, told=lambda done: lease.progress(len(arrivals) + done)
    )
    recorded = _recorded(rows, until)
    found = {
        "since": since.isoformat(),
        "until": until.isoformat(),
        "arrivals": len(arrivals),
        "is_cut": len(arrivals) == ARRIVALS_MAX,
        "people": sum(bool(worker.there) for worker in workers),
        "presence": "stays" if is_recorded else "claims",
        "recorded": _numbers(recorded),
        "as_is": _summary(as_is),
        "tried": _summary(tried),
    }
    return found, fates.packed([recorded, as_is.fates, tried.fates])


def _arrival(row: Mapping[str, Any]) -> Arrival:
    kept = {name: value for name, value in row.items() if name != "picked_up_at"}
    sets = {name: frozenset(row[name]) for name in ("skills", "preferred")}
    return Arrival(**kept | sets)


def _workers(period: Mapping[str, datetime]) -> tuple[list[Worker], bool]:
    """Everybody with the times they were there; and whether these are on record, or told from claims."""
    rows = sql.run("replay_stays", **period)
    is_recorded = bool(rows)
    there: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    for row in rows or sql.run("replay_claims", **period):
        _join(there[row["operator_id"]], row["started_at"], row["ended_at"])
    return [_worker(person, there.get(person.id, [])) for person in everybody()], is_recorded


def _worker(person: Person, there: Sequence[tuple[datetime, datetime]]) -> Worker:
    return Worker(person.id, person.queues, person.skills, person.capacity, there)


def _join(times: list[tuple[datetime, datetime]], start: datetime, end: datetime) -> None:
    """Add a stretch, which may go on from the last one."""
    if times and start <= times[-1][1]:
        times[-1] = (times[-1][0], max(end, times[-1][1]))
    elif start < end:
        times.append((start, end))


def _more(workers: Sequence[Worker], asked: Settings) -> list[Worker]:
    """The people who are added: there whenever somebody of their queue is."""
    if not asked.more_people or asked.more_in is None:
        return []
    members = [worker for worker in workers if asked.more_in in worker.queues]
    stretches = sorted(stretch for worker in members for stretch in worker.there)
    there: list[tuple[datetime, datetime]] = []
    for start, end in stretches:
        _join(there, start, end)
    usual = round(sum(worker.capacity for worker in members) / len(members)) if members else 1
    one = Worker(0, frozenset({asked.more_in}), None, usual, there)
    return [replace(one, id=-number) for number in range(1, asked.more_people + 1)]


def _recorded(rows: Sequence[Mapping[str, Any]], until: datetime) -> dict[str, Fate]:
    """The week as it was."""
    return {row["id"]: _ended(row, _arrival(row), until) for row in rows}


def _ended(row: Mapping[str, Any], arrival: Arrival, until: datetime) -> Fate:
    if row["picked_up_at"]:
        return Fate.of(How.PICKED_UP, arrival, row["picked_up_at"])
    if arrival.left_at:
        return Fate.of(How.LEFT, arrival, arrival.left_at)
    return Fate.of(How.STILL, arrival, until)


def _summary(outcome: Outcome) -> dict[str, Any]:
    busy = outcome.busy_seconds / outcome.there_seconds if outcome.there_seconds else None
    return _numbers(outcome.fates) | {"busy": busy}


def _numbers(found: Mapping[str, Fate]) -> dict[str, Any]:
    ended = Counter(fate.how for fate in found.values())
    p50, p90 = _percentiles([fate.seconds for fate in found.values() if fate.how is How.PICKED_UP])
    return {
        "picked_up": ended[How.PICKED_UP],
        "p50": p50,
        "p90": p90,
        "in_time": sum(fate.is_in_time for fate in found.values()),
        "late": sum(fate.is_late for fate in found.values()),
        "left": ended[How.LEFT],
        "still": ended[How.STILL],
    }


def _percentiles(waits: Sequence[float]) -> tuple[float | None, float | None]:
    """The median and the value under which nine in ten lie, interpolated."""
    if not waits:
        return None, None
    if len(waits) == 1:
        return waits[0], waits[0]
    tenths = quantiles(waits, n=10, method="inclusive")
    return tenths[4], tenths[8]

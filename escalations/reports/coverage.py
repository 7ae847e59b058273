"""Are there people for the work: each skill in each hour of the day, demand against who was there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from escalations import sql
from escalations.metrics import Scope

HOURS = range(24)
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
# Of the people there, so much may be busy before cases begin to wait for long.
BUSY = 0.8


@dataclass(frozen=True)
class Cell:
    """One skill in one hour, on average of the days.

    `cases` are received, `work` is how many people they keep busy, `people` are there. `work` is None where
    nothing was decided yet from which to tell how long a case takes.
    """

    cases: float
    work: float | None
    people: float

    @property
    def is_quiet(self) -> bool:
        return not self.cases

    @property
    def in_file(self) -> str:
        """Work and people as a file of the table has them."""
        return f"{'?' if self.work is None else f'{self.work:.3f}'}/{self.people:.3f}"

    @property
    def least(self) -> float:
        """What is shown at least: less than that is not nothing."""
        return 0.1

    @property
    def is_hardly_any(self) -> bool:
        """Whether there is some work, but less than is shown."""
        return self.work is not None and 0 < self.work < self.least

    @property
    def is_short(self) -> bool:
        """Whether there is more work than people."""
        return bool(self.cases) and (self.people == 0 or (self.work is not None and self.work > self.people))

    @property
    def is_tight(self) -> bool:
        """Whether nearly all who are there are busy."""
        return not self.is_short and bool(self.work) and (self.work or 0) > BUSY * self.people


@dataclass(frozen=True)
class Skill:
    """A row of the matrix; the name is empty for cases that ask for no skill."""

    name: str
    cells: Sequence[Cell]
    cases: int


@dataclass(frozen=True)
class Coverage:
    """The matrix over `days` days. `is_known` says whether it was recorded at all when people were there."""

    skills: Sequence[Skill]
    days: int
    is_known: bool


def coverage(scope: Scope, days: Sequence[int] = EVERY_DAY) -> Coverage:
    """Of the period, on these days of the week (1 is Monday), by the clock of the scope's zone.

    Agent and version do not count: people are there for all agents.
    """
    asked = {
        "since": scope.since,
        "until": scope.until,
        "zone": scope.zone.key,
        "days": list(days),
        "queue": scope.queue,
    }
    demand = {(row["skill"], row["hour"]): row for row in sql.run("coverage_demand", **asked)}
    there = {(row["skill"], row["hour"]): row["seconds"] for row in sql.run("coverage_people", **asked)}
    lengths = _lengths(scope, days)
    means = _means(demand)
    names = sorted({skill for skill, _ in demand})
    skills = [
        Skill(
            name,
            [
                _cell(demand.get((name, hour)), there.get((name, hour), 0.0), lengths[hour], means.get(name))
                for hour in HOURS
            ],
            sum(row["cases"] for (skill, _), row in demand.items() if skill == name),
        )
        for name in names
    ]
    return Coverage(skills, round(sum(lengths.values()) / len(HOURS)), bool(there))


def _cell(row: Mapping[str, float] | None, there: float, hours: float, mean: float | None) -> Cell:
    cases = row["cases"] / hours if row and hours else 0.0
    work = None if mean is None else cases * mean / 3600
    return Cell(cases, work, there / 3600 / hours if hours else 0.0)


def _means(demand: Mapping[tuple[str, int], Mapping[str, float]]) -> dict[str, float]:
    """How long a case of each skill takes a person, in seconds."""
    decided: dict[str, float] = {}
    seconds: dict[str, float] = {}
    for (skill, _), row in demand.items():
        decided[skill] = decided.get(skill, 0) + row["decided"]
        seconds[skill] = seconds.get(skill, 0.0) + row["seconds"]
    return {skill: seconds[skill] / count for skill, count in decided.items() if count}


def _lengths(scope: Scope, days: Sequence[int]) -> dict[int, float]:
    """How many times the period has each hour of the day, on these days; the first and last may be parts.

    Where summer time begins an hour is missing, where it ends one comes twice.
    """
    found = dict.fromkeys(HOURS, 0.0)
    since, until = scope.since.astimezone(UTC), scope.until.astimezone(UTC)
    day: date = scope.since.astimezone(scope.zone).date()
    last: date = scope.until.astimezone(scope.zone).date()
    while day <= last:
        if day.isoweekday() in days:
            edges = [_at(day, hour, scope.zone) for hour in range(len(HOURS) + 1)]
            for hour in HOURS:
                part = min(until, edges[hour + 1]) - max(since, edges[hour])
                found[hour] += max(0.0, part.total_seconds() / 3600)
        day += timedelta(days=1)
    return found


def _at(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """When an hour of a day begins (24: when it ends), in UTC, where none is missing or comes twice."""
    if hour == len(HOURS):
        day, hour = day + timedelta(days=1), 0
    return datetime.combine(day, time(hour), zone).astimezone(UTC)

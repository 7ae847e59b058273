"""Skills, calendars and queues."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any
from zoneinfo import available_timezones

from escalations.configuring.schema import PRIORITIES, WEEKDAYS
from escalations.configuring.sections.base import Change, Items, Refused, Section, named, noted, update
from escalations.models import Calendar, Holiday, OpeningHours, Queue, Skill, SlaTarget

_END_OF_DAY = "24:00"
_PRIORITY_NAMES = {int(priority): name for name, priority in PRIORITIES.items()}
_DAY_NAMES = {int(day): name for name, day in WEEKDAYS.items()}


def _skills() -> dict[str, Any]:
    return {skill.name: skill.description for skill in Skill.objects.all()}


def _write_skill(change: Change) -> None:
    skill, _ = Skill.objects.update_or_create(name=change.key, defaults={"description": change.wanted})
    noted(skill)


def _calendars() -> dict[str, Any]:
    found = Calendar.objects.prefetch_related("hours", "holidays")
    return {calendar.name: _calendar(calendar) for calendar in found}


def _calendar(calendar: Calendar) -> dict[str, Any]:
    hours: dict[str, list[str]] = {}
    for one in sorted(calendar.hours.all(), key=lambda one: (one.weekday, one.opens)):
        closes = _END_OF_DAY if one.closes == time.max else f"{one.closes:%H:%M}"
        hours.setdefault(_DAY_NAMES[one.weekday], []).append(f"{one.opens:%H:%M}-{closes}")
    holidays = {f"{one.day}": one.name for one in calendar.holidays.all()}
    return {"timezone": calendar.timezone, "hours": hours, "holidays": holidays}


def _calendar_items(value: Mapping[str, Any]) -> Items:
    """A day without hours is as one that is not named."""
    for name, wanted in value.items():
        hours = {day: stretches for day, stretches in wanted.get("hours", {}).items() if stretches}
        yield (name,), name, wanted | ({"hours": hours} if "hours" in wanted else {})


def _write_calendar(change: Change) -> None:
    wanted = change.wanted
    if wanted.get("timezone") and wanted["timezone"] not in available_timezones():
        raise Refused(("timezone",), f"There is no time zone {wanted['timezone']}.")
    if change.before is None and not any(wanted.get("hours", {}).values()):
        raise Refused((), "A calendar that never opens would stop clocks for ever: give it hours.")
    calendar = Calendar.objects.filter(name=change.key).first() or Calendar(name=change.key)
    update(calendar, wanted, ["timezone"])
    if "hours" in wanted:
        _write_hours(calendar, wanted["hours"])
    if "holidays" in wanted:
        _write_holidays(calendar, wanted["holidays"])
    noted(calendar)


def _write_hours(calendar: Calendar, hours: Mapping[str, list[str]]) -> None:
    rows = []
    for day, stretches in hours.items():
        for number, stretch in enumerate(stretches):
            opens, _, closes = stretch.partition("-")
            end = time.max if closes == _END_OF_DAY else time.fromisoformat(closes)
            if end <= time.fromisoformat(opens):
                raise Refused(("hours", day, number), "It must close after it opens.")
            rows.append(
                OpeningHours(
                    calendar=calendar, weekday=WEEKDAYS[day], opens=time.fromisoformat(opens), closes=end
                )
            )
    if not rows:
        raise Refused(("hours",), "A calendar that never opens would stop clocks for ever.")
    calendar.hours.all().delete()
    OpeningHours.objects.bulk_create(rows)


def _write_holidays(calendar: Calendar, holidays: Mapping[str, str]) -> None:
    rows = []
    for day, name in holidays.items():
        try:
            rows.append(Holiday(calendar=calendar, day=date.fromisoformat(day), name=name))
        except ValueError:
            raise Refused(("holidays", day), f"{day} is no day of the calendar.") from None
    calendar.holidays.all().delete()
    Holiday.objects.bulk_create(rows)


def _queues() -> dict[str, Any]:
    found = Queue.objects.select_related("calendar", "overflow").prefetch_related("sla_targets")
    return {queue.name: _queue(queue) for queue in found}


def _queue(queue: Queue) -> dict[str, Any]:
    return {
        "description": queue.description,
        "aging_seconds": queue.aging_seconds,
        "calendar": queue.calendar and queue.calendar.name,
        "overflow": queue.overflow and queue.overflow.name,
        "sla": {
            _PRIORITY_NAMES[target.priority]: {
                "pickup_seconds": target.pickup_seconds,
                "resolution_seconds": target.resolution_seconds,
                "response_seconds": target.response_seconds,
            }
            for target in sorted(queue.sla_targets.all(), key=lambda target: target.priority)
        },
    }


def _make_queues(wanted: Mapping[str, Any]) -> None:
    """All of them, before one overflows into another."""
    for name in wanted:
        Queue.objects.get_or_create(name=name)


def _queue_items(value: Mapping[str, Any]) -> Items:
    """A target that names no time for answers has none."""
    for name, wanted in value.items():
        targets = wanted.get("sla", {}).items()
        full = {priority: {"response_seconds": None} | target for priority, target in targets}
        yield (name,), name, wanted | ({"sla": full} if "sla" in wanted else {})


def _write_queue(change: Change) -> None:
    wanted, queue = change.wanted, Queue.objects.get(name=change.key)
    given = {name: wanted[name] for name in ("description", "aging_seconds") if name in wanted}
    if "calendar" in wanted:
        given["calendar"] = named(Calendar.objects.all(), wanted["calendar"], "calendar", ("calendar",))
    if "overflow" in wanted:
        given["overflow"] = named(Queue.objects.all(), wanted["overflow"], "queue", ("overflow",))
        if wanted["overflow"] == change.key:
            raise Refused(("overflow",), "A queue cannot help itself out.")
    update(queue, given, list(given))
    if "sla" in wanted:
        _write_targets(queue, wanted["sla"])
    noted(queue)


def _write_targets(queue: Queue, targets: Mapping[str, Any]) -> None:
    for name, target in targets.items():
        if target["pickup_seconds"] > target["resolution_seconds"]:
            raise Refused(("sla", name), "A case must be picked up before it is resolved.")
    queue.sla_targets.exclude(priority__in=[PRIORITIES[name] for name in targets]).delete()
    for name, target in targets.items():
        SlaTarget.objects.update_or_create(queue=queue, priority=PRIORITIES[name], defaults=target)


SKILLS = Section("skills", _skills, _write_skill)
CALENDARS = Section(
    "calendars", _calendars, _write_calendar, items=_calendar_items, whole=frozenset({"hours", "holidays"})
)
QUEUES = Section(
    "queues", _queues, _write_queue, items=_queue_items, prepare=_make_queues, whole=frozenset({"sla"})
)

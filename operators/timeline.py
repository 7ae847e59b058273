"""The events of a case as sentences: who did what, when."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from itertools import groupby
from typing import Any

from escalations.models import Decision, Event, How, OfferOutcome, Operator, Priority, WaitingFor
from operators.templatetags.desk import duration

SHOWN = 100
# Events that tell nobody anything afterwards.
PASSING = ("typing", "viewing")


@dataclass(frozen=True)
class Entry:
    """One line of the activity of a case; `icon` says what kind of actor it was."""

    at: datetime
    who: str
    what: str
    icon: str = "clock"


@dataclass(frozen=True)
class Day:
    """What happened on one day, the latest first."""

    on: date
    entries: list[Entry]


def entries(events: Iterable[Event]) -> list[Entry]:
    """The events in their order, people by their names. One query, however many there are."""
    logged = list(events)
    names = _names(logged)
    return [
        Entry(event.created_at, names[event.actor], _sentence(event, names), _icon(event.actor))
        for event in logged
    ]


def days(events: Iterable[Event], zone: tzinfo) -> list[Day]:
    """The events by the days of a time zone, in their order."""
    by_day = groupby(entries(events), key=lambda entry: entry.at.astimezone(zone).date())
    return [Day(on, list(found)) for on, found in by_day]


def _icon(actor: str) -> str:
    return {"operator": "user", "agent": "bot"}.get(actor.split(":", 1)[0], "clock")


def _names(events: list[Event]) -> dict[str, str]:
    actors = {event.actor for event in events} | {_receiver(event) for event in events}
    ids = {int(number) for actor in actors if (number := actor.removeprefix("operator:")).isdecimal()}
    people = {f"operator:{person.pk}": str(person) for person in Operator.objects.filter(pk__in=ids)}
    return {actor: people.get(actor) or _name(actor) for actor in actors}


def _name(actor: str) -> str:
    return "Handrail" if actor == "system" else actor.split(":", 1)[-1]


def _receiver(event: Event) -> str:
    """Who was given the case, spelt like an actor."""
    return f"operator:{event.data.get('operator', '')}"


def _sentence(event: Event, names: dict[str, str]) -> str:
    worded = _SENTENCES.get(event.kind)
    data = event.data | {"person": names[_receiver(event)]}
    return worded(data) if worded else event.kind.replace("_", " ")


def _with(text: str, detail: Any) -> str:
    return f"{text}: {detail}" if detail else text


def _turns(data: dict[str, Any]) -> str:
    count = data.get("turns", 1)
    return "added a turn" if count == 1 else f"added {count} turns"


def _transferred(data: dict[str, Any]) -> str:
    to = f"the queue {data['queue']}" if "queue" in data else data["person"]
    return _with(f"passed it on to {to}", data.get("note"))


def _claimed(data: dict[str, Any]) -> str:
    words = {How.PULLED: "took it as the next one", How.OFFERED: "took it"}
    return words.get(data.get("how", ""), "picked it")


def _offer_ended(data: dict[str, Any]) -> str:
    worded = {
        OfferOutcome.ACCEPTED: "accepted the offer",
        OfferOutcome.DECLINED: "declined the offer",
        OfferOutcome.MISSED: f"noted that {data['person']} missed the offer",
        OfferOutcome.GONE: f"ended the offer to {data['person']}, who went away",
    }
    ended = worded.get(data.get("outcome", ""), f"ended the offer to {data['person']}")
    return _with(ended, data.get("reason"))


# What each clock of a case is for.
_CLOCKS = {
    "pickup": "to take it",
    "resolution": "to decide it",
    "response": "to answer the user",
}
_SENTENCES: dict[str, Callable[[dict[str, Any]], str]] = {
    "opened": lambda _: "handed the case off",
    "claimed": _claimed,
    "offered": lambda data: f"offered it to {data['person']}",
    "offer_ended": _offer_ended,
    "overflowed": lambda data: f"let the queue {data['queue']} take it, too",
    "unroutable": lambda _: "noted that nobody who is there could take it",
    "released": lambda _: "put it back in the queue",
    "lease_lost": lambda _: "put it back in the queue: the claim ran out",
    "transferred": _transferred,
    "taken_over": lambda _: "took it over",
    "assigned": lambda data: f"gave it to {data['person']}",
    "priority_set": lambda data: f"made it {Priority(data['priority']).label.lower()}",
    "asked": lambda data: f"asked {WaitingFor(data['whom']).label.lower()}, and waits for the reply",
    "no_reply": lambda _: "put it back in the queue: no reply came in time",
    "snoozed": lambda data: f"put it aside for {duration(data['seconds'])}",
    "woken": lambda _: "put it back in the queue: its time had come",
    "message": _turns,
    "said": lambda _: "wrote to the user",
    "noted": lambda _: "wrote a private note",
    "sla_warning": lambda data: f"warned: {data['percent']}% of the time {_CLOCKS[data['clock']]} is over",
    "breached": lambda data: f"paged the admins: the time {_CLOCKS[data.get('clock', 'resolution')]} is over",
    "aged": lambda _: "moved it up: it has waited for another step",
    "infeasible": lambda _: "put it last: it cannot be decided before it expires",
    "resolved": lambda data: _with("decided", Decision(data["decision"]).label.lower()),
    "undone": lambda _: "took the decision back before the agent had it",
    "reopened": lambda data: _with("took it up again", data.get("reason")),
    "cancelled": lambda data: _with("withdrew it", data.get("reason")),
    "expired": lambda _: "closed it: the time limit of the agent passed",
    "delivered": lambda data: _with("gave the decision to the agent", data.get("how")),
    "acknowledged": lambda data: _with(
        {
            "acknowledged": "confirmed the decision",
            "applied": "applied the decision",
            "late": "said the decision came too late",
        }.get(str(data.get("outcome")), "answered the decision"),
        data.get("detail"),
    ),
}

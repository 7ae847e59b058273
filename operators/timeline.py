"""The events of a case as sentences: who did what, when."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from escalations.models import Decision, Event, How, Operator

SHOWN = 100


@dataclass(frozen=True)
class Entry:
    """One line of the activity of a case."""

    at: datetime
    who: str
    what: str


def entries(events: Iterable[Event]) -> list[Entry]:
    """The events in their order, people by their names. One query, however many there are."""
    logged = list(events)
    names = _names(logged)
    return [Entry(event.created_at, names[event.actor], _sentence(event)) for event in logged]


def _names(events: list[Event]) -> dict[str, str]:
    actors = {event.actor for event in events}
    ids = {int(number) for actor in actors if (number := actor.removeprefix("operator:")).isdecimal()}
    people = {f"operator:{person.pk}": str(person) for person in Operator.objects.filter(pk__in=ids)}
    return {actor: people.get(actor) or _name(actor) for actor in actors}


def _name(actor: str) -> str:
    return "Handrail" if actor == "system" else actor.split(":", 1)[-1]


def _sentence(event: Event) -> str:
    worded = _SENTENCES.get(event.kind)
    return worded(event.data) if worded else event.kind.replace("_", " ")


def _with(text: str, detail: Any) -> str:
    return f"{text}: {detail}" if detail else text


def _turns(data: dict[str, Any]) -> str:
    count = data.get("turns", 1)
    return "added a turn" if count == 1 else f"added {count} turns"


_SENTENCES: dict[str, Callable[[dict[str, Any]], str]] = {
    "opened": lambda _: "handed the case off",
    "claimed": lambda data: "took it as the next one" if data.get("how") == How.PULLED else "picked it",
    "released": lambda _: "put it back in the queue",
    "lease_lost": lambda _: "put it back in the queue: the claim ran out",
    "message": _turns,
    "breached": lambda _: "noted that it is past due",
    "resolved": lambda data: _with("decided", Decision(data["decision"]).label.lower()),
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

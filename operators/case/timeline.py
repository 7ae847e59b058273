"""The events of a case as sentences: who did what, when."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from escalations import stored_words
from escalations.models import (
    Decision,
    Event,
    How,
    OfferOutcome,
    Operator,
    Priority,
    RevisionKind,
    WaitingFor,
)
from operators.rendering.formatting import duration, small

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
    return ngettext("added a turn", "added %(count)s turns", count) % {"count": count}


def _transferred(data: dict[str, Any]) -> str:
    if "queue" in data:
        passed = _("passed it on to the queue %(queue)s") % data
    else:
        passed = _("passed it on to %(person)s") % data
    return _with(passed, data.get("note"))


def _claimed(data: dict[str, Any]) -> str:
    words = {How.PULLED: _("took it as the next one"), How.OFFERED: _("took it")}
    return words.get(data.get("how", ""), _("picked it"))


def _offer_ended(data: dict[str, Any]) -> str:
    worded = {
        OfferOutcome.ACCEPTED: gettext_lazy("accepted the offer"),
        OfferOutcome.DECLINED: gettext_lazy("declined the offer"),
        OfferOutcome.MISSED: gettext_lazy("noted that %(person)s missed the offer"),
        OfferOutcome.GONE: gettext_lazy("ended the offer to %(person)s, who went away"),
    }
    ended = worded.get(data.get("outcome", ""), gettext_lazy("ended the offer to %(person)s"))
    return _with(str(ended) % data, stored_words.shown(data.get("reason") or ""))


def _asked(data: dict[str, Any]) -> str:
    if data["whom"] == WaitingFor.AGENT:
        return _("asked the agent, and waits for the reply")
    return _("asked the user, and waits for the reply")


def _prioritised(data: dict[str, Any]) -> str:
    return _("made it %(priority)s") % {"priority": small(Priority(data["priority"]).label)}


def _resolved(data: dict[str, Any]) -> str:
    return _with(pgettext("what somebody did", "decided"), small(Decision(data["decision"]).label))


def _warned(data: dict[str, Any]) -> str:
    worded = {
        "pickup": gettext_lazy("warned: %(percent)s%% of the time to take it is over"),
        "resolution": gettext_lazy("warned: %(percent)s%% of the time to decide it is over"),
        "response": gettext_lazy("warned: %(percent)s%% of the time to answer the user is over"),
    }
    return str(worded[data["clock"]]) % data


def _breached(data: dict[str, Any]) -> str:
    worded = {
        "pickup": gettext_lazy("paged the reviewers and admins: the time to take it is over"),
        "resolution": gettext_lazy("paged the reviewers and admins: the time to decide it is over"),
        "response": gettext_lazy("paged the reviewers and admins: the time to answer the user is over"),
    }
    return str(worded[data.get("clock", "resolution")])


def _acknowledged(data: dict[str, Any]) -> str:
    worded = {
        "acknowledged": _("confirmed the decision"),
        "applied": _("applied the decision"),
        "late": _("said the decision came too late"),
    }
    return _with(worded.get(str(data.get("outcome")), _("answered the decision")), data.get("detail"))


# What was done. Each goes on from the name of who did it.
def _labelled(data: dict[str, Any]) -> str:
    words = {
        RevisionKind.BLIND: _("reviewed the decision without seeing its labels"),
        RevisionKind.ADJUDICATED: _("settled what the labels are"),
        RevisionKind.IMPORTED: _("brought labels from elsewhere"),
    }
    return words.get(data.get("kind", ""), _("corrected the labels"))


_SENTENCES: dict[str, Callable[[dict[str, Any]], str]] = {
    "opened": lambda __: _("handed the case off"),
    "claimed": _claimed,
    "offered": lambda data: _("offered it to %(person)s") % data,
    "offer_ended": _offer_ended,
    "overflowed": lambda data: _("let the queue %(queue)s take it, too") % data,
    "unroutable": lambda __: _("noted that nobody who is there could take it"),
    "released": lambda __: _("put it back in the queue"),
    "lease_lost": lambda __: _("put it back in the queue: the claim ran out"),
    "transferred": _transferred,
    "taken_over": lambda __: _("took it over"),
    "assigned": lambda data: _("gave it to %(person)s") % data,
    "priority_set": _prioritised,
    "asked": _asked,
    "no_reply": lambda __: _("put it back in the queue: no reply came in time"),
    "snoozed": lambda data: _("put it aside for %(time)s") % {"time": duration(data["seconds"])},
    "woken": lambda __: _("put it back in the queue: its time had come"),
    "message": _turns,
    "said": lambda __: _("wrote to the user"),
    "noted": lambda __: _("wrote a private note"),
    "sla_warning": _warned,
    "breached": _breached,
    "aged": lambda __: _("moved it up: it has waited for another step"),
    "infeasible": lambda __: _("put it last: it cannot be decided before it expires"),
    "resolved": _resolved,
    "labelled": _labelled,
    "erased": lambda __: _("erased what was said and written"),
    "undone": lambda __: _("took the decision back before the agent had it"),
    "reopened": lambda data: _with(_("took it up again"), data.get("reason")),
    "cancelled": lambda data: _with(_("withdrew it"), data.get("reason")),
    "expired": lambda __: _("closed it: the time limit of the agent passed"),
    "delivered": lambda data: _with(_("gave the decision to the agent"), data.get("how")),
    "acknowledged": _acknowledged,
}

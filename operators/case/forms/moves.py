"""The small forms that move a case on: what they ask, and the transition that they call.

Each says its `title` and what its button `does`; `act` makes the move and returns the sentence to show.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from escalations import transitions
from escalations.models import Availability, Escalation, Operator, Presence, Priority, Queue, Role, WaitingFor
from escalations.people.desks import Desk, desks
from escalations.sla import clocks
from escalations.transitions import InvalidTime, LeaseToken, TransitionError
from operators.rendering.formatting import local, small

Choices = list[tuple[str, Any]]
_PEOPLE_MAX = 500
_REPLY_WITHIN: Choices = [
    ("5", gettext_lazy("5 minutes")),
    ("15", gettext_lazy("15 minutes")),
    ("60", gettext_lazy("1 hour")),
    ("240", gettext_lazy("4 hours")),
    ("1440", gettext_lazy("1 day")),
    ("4320", gettext_lazy("3 days")),
]
_SLEEP: Choices = [
    ("10", gettext_lazy("10 minutes")),
    ("30", gettext_lazy("30 minutes")),
    ("60", gettext_lazy("1 hour")),
    ("120", gettext_lazy("2 hours")),
    ("240", gettext_lazy("4 hours")),
    ("1440", gettext_lazy("1 day")),
]


class Move(forms.Form):
    """A move of `case` by `operator`. `for_holder` ones need the claim, the others a supervisor."""

    title: ClassVar[str | Promise]
    does: ClassVar[str | Promise]
    for_holder: ClassVar[bool] = True
    # Where to go on: the case is out of one's hands after most moves.
    leaves: ClassVar[bool] = True

    def __init__(self, case: Escalation, operator: Operator, data: QueryDict | None = None) -> None:
        super().__init__(data, prefix="move", initial={"priority": case.priority})
        self.case, self.operator = case, operator
        next(iter(self.fields.values())).widget.attrs["autofocus"] = True

    @property
    def hint(self) -> str:
        """What to know before."""
        return ""

    def act(self, lease: LeaseToken) -> str:
        """Make the move.

        Raises:
            TransitionError: it is not possible; says why.
        """
        raise NotImplementedError


class _ToPerson(Move):
    force = forms.BooleanField(
        required=False, label=gettext_lazy("Also if they are away or hold as much as they can")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.operator.is_desk_admin:
            del self.fields["force"]

    @property
    def forced(self) -> bool:
        return bool(self.cleaned_data.get("force"))


class Transfer(_ToPerson):
    """To another queue or another person."""

    title, does = gettext_lazy("Pass the case on"), gettext_lazy("Pass on")
    to = forms.ChoiceField(label=pgettext_lazy("to whom", "To"))
    note = forms.CharField(
        label=gettext_lazy("Note for whoever gets it"),
        required=False,
        max_length=300,
        widget=forms.Textarea({"rows": 3, "maxlength": 300}),
    )
    field_order = ("to", "note", "force")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        queues = Queue.objects.exclude(id=self.case.queue_id)
        self.fields["to"].choices = [  # type: ignore[attr-defined]  # a ChoiceField has choices
            ("", _("Choose a queue or a person")),
            (_("Queues"), [(f"queue-{queue.pk}", queue.name) for queue in queues]),
            (_("People"), _people(self.case, but=self.operator, prefix="person-")),
        ]

    @property
    def hint(self) -> str:
        return _("What you typed stays with you. The case keeps its place and its clocks.")

    def act(self, lease: LeaseToken) -> str:
        kind, __, number = self.cleaned_data["to"].partition("-")
        note = self.cleaned_data["note"]
        if kind == "queue":
            queue = Queue.objects.get(pk=number)
            transitions.transfer(lease=lease, to_queue=queue, note=note)
            return _("Passed on to the queue %(queue)s.") % {"queue": queue}
        person = Operator.objects.get(pk=number)
        transitions.transfer(lease=lease, to_operator=person, note=note, force=self.forced)
        return _("Passed on to %(person)s.") % {"person": person}


class Ask(Move):
    """A question to the agent or the user."""

    whom: ClassVar[WaitingFor]
    does = gettext_lazy("Ask and wait")
    question = forms.CharField(
        label=gettext_lazy("Question"),
        max_length=10_000,
        widget=forms.Textarea({"rows": 4, "maxlength": 10_000}),
    )
    reply_within = forms.ChoiceField(
        label=gettext_lazy("Wait for the reply at most"), choices=_REPLY_WITHIN, initial="60"
    )

    @property
    def hint(self) -> str:
        return _("The clocks stand still. With the reply, or when the time is over, the case is yours first.")

    def act(self, lease: LeaseToken) -> str:
        within = timedelta(minutes=int(self.cleaned_data["reply_within"]))
        question = self.cleaned_data["question"]
        transitions.ask(lease=lease, whom=self.whom, question=question, reply_within=within)
        return _("Asked. You are told when the reply comes.")


class AskAgent(Ask):
    title, whom = gettext_lazy("Ask the agent"), WaitingFor.AGENT


class AskUser(Ask):
    title, whom = gettext_lazy("Ask the customer"), WaitingFor.USER


class Snooze(Move):
    """Aside for a while, or until a time by the clock of the person's time zone."""

    title, does = gettext_lazy("Snooze the case"), gettext_lazy("Snooze")
    minutes = forms.ChoiceField(
        label=pgettext_lazy("how long", "For"), choices=_SLEEP, initial="30", required=False
    )
    at = forms.DateTimeField(
        label=gettext_lazy("Or until"),
        required=False,
        input_formats=["%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    @property
    def hint(self) -> str:
        latest = min(moment for moment in (self.case.due_at, self.case.expires_at) if moment)
        words = _("The clocks go on: not longer than %(time)s, %(zone)s. A message wakes it before.")
        return words % {"time": self._there(latest), "zone": self.operator.timezone}

    def _until(self) -> datetime:
        at: datetime | None = self.cleaned_data["at"]
        if at is not None:
            return at.replace(tzinfo=ZoneInfo(self.operator.timezone))
        return clocks.database_now() + timedelta(minutes=int(self.cleaned_data["minutes"] or 30))

    def act(self, lease: LeaseToken) -> str:
        until = self._until()
        try:
            transitions.snooze(lease=lease, until=until)
        except InvalidTime as error:
            if error.latest is None:
                raise
            words = _("Choose a time from now to %(time)s, when it must be decided.")
            raise TransitionError(words % {"time": self._there(error.latest)}) from None
        return _("Snoozed until %(time)s.") % {"time": self._there(until)}

    def _there(self, moment: datetime) -> str:
        return local(moment, self.operator)


class Assign(_ToPerson):
    """A case that waits, into somebody's hands."""

    title, does = gettext_lazy("Give the case to somebody"), gettext_lazy("Give")
    for_holder, leaves = False, False
    person = forms.ChoiceField(label=gettext_lazy("Person"))
    field_order = ("person", "force")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [  # type: ignore[attr-defined]  # a ChoiceField has choices
            ("", _("Choose a person")),
            *_people(self.case),
        ]

    def act(self, lease: LeaseToken) -> str:
        person = Operator.objects.get(pk=self.cleaned_data["person"])
        transitions.assign(case_id=self.case.id, operator=person, by=self.operator, force=self.forced)
        return _("%(person)s has the case now.") % {"person": person}


class SetPriority(Move):
    """How urgent it is."""

    title, does = gettext_lazy("Change the priority"), gettext_lazy("Change")
    for_holder, leaves = False, False
    priority = forms.TypedChoiceField(coerce=int, choices=Priority.choices, label=gettext_lazy("Priority"))

    @property
    def hint(self) -> str:
        return _("Its place and its due times become those it would have had from the start.")

    def act(self, lease: LeaseToken) -> str:
        priority = Priority(self.cleaned_data["priority"])
        transitions.set_priority(case_id=self.case.id, priority=priority, by=self.operator)
        return _("The priority is %(priority)s now.") % {"priority": small(priority.label)}


MOVES: dict[str, type[Move]] = {
    "transfer": Transfer,
    "ask-agent": AskAgent,
    "ask-user": AskUser,
    "snooze": Snooze,
    "assign": Assign,
    "priority": SetPriority,
}


def _people(case: Escalation, *, but: Operator | None = None, prefix: str = "") -> Choices:
    """Those who could work the case, with how they are now; who is here and has room comes first."""
    supervisors = Q(role__in=(Role.ADMIN, Role.REVIEWER))
    skilled = Q(role=Role.ADMIN) | Q(skills__contains=case.skills)
    able = Operator.objects.filter(supervisors | Q(queues=case.queue_id), skilled, is_active=True)
    if but is not None:
        able = able.exclude(pk=but.pk)
    people = list(able.distinct().order_by("username")[:_PEOPLE_MAX])
    now = desks([person.pk for person in people])
    here = set(Presence.objects.connected().filter(operator__in=people).values_list("operator_id", flat=True))
    return [
        (f"{prefix}{person.pk}", f"{person} · {_state(now[person.pk], person.pk in here)}")
        for person in _ready_first(people, now, here)
    ]


def _ready_first(people: Iterable[Operator], now: dict[int, Desk], here: set[int]) -> list[Operator]:
    def order(person: Operator) -> tuple[bool, bool, bool, str]:
        desk = now[person.pk]
        return (
            person.pk not in here,
            desk.availability != Availability.AVAILABLE,
            desk.is_full,
            str(person).lower(),
        )

    return sorted(people, key=order)


def _state(desk: Desk, is_here: bool) -> str:
    if not is_here:
        return _("not here")
    values = {"now": small(desk.label), "load": desk.load, "capacity": desk.capacity}
    return _("%(now)s, %(load)s of %(capacity)s") % values

"""The forms that do one thing with many cases: what they ask, what stands in a case's way, and the act.

Each case is its own transition, and what the transition refuses stays as it was.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from django import forms
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from escalations import transitions
from escalations.models import Escalation, Operator, Presence, Priority
from escalations.models.case_queries import EscalationQuerySet
from escalations.people.capacity import Load
from escalations.routing.eligibility import WhyNot
from escalations.sla import clocks
from escalations.transitions import LeaseToken, TransitionError, giving
from operators.access import holds
from operators.bulk.base import Bulk, Held, Taking
from operators.bulk.resolving import Resolve
from operators.rendering.formatting import local, small

_SLEEP = [
    ("30", gettext_lazy("30 minutes")),
    ("60", gettext_lazy("1 hour")),
    ("240", gettext_lazy("4 hours")),
    ("1440", gettext_lazy("1 day")),
]


class Claim(Taking):
    """Into one's own hands."""

    title, does = gettext_lazy("Claim these cases"), gettext_lazy("Claim")
    will = ngettext_lazy(
        "%(count)s of %(total)s case will be yours now.",
        "%(count)s of %(total)s cases will be yours now.",
        "total",
    )
    done = gettext_lazy("%(count)s of %(total)s cases yours now.")
    hint = gettext_lazy("You hold them until you decide, and no more of them than fit on your desk.")

    def obstacle(self, case: Escalation) -> str:
        return _("You have it already.") if holds(self.operator, case) else super().obstacle(case)

    def act(self, case: Escalation) -> None:
        transitions.claim(case_id=case.id, operator=self.operator)


if TYPE_CHECKING:
    _PersonField = forms.ModelChoiceField[Operator]
else:
    _PersonField = forms.ModelChoiceField


class _Somebody(_PersonField):
    """A person; says of whom no page is open."""

    here: Collection[int] = ()

    def label_from_instance(self, person: Operator) -> str:
        return str(person) if person.pk in self.here else f"{person} · {WhyNot.NOT_CONNECTED.label}"


class Assign(Taking):
    """Into somebody's hands."""

    title, does = gettext_lazy("Give these cases to somebody"), gettext_lazy("Give")
    will = ngettext_lazy(
        "%(count)s of %(total)s case will be given.", "%(count)s of %(total)s cases will be given.", "total"
    )
    done = gettext_lazy("%(count)s of %(total)s cases given.")
    hint = gettext_lazy("Nobody gets more than fits on their desk.")
    for_supervisors = True
    person = _Somebody(
        Operator.objects.filter(is_active=True).order_by("first_name", "username"),
        label=gettext_lazy("Person"),
        empty_label=None,
    )

    def __init__(self, operator: Operator, data: QueryDict | None = None) -> None:
        super().__init__(operator, data)
        self._here = set(Presence.objects.heard().values_list("operator_id", flat=True))
        self.fields["person"].initial = operator.pk
        cast(_Somebody, self.fields["person"]).here = self._here

    @property
    def receiver(self) -> Operator:
        person = self.chosen("person")
        return person if isinstance(person, Operator) else self.operator

    def planned(self, count: int, total: int) -> SafeString:
        plan = super().planned(count, total)
        if not count or self.receiver.pk in self._here:
            return plan
        words = _(
            "%(person)s has no page open. What they do not open within %(minutes)s minutes waits again."
        )
        values = {"person": self.receiver, "minutes": giving.GIVEN.seconds // 60}
        return format_html("{} {}", plan, words % values)

    def look(self, found: EscalationQuerySet) -> EscalationQuerySet:
        away = Presence.objects.away().filter(operator=self.receiver)
        self._is_away = away.exists()
        return super().look(found)

    def able(self, found: EscalationQuerySet) -> EscalationQuerySet:
        return found.givable_to(self.receiver)

    def unable(self, case: Escalation) -> TransitionError:
        return giving.unable(self.receiver, case)

    def too_much(self, load: Load, case: Escalation) -> TransitionError:
        return giving.no_room(self.receiver, load)

    def obstacle(self, case: Escalation) -> str:
        if case.is_held:
            return _("%(person)s has it.") % {"person": case.holder}
        return str(giving.away(self.receiver)) if self._is_away else super().obstacle(case)

    def act(self, case: Escalation) -> None:
        transitions.assign(case_id=case.id, operator=self.cleaned_data["person"], by=self.operator)


class SetPriority(Bulk):
    """How urgent they are."""

    title, does = gettext_lazy("Change the priority of these cases"), gettext_lazy("Change")
    will = ngettext_lazy(
        "%(count)s of %(total)s case will be changed.",
        "%(count)s of %(total)s cases will be changed.",
        "total",
    )
    done = gettext_lazy("%(count)s of %(total)s cases changed.")
    hint = gettext_lazy("Their places and due times become those they would have had from the start.")
    for_supervisors = True
    priority = forms.TypedChoiceField(
        label=gettext_lazy("Priority"), coerce=int, choices=Priority.choices, initial=Priority.HIGH.value
    )

    def obstacle(self, case: Escalation) -> str:
        if not case.is_open:
            return _("It is %(state)s.") % {"state": small(case.get_state_display())}
        return _("It has this priority.") if case.priority == self.chosen("priority") else ""

    def act(self, case: Escalation) -> None:
        priority = Priority(self.cleaned_data["priority"])
        transitions.set_priority(case_id=case.id, priority=priority, by=self.operator)


class Snooze(Held):
    """Aside for a while."""

    title, does = gettext_lazy("Snooze these cases"), gettext_lazy("Snooze")
    will = ngettext_lazy(
        "%(count)s of %(total)s case will be snoozed.",
        "%(count)s of %(total)s cases will be snoozed.",
        "total",
    )
    done = gettext_lazy("%(count)s of %(total)s cases snoozed.")
    hint = gettext_lazy(
        "Their clocks go on, so none sleeps past its due time. A message wakes a case before."
    )
    minutes = forms.ChoiceField(label=gettext_lazy("For"), choices=_SLEEP, initial="60")

    def obstacle(self, case: Escalation) -> str:
        ends = min(filter(None, (case.due_at, case.expires_at)))
        if ends < self._until():
            return _("It must be decided by %(time)s.") % {"time": local(ends, self.operator)}
        return super().obstacle(case)

    def act_with(self, case: Escalation, lease: LeaseToken) -> None:
        transitions.snooze(lease=lease, until=self._until())

    def _until(self) -> datetime:
        if not hasattr(self, "_ends"):
            self._ends = clocks.database_now() + timedelta(minutes=int(self.chosen("minutes")))
        return self._ends


BULKS: dict[str, type[Bulk]] = {
    "claim": Claim,
    "assign": Assign,
    "priority": SetPriority,
    "snooze": Snooze,
    "resolve": Resolve,
}

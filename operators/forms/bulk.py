"""The forms that do one thing with many cases: what they ask, what stands in a case's way, and the act.

Each case is its own transition, and what the transition refuses stays as it was.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from escalations import clocks, decisions, transitions
from escalations.models import (
    AgentCorrect,
    Decision,
    Disposition,
    Escalation,
    FailureMode,
    Operator,
    Priority,
    State,
)
from escalations.transitions import LeaseLost, LeaseToken, TransitionError
from operators import drafts
from operators.access import holds
from operators.templatetags.desk import local, small

_PEOPLE_MAX = 500
_SLEEP = [
    ("30", gettext_lazy("30 minutes")),
    ("60", gettext_lazy("1 hour")),
    ("240", gettext_lazy("4 hours")),
    ("1440", gettext_lazy("1 day")),
]
_DISPOSITIONS = {
    Decision.APPROVE: Disposition.APPROVE,
    Decision.REJECT: Disposition.REPLACE,
    Decision.RESPOND: Disposition.REPLACE,
}
_MESSAGE_MAX = 20_000


class Bulk(forms.Form):
    """Something that `operator` does with each of several cases.

    `will` and `done` say with how many (`count`) of how many (`total`), before and afterwards.
    """

    title: ClassVar[Promise]
    does: ClassVar[Promise]
    will: ClassVar[Promise]
    done: ClassVar[Promise]
    hint: ClassVar[Promise | str] = ""
    for_supervisors: ClassVar[bool] = False

    def __init__(self, operator: Operator, data: QueryDict | None = None) -> None:
        super().__init__(data, prefix="bulk")
        self.operator = operator
        # The decisions it made, and whether the person held the case before.
        self.decided: dict[UUID, bool] = {}

    def chosen(self, name: str) -> Any:
        """A field's value so far: as sent if that made sense, else what it starts with."""
        if self.is_bound:
            self.is_valid()
            if name in self.cleaned_data:
                return self.cleaned_data[name]
        return self.fields[name].initial

    def planned(self, count: int, total: int) -> SafeString:
        """With how many of `total` cases it will be done, as HTML."""
        return SafeString(self.will % {"count": format_html("<b>{}</b>", count), "total": total})

    def obstacle(self, case: Escalation) -> str:
        """Why the case would be left out as it stands now, or nothing."""
        raise NotImplementedError

    def act(self, case: Escalation) -> None:
        """Do it with one case.

        Raises:
            TransitionError: it is not possible after all; says why. Nothing was changed.
        """
        raise NotImplementedError

    def _in_other_hands(self, case: Escalation) -> str:
        """What keeps `operator` from holding the case."""
        if not case.is_open or case.state in (State.WAITING, State.SNOOZED):
            return _("It is %(state)s.") % {"state": small(case.get_state_display())}
        if case.is_held and not holds(self.operator, case):
            return _("%(person)s has it.") % {"person": case.holder}
        return ""


class Claim(Bulk):
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
        return _("You have it already.") if holds(self.operator, case) else self._in_other_hands(case)

    def act(self, case: Escalation) -> None:
        transitions.claim(case_id=case.id, operator=self.operator)


class Assign(Bulk):
    """Into somebody's hands."""

    title, does = gettext_lazy("Give these cases to somebody"), gettext_lazy("Give")
    will = ngettext_lazy(
        "%(count)s of %(total)s case will be given.", "%(count)s of %(total)s cases will be given.", "total"
    )
    done = gettext_lazy("%(count)s of %(total)s cases given.")
    hint = gettext_lazy("Nobody gets more than fits on their desk.")
    for_supervisors = True
    person = forms.ModelChoiceField(
        Operator.objects.filter(is_active=True).order_by("first_name", "username"),
        label=gettext_lazy("Person"),
        empty_label=None,
    )

    def __init__(self, operator: Operator, data: QueryDict | None = None) -> None:
        super().__init__(operator, data)
        self.fields["person"].initial = operator.pk

    def obstacle(self, case: Escalation) -> str:
        if case.is_held:
            return _("%(person)s has it.") % {"person": case.holder}
        return self._in_other_hands(case)

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


class _Held(Bulk):
    """Something that only the holder may do: a case that nobody holds is claimed for it first."""

    def obstacle(self, case: Escalation) -> str:
        return self._in_other_hands(case)

    def act(self, case: Escalation) -> None:
        was_theirs = holds(self.operator, case)
        if was_theirs:
            lease = LeaseToken(case.id, self.operator, case.lease_token)
        else:
            lease = transitions.claim(case_id=case.id, operator=self.operator).lease
        try:
            self.act_with(case, lease)
        except TransitionError:
            if not was_theirs:
                with suppress(LeaseLost):
                    transitions.release(lease=lease)
            raise

    def act_with(self, case: Escalation, lease: LeaseToken) -> None:
        raise NotImplementedError


class Snooze(_Held):
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


class Resolve(_Held):
    """One decision, with one set of labels, for all."""

    title, does = gettext_lazy("Resolve these cases alike"), gettext_lazy("Resolve")
    will = ngettext_lazy(
        "%(count)s of %(total)s case will be resolved.",
        "%(count)s of %(total)s cases will be resolved.",
        "total",
    )
    done = gettext_lazy("%(count)s of %(total)s cases resolved.")
    hint = gettext_lazy("Each agent gets the decision as if you had made it case by case.")
    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[(one.value, one.label) for one in _DISPOSITIONS],
        initial=Decision.APPROVE.value,
        widget=forms.RadioSelect,
    )
    message = forms.CharField(
        label=gettext_lazy("Message"),
        help_text=gettext_lazy("The answer, or for a rejection the reason."),
        required=False,
        max_length=_MESSAGE_MAX,
        widget=forms.Textarea({"rows": 3}),
    )
    agent_correct = forms.ChoiceField(
        label=gettext_lazy("Was the agent right?"),
        choices=[("", gettext_lazy("Choose")), *AgentCorrect.choices],
    )
    failure_primary = forms.ChoiceField(
        label=gettext_lazy("What went wrong?"), choices=[("", gettext_lazy("Choose")), *FailureMode.choices]
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("decision") == Decision.RESPOND and not cleaned.get("message", "").strip():
            self.add_error("message", _("Write the answer."))
        return cleaned

    def obstacle(self, case: Escalation) -> str:
        payload, decision = case.handoff.payload, Decision(self.chosen("decision"))
        if decision not in decisions.allowed(case.kind, payload):
            return _("“%(decision)s” is not allowed here.") % {"decision": decision.label}
        if decision == Decision.RESPOND and payload.get("response_schema"):
            return _("Its answer is a form of its own.")
        return super().obstacle(case)

    def act_with(self, case: Escalation, lease: LeaseToken) -> None:
        chosen = self.cleaned_data
        decision = Decision(chosen["decision"])
        actions = [] if decision == Decision.RESPOND else case.handoff.payload.get("pending_actions") or []
        resolution_id = transitions.resolve(
            lease=lease,
            decision=transitions.DecisionInput(
                decision=decision.value,
                actions=[self._decided(action, decision) for action in actions],
                message=chosen["message"],
            ),
            labels=transitions.Labels(
                disposition=_DISPOSITIONS[decision],
                agent_correct=chosen["agent_correct"],
                failure_primary=chosen["failure_primary"],
            ),
        )
        self.decided[resolution_id] = holds(self.operator, case)
        if not settings.UNDO_SECONDS:
            drafts.discard(case, self.operator)

    def _decided(self, action: dict[str, Any], decision: Decision) -> transitions.ActionDecision:
        return transitions.ActionDecision(
            tool_call_id=action["tool_call_id"],
            decision=decision.value,
            message=self.cleaned_data["message"] if decision == Decision.REJECT else "",
            digest_seen=decisions.digest(action.get("arguments")),
        )


BULKS: dict[str, type[Bulk]] = {
    "claim": Claim,
    "assign": Assign,
    "priority": SetPriority,
    "snooze": Snooze,
    "resolve": Resolve,
}

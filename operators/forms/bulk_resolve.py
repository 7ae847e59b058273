"""One decision, with one set of labels, for many cases."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from escalations import decisions, transitions
from escalations.models import AgentCorrect, Decision, Disposition, Escalation, FailureMode
from escalations.transitions import LeaseToken
from operators import drafts
from operators.access import holds
from operators.forms.bulk_base import Held

_DISPOSITIONS = {
    Decision.APPROVE: Disposition.APPROVE,
    Decision.REJECT: Disposition.REPLACE,
    Decision.RESPOND: Disposition.REPLACE,
}
_MESSAGE_MAX = 20_000


class Resolve(Held):
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

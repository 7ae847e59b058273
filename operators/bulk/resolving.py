"""One decision, with one set of labels, for many cases."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from escalations import transitions
from escalations.models import AgentCorrect, Decision, Disposition, Escalation, FailureMode
from escalations.transitions import LeaseToken, NotAllowed, decisions
from operators import drafts
from operators.access import holds
from operators.bulk.base import Held
from operators.case import evidence
from operators.case.conversation import Text
from operators.case.forms.actions import Action, actions_of

# What a person can take in of one case among others.
_AT_A_GLANCE = 2_000
_RISKY = ("high", "critical")
_DISPOSITIONS = {
    Decision.APPROVE: Disposition.APPROVE,
    Decision.REJECT: Disposition.REPLACE,
    Decision.RESPOND: Disposition.REPLACE,
}
_MESSAGE_MAX = 20_000


@dataclass(frozen=True)
class Proposed:
    """What an agent wants to do and to say, as it is shown before it is decided with others."""

    actions: list[Action]
    words: list[tuple[Text, Text, float | None]]
    seen: str

    @classmethod
    def of(cls, case: Escalation) -> "Proposed":
        payload = case.handoff.payload
        actions = actions_of(payload)
        seen = " ".join([str(case.pk), *(action.digest for action in actions)])
        return cls(actions, evidence.suggestions(payload), seen)

    def why_alone(self) -> str:
        """Why nobody should approve it together with others, or nothing."""
        for action in self.actions:
            if action.proposed.get("risk") in _RISKY:
                words = _("%(name)s is of %(risk)s. Decide it by itself.")
                return words % {"name": action.name, "risk": action.risk}
        drafts = [text for words, calls, _sure in self.words for text in (words, calls)]
        length = sum(len(action.text) for action in self.actions) + sum(len(text.shown) for text in drafts)
        if length > _AT_A_GLANCE or any(text.hidden for text in drafts):
            return _("It proposes too much to see at a glance. Decide it by itself.")
        return ""


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
        labels = cleaned.get("agent_correct", ""), cleaned.get("failure_primary", "")
        if clash := decisions.contradiction(*labels):
            self.add_error("failure_primary", clash)
        return cleaned

    def proposed(self, case: Escalation) -> Proposed | None:
        if self.chosen("decision") == Decision.RESPOND:
            return None
        return Proposed.of(case)

    def obstacle(self, case: Escalation) -> str:
        payload, decision = case.handoff.payload, Decision(self.chosen("decision"))
        if decision not in decisions.allowed(case.kind, payload):
            return _("“%(decision)s” is not allowed here.") % {"decision": decision.label}
        if decision == Decision.RESPOND and payload.get("response_schema"):
            return _("Its answer is a form of its own.")
        if decision == Decision.APPROVE and (why := Proposed.of(case).why_alone()):
            return why
        return super().obstacle(case)

    def act(self, case: Escalation) -> None:
        is_approved = self.cleaned_data["decision"] == Decision.APPROVE
        if is_approved and self._seen.get(str(case.pk)) != Proposed.of(case).seen.split()[1:]:
            raise NotAllowed(_("You were not shown what it proposes."))
        super().act(case)

    @cached_property
    def _seen(self) -> dict[str, list[str]]:
        """The digests of the arguments that were shown, in the order of the actions, by the case's id."""
        shown = self.data.getlist(self.add_prefix("seen")) if isinstance(self.data, QueryDict) else []
        return {words[0]: words[1:] for one in shown if (words := one.split())}

    def act_with(self, case: Escalation, lease: LeaseToken) -> None:
        chosen = self.cleaned_data
        decision = Decision(chosen["decision"])
        actions = [] if decision == Decision.RESPOND else case.handoff.payload.get("pending_actions") or []
        seen = iter(self._seen.get(str(case.pk), []))
        resolution_id = transitions.resolve(
            lease=lease,
            decision=transitions.DecisionInput(
                decision=decision.value,
                actions=[self._decided(action, decision, next(seen, "")) for action in actions],
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

    def _decided(self, action: dict[str, Any], decision: Decision, digest: str) -> transitions.ActionDecision:
        return transitions.ActionDecision(
            tool_call_id=action["tool_call_id"],
            decision=decision.value,
            message=self.cleaned_data["message"] if decision == Decision.REJECT else "",
            digest_seen=digest,
        )

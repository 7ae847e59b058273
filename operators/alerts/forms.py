"""A rule of the alerts as a person writes it: values in the unit that people read them in."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalations.alerts.kinds import KINDS, Kind
from escalations.models import Agent, AlertKind, AlertRule, Queue


class AlertRuleForm(forms.Form):
    """A new rule of a kind, or `rule` as it is. What a kind is not told apart by has no field."""

    threshold = forms.FloatField()
    hours = forms.IntegerField(label=gettext_lazy("Measured over, in hours"), min_value=1, max_value=720)
    queue = forms.ModelChoiceField(
        Queue.objects.all(),
        label=gettext_lazy("Queue"),
        required=False,
        empty_label=gettext_lazy("All queues"),
    )
    agent = forms.ModelChoiceField(
        Agent.objects.all(),
        label=gettext_lazy("Agent"),
        required=False,
        empty_label=gettext_lazy("All agents"),
    )
    cooldown_minutes = forms.IntegerField(
        label=gettext_lazy("Cool-down, in minutes"),
        min_value=0,
        max_value=43_200,
        help_text=gettext_lazy("For so long after it ended it does not begin again."),
    )
    is_active = forms.BooleanField(label=gettext_lazy("On"), required=False)

    def __init__(self, data: Any = None, *, kind: AlertKind, rule: AlertRule | None = None) -> None:
        self.kind: Kind = KINDS[kind]
        self.rule = rule or AlertRule(kind=kind, threshold=self.kind.threshold, hours=self.kind.hours or 1)
        super().__init__(data, initial=self._present(), auto_id="alert-%s")
        self.fields["threshold"] = self._limit()
        if rule is None and not self.is_bound:
            self.fields["threshold"].widget.attrs["autofocus"] = True
        for name, is_left_out in {
            "hours": self.kind.hours is None,
            "queue": not self.kind.by_queue,
            "agent": not self.kind.by_agent,
        }.items():
            if is_left_out:
                del self.fields[name]
        if self.kind.needs_agent:
            agent = cast("forms.ModelChoiceField[Agent]", self.fields["agent"])
            agent.required, agent.empty_label = True, _("Choose one")

    def _limit(self) -> forms.FloatField:
        unit = self.kind.unit
        label = _("Less than, in %(unit)s") if self.kind.is_below else _("More than, in %(unit)s")
        return forms.FloatField(
            label=label % {"unit": unit.name},
            min_value=unit.least * unit.scale,
            max_value=None if unit.most is None else unit.most * unit.scale,
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        taken = AlertRule.objects.filter(
            kind=self.rule.kind, queue=cleaned.get("queue"), agent=cleaned.get("agent")
        )
        if taken.exclude(pk=self.rule.pk).exists():
            self.add_error(None, _("There is such a rule for this queue and agent. Change that one."))
        return cleaned

    def filled(self) -> AlertRule:
        """The rule as it was typed, not saved."""
        cleaned = self.cleaned_data
        self.rule.threshold = cleaned["threshold"] / self.kind.unit.scale
        for name in ("hours", "queue", "agent", "cooldown_minutes", "is_active"):
            if name in cleaned:
                setattr(self.rule, name, cleaned[name])
        return self.rule

    def _present(self) -> dict[str, Any]:
        rule = self.rule
        return {
            "threshold": f"{rule.threshold * self.kind.unit.scale:g}",
            "hours": rule.hours,
            "queue": rule.queue_id,
            "agent": rule.agent_id,
            "cooldown_minutes": rule.cooldown_minutes,
            "is_active": rule.is_active,
        }

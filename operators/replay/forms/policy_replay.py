"""Which policy is replayed, on which runs and cases."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from escalations.models import Agent, AgentVersion, Policy
from escalations.replay.policies import LONGEST
from operators.fields.days import DayField
from operators.metrics.filters import CUSTOM, DEFAULT_PERIOD, PERIODS, period
from operators.policy import pages as policy_pages


class PolicyReplayForm(forms.Form):
    """A policy by its row, a version or those that the policy is for, and a period."""

    policy = forms.ChoiceField(
        label=gettext_lazy("Policy to try"),
        error_messages={"required": gettext_lazy("Choose the policy to try.")},
    )
    version = forms.ChoiceField(label=gettext_lazy("Runs and cases of"), required=False)
    period = forms.ChoiceField(
        label=gettext_lazy("Time"), choices=[*PERIODS.items(), (CUSTOM, gettext_lazy("From … to …"))]
    )
    start = DayField(label=pgettext_lazy("day", "From"))
    end = DayField(label=pgettext_lazy("day", "To"))

    def __init__(self, data: Any, *, zone: ZoneInfo, now: datetime, policy: str = "") -> None:
        initial = {"period": DEFAULT_PERIOD, "policy": policy}
        super().__init__(data, initial=initial, auto_id="policy-replay-%s")
        self._zone, self._now = zone, now
        known = policy_pages.by_agent()
        versions = {str(subject.agent): [line.version for line in lines] for subject, lines in known}
        self._choose("policy", _("Choose …"), policy_pages.choices([subject.agent for subject, _ in known]))
        self._choose(
            "version",
            _("Those that the policy is for"),
            {name: [(str(one.pk), one.name) for one in made] for name, made in versions.items() if made},
        )
        self._versions = {str(one.pk): one for made in versions.values() for one in made}

    def _choose(self, field: str, empty: str, groups: Mapping[str, Sequence[tuple[str, str]]]) -> None:
        choices = cast(forms.ChoiceField, self.fields[field])
        choices.choices = [("", empty), *groups.items()]

    def clean_policy(self) -> Policy:
        known = Policy.objects.select_related("agent", "agent_version")
        return known.get(pk=self.cleaned_data["policy"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        policy, version = cleaned.get("policy"), self._versions.get(cleaned.get("version", ""))
        if policy and version and version.agent_id != policy.agent_id:
            self.add_error("version", _("This version is of another agent than the policy."))
        if cleaned.get("period") and not {"start", "end"} & set(self.errors):
            since, until = self.during
            if since >= until:
                self.add_error("end", _("This day is before the first."))
            elif until - since > LONGEST:
                self.add_error("start", _("At most %(days)s days fit.") % {"days": LONGEST.days})
        return cleaned

    @property
    def version_chosen(self) -> AgentVersion | None:
        """The one whose runs and cases they are; None for all that have no policy of their own."""
        policy: Policy = self.cleaned_data["policy"]
        return self._versions.get(self.cleaned_data["version"]) or policy.agent_version

    @property
    def agent(self) -> Agent:
        policy: Policy = self.cleaned_data["policy"]
        return policy.agent

    @property
    def during(self) -> tuple[datetime, datetime]:
        """From when until when; the future has nothing."""
        since, until = period(self.cleaned_data, self._zone, self._now)
        return since, min(until, self._now)

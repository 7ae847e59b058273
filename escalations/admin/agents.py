"""Agents, their versions as they were first seen, and their numbered policies."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Max
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from escalations.admin.base import KeptAdmin, ModelForm, ReadOnlyAdmin
from escalations.decisions import schema_flaws
from escalations.models import Agent, AgentVersion, Policy

_SHARE = {"type": "number", "minimum": 0, "maximum": 1}
_AMOUNT = {"type": "number", "exclusiveMinimum": 0}
# The keys that `escalations.triggers` reads.
RULES_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "confidence": {"type": "object", "additionalProperties": _SHARE},
        "turns": _AMOUNT,
        "context_tokens": _AMOUNT,
        "cost_usd": _AMOUNT,
        "seconds": _AMOUNT,
        "retries": {"type": "number", "minimum": 0},
        "approve_tools": {"type": "array", "items": {"type": "string"}},
    },
}


@admin.register(Agent)
class AgentAdmin(KeptAdmin):
    """Who hands off. An agent that is switched off is refused at the door."""

    list_display = ["name", "description", "default_queue", "is_active"]
    list_filter = ["is_active", "default_queue"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The name is what handoffs say: it stays."""
        return ["name"] if obj else []


@admin.register(AgentVersion)
class AgentVersionAdmin(ReadOnlyAdmin):
    """Registered by handoffs, when a version is first seen."""

    list_display = ["agent", "name", "created_at"]
    list_filter = ["agent"]
    list_select_related = ["agent"]


class RulesField(forms.JSONField):
    """JSON, a key on each line."""

    def prepare_value(self, value: Any) -> Any:
        """What the textarea shows; what could not be read is shown as it was typed."""
        return json.dumps(value, indent=2) if isinstance(value, dict) else super().prepare_value(value)


class PolicyForm(ModelForm):
    """Rules as JSON, refused with the place of what is wrong."""

    rules = RulesField(
        label=_("Rules"),
        widget=forms.Textarea(attrs={"rows": 16, "cols": 60, "class": "vLargeTextField"}),
        help_text=_(
            "Keys: confidence {category or *: 0 to 1}, turns, context_tokens, cost_usd, seconds, "
            "retries, approve_tools [names]."
        ),
    )

    class Meta:
        model = Policy
        fields = ["agent", "agent_version", "rules"]
        help_texts = {
            "agent_version": _("Empty: for all versions that have no policy of their own."),
        }

    def clean_rules(self) -> Any:
        rules = self.cleaned_data["rules"]
        flaws = schema_flaws(rules, RULES_SCHEMA, "")
        if flaws:
            raise forms.ValidationError([f"{flaw.pointer or 'rules'}: {flaw.detail}" for flaw in flaws])
        return rules

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        version = cleaned.get("agent_version")
        if version and version.agent != cleaned.get("agent"):
            self.add_error("agent_version", _("This is a version of another agent."))
        return cleaned


@admin.register(Policy)
class PolicyAdmin(KeptAdmin):
    """Cases point at the policy they came in under, so a change is a new number and the old one stays."""

    form = PolicyForm
    list_display = ["agent", "number", "agent_version", "created_at"]
    list_filter = ["agent"]
    list_select_related = ["agent", "agent_version__agent"]

    def save_model(self, request: HttpRequest, obj: Policy, form: Any, change: bool) -> None:
        """Insert under the agent's next number, whatever number the form began with."""
        agent = Agent.objects.select_for_update().get(pk=obj.agent_id)
        latest = agent.policies.aggregate(latest=Max("number"))["latest"] or 0
        obj.pk, obj.number = None, latest + 1
        obj.save(force_insert=True)

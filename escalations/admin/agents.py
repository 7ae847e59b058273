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
_AMOUNT = {"type": "number", "exclusiveMinimum": 0, "maximum": 1_000_000_000}
_COUNT = {"type": "number", "minimum": 0, "maximum": 1_000_000_000}
_NAME = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[^\\x00]*$"}
_WORDS = {"type": "string", "maxLength": 200, "pattern": r"^[^\x00]*\w[^\x00]*$"}
_SCALAR: dict[str, Any] = {"anyOf": [{"type": ["number", "boolean"]}, _NAME]}


def _some(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items, "maxItems": 200}


def _condition(ops: list[str], value: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["argument", "op", "value"],
        "properties": {"argument": _NAME, "op": {"enum": ops}, "value": value},
    }


_TOOL = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "when"],
    "properties": {
        "name": _NAME,
        "when": {
            "type": "array",
            "minItems": 1,
            "maxItems": 20,
            "items": {
                "anyOf": [
                    _condition([">", ">=", "<", "<="], {"type": "number"}),
                    _condition(["=", "!=", "contains"], _SCALAR),
                    _condition(["in"], {**_some(_SCALAR), "minItems": 1}),
                ]
            },
        },
    },
}
# The keys that `escalations.policies` reads, and `audit_rate`, the share of runs drawn for audit.
RULES_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "confidence": {"type": "object", "propertyNames": _NAME, "additionalProperties": _SHARE},
        "turns": _AMOUNT,
        "context_tokens": _AMOUNT,
        "cost_usd": _AMOUNT,
        "seconds": _AMOUNT,
        "retries": _COUNT,
        "tool_failures": _COUNT,
        "never": _some(_NAME),
        "approve_tools": _some({"anyOf": [_NAME, _TOOL]}),
        "phrases": _some(_WORDS),
        "asks_for_person": {"type": "boolean"},
        "checkpoints": _some(_NAME),
        "audit_rate": _SHARE,
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
            "Keys: confidence {category or *: 0 to 1}, never [categories], turns, context_tokens, cost_usd, "
            "seconds, retries, tool_failures, approve_tools [name or {name, when: [{argument, op, value}]}, "
            "op one of > >= < <= = != in contains; all must hold, and a missing argument counts as holding], "
            "phrases [words of the user], asks_for_person (true or false), checkpoints [steps or *], "
            "audit_rate (0 to 1)."
        ),
    )

    class Meta:
        model = Policy
        fields = ["agent", "agent_version", "rules", "note"]
        help_texts = {
            "note": _("Why the rules change, for whoever reads them later."),
            "agent_version": _("Empty: for all versions that have no policy of their own."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["note"] = ""  # that of the number before says why that one was made

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
    list_display = ["agent", "number", "agent_version", "note", "created_by", "created_at"]
    list_filter = ["agent"]
    list_select_related = ["agent", "agent_version__agent", "created_by"]

    def save_model(self, request: HttpRequest, obj: Policy, form: Any, change: bool) -> None:
        """Insert under the agent's next number, whatever number the form began with."""
        agent = Agent.objects.select_for_update().get(pk=obj.agent_id)
        latest = agent.policies.aggregate(latest=Max("number"))["latest"] or 0
        obj.pk, obj.number = None, latest + 1
        obj.created_by = request.user  # type: ignore[assignment]  # nobody else gets this far
        obj.save(force_insert=True)

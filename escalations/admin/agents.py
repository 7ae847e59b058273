"""Agents and their versions as they were first seen. Their policies have pages of their own."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalations.admin.base import KeptAdmin, ReadOnlyAdmin
from escalations.models import Agent, AgentVersion


@admin.register(Agent)
class AgentAdmin(KeptAdmin):
    """Who hands off. An agent that is switched off is refused at the door."""

    list_display = ["name", "description", "default_queue", "is_active", "policy"]
    list_filter = ["is_active", "default_queue"]

    @admin.display(description=gettext_lazy("policy"))
    def policy(self, agent: Agent) -> SafeString:
        """The way to the page where it is changed."""
        return _policy_link(reverse("policy", args=[agent.pk]))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The name is what handoffs say: it stays."""
        return ["name", "policy"] if obj else []


@admin.register(AgentVersion)
class AgentVersionAdmin(ReadOnlyAdmin):
    """Registered by handoffs, when a version is first seen."""

    list_display = ["agent", "name", "created_at", "policy"]
    list_filter = ["agent"]
    list_select_related = ["agent"]

    @admin.display(description=gettext_lazy("policy"))
    def policy(self, version: AgentVersion) -> SafeString:
        """The way to the page where it is changed."""
        return _policy_link(f"{reverse('policy', args=[version.agent_id])}?version={version.pk}")


def _policy_link(address: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', address, _("Change the policy"))

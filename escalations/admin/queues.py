"""Queues with their targets, and the catalogue of skills."""

from typing import Any

from django.contrib import admin

from escalations.admin.base import AuditedAdmin, TabularInline
from escalations.models import Queue, Skill, SlaTarget


class SlaTargetInline(TabularInline):
    """A row for each priority that differs from the desk's defaults."""

    model = SlaTarget
    extra = 0


@admin.register(Queue)
class QueueAdmin(AuditedAdmin):
    """Where cases wait. Its mean handle time is measured, not set."""

    list_display = ["name", "description", "aging_seconds", "mean_handle_seconds"]
    fields = ["name", "description", "aging_seconds"]
    inlines = [SlaTargetInline]


@admin.register(Skill)
class SkillAdmin(AuditedAdmin):
    """Names that handoffs may require and operators may have."""

    list_display = ["name", "description"]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        """The name is what handoffs say: it stays."""
        return ["name"] if obj else []

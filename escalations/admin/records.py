"""What the desk and the agents wrote down, to read."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from escalations.admin.base import ReadOnlyAdmin
from escalations.models import CheckpointSchema, Run


@admin.register(CheckpointSchema)
class CheckpointSchemaAdmin(ReadOnlyAdmin):
    """Registered by agents: what the outputs of their steps must look like. The highest number counts."""

    list_display = ["agent", "step", "number", "created_at"]
    list_filter = ["agent"]
    list_select_related = ["agent"]
    fields = ["agent", "step", "number", "created_at", "schema"]


@admin.register(Run)
class OwedRunAdmin(ReadOnlyAdmin):
    """Runs that were drawn for the audit and whose full state the agent has not sent yet."""

    list_display = ["received_at", "agent", "agent_version", "run_id", "category", "confidence"]
    list_display_links = None
    list_filter = ["agent"]
    list_select_related = ["agent", "agent_version__agent"]
    ordering = ["-received_at"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Run]":
        """The others are too many to list, and nobody is waited for."""
        return super().get_queryset(request).filter(drawn=True, case=None)

"""The audit log, to read."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from escalations.admin.base import ReadOnlyAdmin
from escalations.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Newest first. Searching by target finds all that happened to one row."""

    list_display = ["created_at", "actor", "action", "target", "request_id"]
    list_display_links = None
    search_fields = ["=target", "=actor", "=request_id"]
    search_help_text = _("A target (case:…, queue:3), an actor (operator:2) or a request id, in full.")
    ordering = ["-id"]

"""What was sent where, and how that went."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from agents_api.models import TEST, DeliveryState, WebhookAttempt, WebhookDelivery
from agents_api.webhooks import masking, replay
from escalations.admin.base import ReadOnlyAdmin, TabularInline, write_audit


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # generic for the type checker only
    """Counts no further than somebody would turn pages: the log is long."""

    most = 5_000

    @cached_property
    def count(self) -> int:
        """How many rows there are, at most `most`."""
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]  # a paginator takes lists, too
        return rows.order_by().values("pk")[: self.most].count()


class WebhookAttempts(TabularInline):
    """Each request for a webhook, and how it ended."""

    model = WebhookAttempt
    extra = 0
    can_delete = False
    readonly_fields = ["number", "at", "ms", "status", "error", "excerpt"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    """What was sent where, and how that went; newest first."""

    list_display = [
        "created_at",
        "event_type",
        "endpoint",
        "state",
        "attempts",
        "last_status",
        "short_error",
        "next_attempt",
    ]
    list_filter = ["state", "event_type", "endpoint__agent", "endpoint"]
    list_per_page = 50
    show_full_result_count = False
    paginator = BoundedPaginator
    list_select_related = ["endpoint"]
    raw_id_fields = ["case"]
    inlines = [WebhookAttempts]
    fields = [
        "endpoint",
        "case",
        "event_type",
        "url",
        "sent_body",
        "state",
        "attempts",
        "next_attempt",
        "created_at",
        "delivered_at",
        "last_status",
        "last_error",
    ]
    readonly_fields = ["sent_body", "next_attempt"]
    search_fields = ["=id", "=case__id"]
    search_help_text = gettext_lazy("The id of a webhook or of a case, in full.")
    ordering = ["-created_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookDelivery]:
        """Without the bodies, which only the page of one shows."""
        return super().get_queryset(request).defer("body")

    @admin.display(description=gettext_lazy("last error"), ordering="last_error")
    def short_error(self, obj: WebhookDelivery) -> str:
        """As much of it as a row has room for."""
        return Truncator(obj.last_error).chars(80)

    @admin.display(description=gettext_lazy("next attempt at"), ordering="next_attempt_at")
    def next_attempt(self, obj: WebhookDelivery) -> datetime | None:
        """When it is sent next, if it is. A test goes before all: its time lies far back."""
        return obj.next_attempt_at if obj.state == DeliveryState.PENDING and obj.event_type != TEST else None

    @admin.display(description=gettext_lazy("sent body"))
    def sent_body(self, obj: WebhookDelivery) -> str:
        """What each attempt sent, without what the handoff called sensitive and what looks personal."""
        return masking.without_personal(obj.body, masking.sensitive_values(obj.case_id))

    def get_urls(self) -> list[Any]:
        """Those of Django and the button that sends again."""
        view = self.admin_site.admin_view(self.replay)
        return [
            path("<uuid:webhook>/replay/", view, name="agents_api_webhookdelivery_replay"),
            *super().get_urls(),
        ]

    @method_decorator(require_POST)
    def replay(self, request: HttpRequest, webhook: UUID) -> HttpResponse:
        """Send one webhook again, from its page."""
        found = get_object_or_404(WebhookDelivery, pk=webhook)
        if not request.user.has_perm("agents_api.change_webhookdelivery"):
            raise PermissionDenied
        with transaction.atomic():
            again = replay.one(webhook)
            if again:
                write_audit(request, "webhook.replay", found)
        if again:
            messages.success(request, _("The webhook is sent again."))
        else:
            messages.error(
                request, _("It was not tried yet or is on its way just now. Look again in a minute.")
            )
        return redirect("admin:agents_api_webhookdelivery_change", webhook)

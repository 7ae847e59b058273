"""Settings of the agents' door: keys, webhook endpoints, and what became of the webhooks."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.validators import URLValidator
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.formats import localize
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from agents_api import auth
from agents_api.models import EventType, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from agents_api.webhooks import breaker, replay, rotation, signing
from escalations.admin.base import KeptAdmin, ModelForm, ReadOnlyAdmin, TabularInline, write_audit
from escalations.admin.words import call
from escalations.models import ApiKey

call(
    WebhookEndpoint,
    gettext_lazy("webhook endpoint"),
    gettext_lazy("webhook endpoints"),
    agent=gettext_lazy("agent"),
    events=gettext_lazy("events"),
    is_active=gettext_lazy("is active"),
    created_at=gettext_lazy("created at"),
)
call(
    WebhookDelivery,
    gettext_lazy("webhook delivery"),
    gettext_lazy("webhook deliveries"),
    endpoint=gettext_lazy("endpoint"),
    case=gettext_lazy("case"),
    event_type=gettext_lazy("event type"),
    state=gettext_lazy("state"),
    attempts=gettext_lazy("attempts"),
    next_attempt_at=gettext_lazy("next attempt at"),
    created_at=gettext_lazy("created at"),
    delivered_at=gettext_lazy("delivered at"),
    last_status=gettext_lazy("last status"),
    last_error=gettext_lazy("last error"),
    body=gettext_lazy("sent body"),
)
call(
    WebhookAttempt,
    gettext_lazy("attempt"),
    gettext_lazy("attempts"),
    number=gettext_lazy("number"),
    at=gettext_lazy("at"),
    ms=gettext_lazy("milliseconds"),
    status=gettext_lazy("status"),
    error=gettext_lazy("error"),
    excerpt=gettext_lazy("answer"),
)


@admin.register(ApiKey)
class ApiKeyAdmin(KeptAdmin):
    """Keys are made and revoked, never changed; only a keyed hash of them is kept."""

    list_display = ["prefix", "agent", "name", "created_at", "created_by", "expires_at", "revoked_at"]
    list_filter = ["agent"]
    list_select_related = ["agent", "created_by"]
    fields = ["agent", "name", "expires_at"]
    actions = ["revoke_selected"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Whoever may make keys may revoke them."""
        return self.has_add_permission(request)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """All that is known of a key that exists; its hash is nobody's business."""
        known = ["prefix", "created_by", "created_at", "revoked_at"] if obj else []
        return [*self.fields, *known]

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        """Make the key and say it once."""
        key = auth.new_key()
        obj.prefix, obj.digest = key.prefix, key.digest
        obj.created_by_id = request.user.pk
        obj.save()
        said = _("The API key of %(agent)s is %(key)s . It is shown this once: copy it now.")
        messages.success(request, said % {"agent": obj.agent, "key": key.plaintext})

    def get_urls(self) -> list[Any]:
        """Those of Django and the button that revokes."""
        revoke = self.admin_site.admin_view(self.revoke)
        return [path("<int:key_id>/revoke/", revoke, name="escalations_apikey_revoke"), *super().get_urls()]

    @method_decorator(require_POST)
    def revoke(self, request: HttpRequest, key_id: int) -> HttpResponse:
        """Revoke one key, from its page."""
        key = get_object_or_404(ApiKey, pk=key_id)
        self._revoke(request, ApiKey.objects.filter(pk=key.pk))
        return redirect("admin:escalations_apikey_changelist")

    @admin.action(description=gettext_lazy("Revoke selected keys"), permissions=["revoke"])
    def revoke_selected(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        """Revoke the ticked keys of the list."""
        self._revoke(request, queryset)

    def _revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        live = list(keys.filter(revoked_at=None))
        ApiKey.objects.filter(pk__in=[key.pk for key in live]).update(revoked_at=Now())
        for key in live:
            write_audit(request, "key.revoke", key)
        if live:
            prefixes = ", ".join(key.prefix for key in live)
            messages.success(request, _("Revoked: %(prefixes)s.") % {"prefixes": prefixes})
        else:
            messages.success(request, _("Revoked: none was valid."))


class WebhookEndpointForm(ModelForm):
    """Event types are ticked, and only web addresses are taken."""

    url = forms.URLField(
        label=gettext_lazy("URL"),
        max_length=500,
        assume_scheme="https",
        validators=[URLValidator(schemes=["http", "https"])],
        widget=forms.URLInput(attrs={"class": "vURLField"}),
    )
    events = forms.MultipleChoiceField(
        label=gettext_lazy("Events"),
        choices=EventType.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Event types to send; an empty list sends decisions only."),
    )

    class Meta:
        model = WebhookEndpoint
        fields = ["agent", "url", "events", "is_active"]


class SinceForm(forms.Form):
    """Since when to send again, in the time zone of who asks."""

    since = forms.DateTimeField()


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(KeptAdmin):
    """Where agents are told. The secret that signs is made here and shown once."""

    form = WebhookEndpointForm
    list_display = ["url", "agent", "is_active", "standing", "created_at"]
    readonly_fields = ["standing"]
    list_filter = ["agent", "is_active"]
    list_select_related = ["agent"]

    def save_model(self, request: HttpRequest, obj: WebhookEndpoint, form: Any, change: bool) -> None:
        """Give a new endpoint its secret and say it once; one that is turned on again starts afresh.

        Only what the form has is written: deliverers write the rest meanwhile.
        """
        written = list(form.cleaned_data) if change else None
        if change and obj.is_active and "is_active" in form.changed_data:
            written = [*form.cleaned_data, *breaker.WELL]
            for name, value in breaker.WELL.items():
                setattr(obj, name, value)
        if not change:
            obj.secret = signing.new_secret()
            said = _("The signing secret of %(url)s is %(secret)s . It is shown this once: copy it now.")
            messages.success(request, said % {"url": obj.url, "secret": obj.secret})
        obj.save(update_fields=written)

    def get_urls(self) -> list[Any]:
        """Those of Django, and the buttons that change the secret and send again."""
        own = [
            path(
                f"<int:endpoint_id>/{name}/",
                self.admin_site.admin_view(view),
                name=f"agents_api_webhookendpoint_{name}",
            )
            for name, view in (("rotate", self.rotate), ("replay", self.replay))
        ]
        return [*own, *super().get_urls()]

    @method_decorator(require_POST)
    def replay(self, request: HttpRequest, endpoint_id: int) -> HttpResponse:
        """Send again all that was written for an endpoint since a time."""
        endpoint = get_object_or_404(WebhookEndpoint, pk=endpoint_id)
        if not self.has_change_permission(request, endpoint):
            raise PermissionDenied
        form = SinceForm(request.POST)
        if form.is_valid():
            with transaction.atomic():
                count = replay.since(endpoint_id, form.cleaned_data["since"])
                write_audit(request, "webhook.replay", endpoint)
            said = ngettext("%(count)s webhook is sent again.", "%(count)s webhooks are sent again.", count)
            messages.success(request, said % {"count": count})
        else:
            messages.error(request, _("Say since when, with a date and a time."))
        return redirect("admin:agents_api_webhookendpoint_change", endpoint_id)

    @method_decorator(require_POST)
    def rotate(self, request: HttpRequest, endpoint_id: int) -> HttpResponse:
        """Give an endpoint a new secret and say it once."""
        endpoint = get_object_or_404(WebhookEndpoint, pk=endpoint_id)
        if not self.has_change_permission(request, endpoint):
            raise PermissionDenied
        with transaction.atomic():
            secret = rotation.rotate(endpoint_id)
            if secret:
                write_audit(request, "webhook.rotate", endpoint)
        if secret:
            said = _(
                "The new signing secret of %(url)s is %(secret)s . It is shown this once: copy it now. "
                "The old one signs as well for 24 hours."
            )
            messages.success(request, said % {"url": endpoint.url, "secret": secret})
        else:
            messages.error(
                request, _("The secret was changed less than 24 hours ago. Change it again after that.")
            )
        return redirect("admin:agents_api_webhookendpoint_change", endpoint_id)

    @admin.display(description=gettext_lazy("standing"))
    def standing(self, obj: WebhookEndpoint) -> str:
        """Whether it is sent to, and if not, why and until when."""
        if not obj.is_active:
            said = _("Turned off: %(why)s.") % {"why": obj.get_turned_off_display()}
            return said if obj.turned_off else _("Turned off.")
        if obj.open_until is None:
            return _("Sending.")
        said = ngettext(
            "Paused after %(count)s failure, the next try is at %(time)s.",
            "Paused after %(count)s failures, the next try is at %(time)s.",
            obj.failures,
        )
        return said % {"count": obj.failures, "time": localize(localtime(obj.open_until))}


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
        "last_error",
        "next_attempt_at",
    ]
    list_filter = ["state", "event_type", "endpoint__agent"]
    list_select_related = ["endpoint"]
    raw_id_fields = ["case"]
    inlines = [WebhookAttempts]
    exclude = ["lease_token", "lease_expires_at"]
    search_fields = ["=id", "=case__id"]
    search_help_text = gettext_lazy("The id of a webhook or of a case, in full.")
    ordering = ["-created_at"]

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

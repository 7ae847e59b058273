"""Where agents are told: endpoints, their secrets, and how each stands."""

from importlib import import_module
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.validators import URLValidator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.formats import localize
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from agents_api.models import DeskEvent, EventType, WebhookEndpoint
from agents_api.webhooks import breaker, callbacks, receivers, replay, rotation, signing, trial
from escalations.admin.base import KeptAdmin, ModelForm, write_audit
from escalations.sla.clocks import database_now

# Before the forms, which take the names of fields when they are made.
import_module("agents_api.admin.words")


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
        choices=[*EventType.choices, *DeskEvent.choices],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "Event types to send. Without a choice an agent is sent decisions only, the desk all alerts."
        ),
    )

    class Meta:
        model = WebhookEndpoint
        fields = ["agent", "url", "is_origin", "events", "is_active"]
        help_texts = {
            "agent": gettext_lazy("Empty: an endpoint of the desk itself, which is sent alerts."),
            "is_origin": gettext_lazy(
                "The URL is scheme, host and port alone. It gets nothing by itself: handoffs of the agent "
                "may name a callback there, which is sent the events that the handoff asks for."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Callbacks on their way to an origin were allowed for that one: it stays what it is.
        fixed = ["agent", "url", "is_origin"] if self.instance.is_origin else ["is_origin"]
        for name in fixed if self.instance.pk else []:
            self.fields[name].disabled = True

    def clean(self) -> dict[str, Any]:
        """A callback origin is brought to its one form, so that the handoffs' URLs can be compared."""
        cleaned = super().clean() or {}
        self._check_events(cleaned)
        if cleaned.get("is_origin") and cleaned.get("url"):
            try:
                cleaned["url"] = callbacks.registrable(cleaned["url"])
            except callbacks.NotAnOriginError as error:
                self.add_error("url", str(error))
        return cleaned

    def _check_events(self, cleaned: dict[str, Any]) -> None:
        """Agents hear of their cases, the desk of alerts."""
        if not cleaned.get("agent") and cleaned.get("is_origin"):
            self.add_error("is_origin", _("An origin of callbacks belongs to an agent. Choose one."))
        may = EventType.values if cleaned.get("agent") else DeskEvent.values
        if set(cleaned.get("events", [])) - set(may):
            said = _("An agent is told of its cases, the desk of alerts. Untick the others.")
            self.add_error("events", said)


class SinceForm(forms.Form):
    """Since when to send again, in the time zone of who asks."""

    since = forms.DateTimeField()


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(KeptAdmin):
    """Where agents are told. The secret that signs is made here and shown once."""

    form = WebhookEndpointForm
    readonly_fields = ["standing", "secrets"]
    list_display = ["url", "agent", "is_origin", "is_active", "standing", "created_at"]
    list_filter = ["agent", "is_origin", "is_active"]
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
        """Those of Django, and what the page of an endpoint offers besides."""
        views = {
            "rotate": self.rotate,
            "replay": self.replay,
            "test": self.test,
            "tests": self.tests,
            "turn_on": self.turn_on,
        }
        own = [
            path(
                f"<int:endpoint_id>/{name}/",
                self.admin_site.admin_view(view),
                name=f"agents_api_webhookendpoint_{name}",
            )
            for name, view in views.items()
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Django's page of an endpoint, with the tests that were sent to it."""
        tests = trial.latest(int(object_id)) if object_id.isdecimal() else []
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "tests": tests})

    def _changeable(self, request: HttpRequest, endpoint_id: int) -> WebhookEndpoint:
        endpoint = get_object_or_404(WebhookEndpoint, pk=endpoint_id)
        if not self.has_change_permission(request, endpoint):
            raise PermissionDenied
        return endpoint

    @method_decorator(require_POST)
    def test(self, request: HttpRequest, endpoint_id: int) -> HttpResponse:
        """Send a test event to an endpoint."""
        endpoint = self._changeable(request, endpoint_id)
        with transaction.atomic():
            sent = trial.send(endpoint_id)
            if sent:
                write_audit(request, "webhook.test", endpoint)
        if sent:
            messages.success(request, _("A test event is on its way. Its result comes below."))
        elif endpoint.is_active:
            messages.error(request, _("A test event is on its way already. Wait for its result below."))
        else:
            messages.error(request, _("The endpoint is turned off. Turn it on, then send a test event."))
        return redirect("admin:agents_api_webhookendpoint_change", endpoint_id)

    @method_decorator(require_GET)
    def tests(self, request: HttpRequest, endpoint_id: int) -> HttpResponse:
        """What became of the tests, for a page that waits for it."""
        self._changeable(request, endpoint_id)
        context = {"tests": trial.latest(endpoint_id)}
        return render(request, "admin/agents_api/webhookendpoint/_tests.html", context)

    @method_decorator(require_POST)
    def turn_on(self, request: HttpRequest, endpoint_id: int) -> HttpResponse:
        """Send to an endpoint again that was turned off, as if it had never failed."""
        endpoint = self._changeable(request, endpoint_id)
        with transaction.atomic():
            if breaker.turn_on(endpoint_id):
                write_audit(request, "webhook.on", endpoint)
                transaction.on_commit(receivers.hint)
        messages.success(request, _("The endpoint is turned on. What waited for it is sent now."))
        return redirect("admin:agents_api_webhookendpoint_change", endpoint_id)

    @method_decorator(require_POST)
    def replay(self, request: HttpRequest, endpoint_id: int) -> HttpResponse:
        """Send again all that was written for an endpoint since a time."""
        endpoint = self._changeable(request, endpoint_id)
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
        endpoint = self._changeable(request, endpoint_id)
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

    @admin.display(description=gettext_lazy("signing secrets"))
    def secrets(self, obj: WebhookEndpoint) -> str:
        """How many sign, and until when an old one does."""
        if obj.pk is None:
            return _("None yet. It is made and shown once when you save.")
        if obj.old_secret_until is None or obj.old_secret_until <= database_now():
            return _("One. It was shown when it was made.")
        time = localize(localtime(obj.old_secret_until))
        return _("Two: the old one signs as well until %(time)s.") % {"time": time}

    @admin.display(description=gettext_lazy("standing"))
    def standing(self, obj: WebhookEndpoint) -> str:
        """Whether it is sent to, and if not, why and until when."""
        if obj.pk is None:
            return _("Not added yet.")
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

"""API keys: made, shown once, revoked."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from agents_api import auth
from escalations.admin.base import KeptAdmin, ModelForm, write_audit
from escalations.models import ApiKey, Scope
from escalations.models.agents import every_scope


class ApiKeyForm(ModelForm):
    """Scopes are ticked, all of them at first; a key without any would open nothing."""

    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("Scopes"),
        # The API says the scopes by their names, which are not translated.
        choices=[(one.value, format_lazy("{} ({})", one.label, one.value)) for one in Scope],
        initial=every_scope,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("What the key is good for. Untick what the agent does not do."),
    )

    class Meta:
        model = ApiKey
        fields = ["agent", "name", "scopes", "expires_at"]


@admin.register(ApiKey)
class ApiKeyAdmin(KeptAdmin):
    """Keys are made and revoked, never changed; only a keyed hash of them is kept."""

    form = ApiKeyForm
    list_display = [
        "prefix",
        "agent",
        "name",
        "scopes_named",
        "created_at",
        "created_by",
        "expires_at",
        "revoked_at",
    ]
    list_filter = ["agent"]
    list_select_related = ["agent", "created_by"]
    fields = ["agent", "name", "scopes", "expires_at"]
    actions = ["revoke_selected"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Whoever may make keys may revoke them."""
        return self.has_add_permission(request)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """All that is known of a key that exists; its hash is nobody's business."""
        if obj is None:
            return self.fields
        known = ["prefix", "created_by", "created_at", "revoked_at"]
        return ["agent", "name", "scopes_named", "expires_at", *known]

    @admin.display(description=gettext_lazy("Scopes"))
    def scopes_named(self, key: ApiKey) -> str:
        """As the API calls them."""
        return ", ".join(key.scopes)

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

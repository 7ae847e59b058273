"""API keys and report keys: made, shown once, revoked."""

from typing import TYPE_CHECKING, Any

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
from escalations.models import ApiKey, ReportKey, ReportScope, Scope
from escalations.models.agents import every_scope
from escalations.models.keys import Key

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def _choices(scopes: type[Scope] | type[ReportScope]) -> "list[tuple[str, StrOrPromise]]":
    """Scopes to tick. The API says them by their names, which are not translated."""
    return [(one.value, format_lazy("{} ({})", one.label, one.value)) for one in scopes]


class ApiKeyForm(ModelForm):
    """Scopes are ticked, all of them at first; a key without any would open nothing."""

    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("Scopes"),
        choices=_choices(Scope),
        initial=every_scope,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("What the key is good for. Untick what the agent does not do."),
    )

    class Meta:
        model = ApiKey
        fields = ["agent", "name", "scopes", "expires_at"]


class ReportKeyForm(ModelForm):
    """Scopes are ticked, none at first: a program does one thing."""

    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("Scopes"),
        choices=_choices(ReportScope),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "What the key is good for, for all queues and agents. Tick no more than is needed."
        ),
    )

    class Meta:
        model = ReportKey
        fields = ["name", "scopes", "expires_at"]


class KeyAdmin(KeptAdmin):
    """Keys are made and revoked, never changed; only a keyed hash of them is kept."""

    kind: str
    chosen: list[str]
    change_form_template = "admin/escalations/key_form.html"
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
            return self.chosen
        shown = ["scopes_named" if name == "scopes" else name for name in self.chosen]
        return [*shown, "prefix", "created_by", "created_at", "revoked_at"]

    @admin.display(description=gettext_lazy("Scopes"))
    def scopes_named(self, key: ApiKey | ReportKey) -> str:
        """As the API calls them."""
        return ", ".join(key.scopes)

    def said(self, key: Any, plaintext: str) -> str:
        """What is said once, when the key is made."""
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: Key, form: Any, change: bool) -> None:
        """Make the key and say it once."""
        key = auth.new_key(self.kind)
        obj.prefix, obj.digest = key.prefix, key.digest
        obj.created_by_id = request.user.pk
        obj.save()
        messages.success(request, self.said(obj, key.plaintext))

    def get_urls(self) -> list[Any]:
        """Those of Django and the button that revokes."""
        revoke = self.admin_site.admin_view(self.revoke)
        return [path("<int:key_id>/revoke/", revoke, name=f"{self._named}_revoke"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """With the address that revokes."""
        context = {"revoke_url": f"admin:{self._named}_revoke"} | (extra_context or {})
        return super().change_view(request, object_id, form_url, context)

    @method_decorator(require_POST)
    def revoke(self, request: HttpRequest, key_id: int) -> HttpResponse:
        """Revoke one key, from its page."""
        key = get_object_or_404(self.model, pk=key_id)
        self._revoke(request, self.model._default_manager.filter(pk=key.pk))
        return redirect(f"admin:{self._named}_changelist")

    @admin.action(description=gettext_lazy("Revoke selected keys"), permissions=["revoke"])
    def revoke_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Revoke the ticked keys of the list."""
        self._revoke(request, queryset)

    @property
    def _named(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"

    def _revoke(self, request: HttpRequest, keys: QuerySet[Any]) -> None:
        live = list(keys.filter(revoked_at=None))
        self.model._default_manager.filter(pk__in=[key.pk for key in live]).update(revoked_at=Now())
        for key in live:
            write_audit(request, "key.revoke", key)
        if live:
            prefixes = ", ".join(key.prefix for key in live)
            messages.success(request, _("Revoked: %(prefixes)s.") % {"prefixes": prefixes})
        else:
            messages.success(request, _("Revoked: none was valid."))


@admin.register(ApiKey)
class ApiKeyAdmin(KeyAdmin):
    """Of agents."""

    kind = auth.OF_AGENTS
    form = ApiKeyForm
    chosen = ["agent", "name", "scopes", "expires_at"]
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

    def said(self, key: ApiKey, plaintext: str) -> str:
        """Whose it is, and the key."""
        said = _("The API key of %(agent)s is %(key)s . It is shown this once: copy it now.")
        return said % {"agent": key.agent, "key": plaintext}


@admin.register(ReportKey)
class ReportKeyAdmin(KeyAdmin):
    """Of programs that are no agents."""

    kind = auth.OF_REPORTS
    form = ReportKeyForm
    chosen = ["name", "scopes", "expires_at"]
    list_display = ["prefix", "name", "scopes_named", "created_at", "created_by", "expires_at", "revoked_at"]
    list_select_related = ["created_by"]

    def said(self, key: ReportKey, plaintext: str) -> str:
        """What it is for, and the key."""
        said = _("The report key %(name)s is %(key)s . It is shown this once: copy it now.")
        return said % {"name": key.name, "key": plaintext}

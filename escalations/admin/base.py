"""What the settings have in common: who changed what is kept, and records stay as they are."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.db.models import Model
from django.http import HttpRequest

from escalations.auditing import audit
from escalations.models import Operator

# Before the forms, which take the names of fields when they are made.
import_module("escalations.admin.words")

# Generic for the type checker only.
if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
    ModelForm = forms.ModelForm[Any]
    OperatorAdminBase = UserAdmin[Operator]
    OperatorFormBase = UserChangeForm[Operator]
else:
    ModelAdmin, TabularInline, ModelForm = admin.ModelAdmin, admin.TabularInline, forms.ModelForm
    OperatorAdminBase, OperatorFormBase = UserAdmin, UserChangeForm


class AuditedAdmin(ModelAdmin):
    """Each change writes an audit entry, in the transaction of the change."""

    show_full_result_count = False

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Django's hook for what was added."""
        write_audit(request, "admin.add", obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Django's hook for what was changed."""
        write_audit(request, "admin.change", obj)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Django's hook for what is about to be deleted."""
        for obj in queryset:
            write_audit(request, "admin.delete", obj)
        return super().log_deletions(request, queryset)


class KeptAdmin(AuditedAdmin):
    """Rows that others refer to: switched off instead of deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


class ReadOnlyAdmin(KeptAdmin):
    """Rows that only the desk itself writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


def write_audit(request: HttpRequest, action: str, obj: Model) -> None:
    """Note what the signed-in admin does to a row."""
    actor = f"operator:{request.user.pk}"
    audit.write(actor=actor, action=action, target=f"{obj._meta.model_name}:{obj.pk}")

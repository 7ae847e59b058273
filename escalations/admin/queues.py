"""Queues with their targets, and the catalogue of skills."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from escalations.admin.base import AuditedAdmin, ModelForm, TabularInline
from escalations.models import Queue, Skill, SlaTarget


class SlaTargetForm(ModelForm):
    """Seconds of business time."""

    class Meta:
        help_texts = {
            "pickup_seconds": _("From the handoff until somebody takes it."),
            "resolution_seconds": _("From the handoff until the decision."),
            "response_seconds": _("From each message of the user until the answer. Empty: no target."),
        }


class SlaTargetInline(TabularInline):
    """A row for each priority that differs from the desk's defaults."""

    model = SlaTarget
    form = SlaTargetForm
    extra = 0


class QueueForm(ModelForm):
    """What the fields do to cases."""

    class Meta:
        help_texts = {
            "aging_seconds": _("Waiting so long is worth one class of priority."),
            "calendar": _(
                "When time counts for the clocks of its cases. Empty: always. A change counts for "
                "clocks that start or go on from now on."
            ),
            "overflow": _("The people of that queue help out when nobody here could for three minutes."),
        }

    def clean_overflow(self) -> Queue | None:
        """A queue cannot help itself out. Two may help each other."""
        overflow: Queue | None = self.cleaned_data["overflow"]
        if overflow and overflow.pk == self.instance.pk:
            raise forms.ValidationError(_("Choose another queue: this one cannot help itself out."))
        return overflow


@admin.register(Queue)
class QueueAdmin(AuditedAdmin):
    """Where cases wait. Its mean handle time is measured, not set."""

    form = QueueForm
    list_display = ["name", "description", "calendar", "overflow", "aging_seconds", "mean_handle_seconds"]
    list_select_related = ["calendar", "overflow"]
    fields = ["name", "description", "aging_seconds", "calendar", "overflow"]
    empty_labels = {"calendar": _("Always open"), "overflow": _("Nobody")}
    inlines = [SlaTargetInline]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Say what it means to choose nothing."""
        kwargs["empty_label"] = self.empty_labels[db_field.name]
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Skill)
class SkillAdmin(AuditedAdmin):
    """Names that handoffs may require and operators may have."""

    list_display = ["name", "description"]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        """The name is what handoffs say: it stays."""
        return ["name"] if obj else []

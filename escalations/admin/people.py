"""The people of the desk."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from escalations.admin.base import KeptAdmin, OperatorAdminBase, OperatorFormBase
from escalations.models import Operator, Queue, Skill


def _skills() -> list[tuple[str, str]]:
    return [(skill.name, skill.name) for skill in Skill.objects.all()]


def zones() -> list[tuple[str, str]]:
    """All time zones of the system, to choose from."""
    return [(zone, zone) for zone in sorted(available_timezones())]


class OperatorForm(OperatorFormBase):
    """Skills come from the catalogue, time zones from the system."""

    queues = forms.ModelMultipleChoiceField(
        Queue.objects.all(), label=_("Queues"), required=False, widget=forms.CheckboxSelectMultiple
    )
    skills = forms.MultipleChoiceField(
        label=_("Skills"),
        choices=_skills,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("From the catalogue."),
    )
    can_review = forms.BooleanField(
        label=_("May review"),
        required=False,
        help_text=_(
            "An operator marked so gives second looks at what others decided in their queues. "
            "Reviewers and admins may do so anyway."
        ),
    )
    timezone = forms.ChoiceField(choices=zones, label=_("Time zone"))
    capacity = forms.IntegerField(
        label=_("Capacity"),
        min_value=0,
        max_value=1_000,
        help_text=_(
            "How much this person may hold or be offered at a time: the sum of the weights of "
            "the cases. Most cases weigh 1. With 0 nothing is offered."
        ),
    )


@admin.register(Operator)
class OperatorAdmin(KeptAdmin, OperatorAdminBase):
    """Sign-in, role, queues, skills and capacity. Nobody is deleted: their decisions remain."""

    form = OperatorForm
    list_display = ["username", "first_name", "last_name", "role", "is_active", "last_login"]
    list_filter = ["role", "can_review", "is_active", "queues"]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("Person"), {"fields": ["first_name", "last_name", "email", "timezone"]}),
        (_("Work"), {"fields": ["role", "can_review", "queues", "skills", "capacity", "hourly_cost_usd"]}),
        (_("Sign-in"), {"fields": ["is_active", "last_login", "date_joined"]}),
    ]
    readonly_fields = ["last_login", "date_joined"]

    def get_readonly_fields(self, request: HttpRequest, obj: Operator | None = None) -> Any:
        """Nobody locks themselves out: another admin must take a role away or switch a person off."""
        own = ["role", "is_active"] if obj is not None and obj.pk == request.user.pk else []
        return [*super().get_readonly_fields(request, obj), *own]

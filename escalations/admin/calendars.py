"""Business hours: what counts as time for the clocks of a queue's cases."""

from datetime import time
from typing import Any

from django import forms
from django.contrib import admin
from django.db import DataError, connection, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from escalations.admin.base import AuditedAdmin, ModelForm, TabularInline
from escalations.admin.people import zones
from escalations.models import Calendar, Holiday, OpeningHours

_MIDNIGHT, _END_OF_DAY = time(0), time.max


class CalendarForm(ModelForm):
    """The zone must be known to the database, which does the counting."""

    timezone = forms.ChoiceField(
        choices=zones,
        label=_("Time zone"),
        help_text=_("The hours are those of the clock on the wall there. Summer time is taken into account."),
    )

    class Meta:
        help_texts = {"name": _("As queues will show it, such as “Office hours Berlin”.")}

    def clean_timezone(self) -> str:
        """Refuse a zone that is missing in the database's own list."""
        zone: str = self.cleaned_data["timezone"]
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT now() AT TIME ZONE %s", [zone])
        except DataError:
            raise forms.ValidationError(_("The database does not know this zone. Choose another.")) from None
        return zone


class OpeningHoursForm(ModelForm):
    """One stretch of a day. Closing at 00:00 means at the end of the day."""

    class Meta:
        widgets = {
            name: forms.TimeInput(attrs={"type": "time"}, format="%H:%M") for name in ("opens", "closes")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.closes == _END_OF_DAY:
            self.initial["closes"] = _MIDNIGHT

    def clean_closes(self) -> time:
        """The end of the day as it is stored."""
        closes: time = self.cleaned_data["closes"]
        return _END_OF_DAY if closes == _MIDNIGHT else closes

    def clean(self) -> dict[str, Any]:
        """Refuse what closes before it opens."""
        cleaned = super().clean() or self.cleaned_data
        opens, closes = cleaned.get("opens"), cleaned.get("closes")
        if opens and closes and closes <= opens:
            self.add_error(
                "closes",
                _(
                    "It must close after it opens. For hours past midnight add two rows: one up to 00:00, "
                    "and one from 00:00 on the day after."
                ),
            )
        return cleaned


class OpeningHoursInline(TabularInline):
    """A row for each stretch; several a day leave a break between them."""

    model = OpeningHours
    form = OpeningHoursForm
    verbose_name_plural = _("opening hours (several a day leave a break; 00:00 closes at the end of the day)")
    min_num = 1

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """A new calendar starts with room for a working week."""
        return 0 if obj else 4

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """A calendar that never opens would stop the clocks of its queues for ever."""
        return super().get_formset(request, obj, validate_min=True, **kwargs)


class HolidayForm(ModelForm):
    """A day of the browser's own date picker."""

    class Meta:
        widgets = {"day": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}


class HolidayInline(TabularInline):
    """Days on which it is closed, whatever the weekday."""

    model = Holiday
    form = HolidayForm
    extra = 0


@admin.register(Calendar)
class CalendarAdmin(AuditedAdmin):
    """Queues without a calendar are always open."""

    form = CalendarForm
    list_display = ["name", "timezone"]
    inlines = [OpeningHoursInline, HolidayInline]

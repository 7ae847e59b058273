"""Whether there are people for the work, by skill and hour."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from escalations.models import Weekday
from escalations.reports.coverage import EVERY_DAY, HOURS, coverage
from operators.metrics.filters import figures_asked

_DAYS: dict[str, tuple[int, ...]] = {
    "": EVERY_DAY,
    "work": (1, 2, 3, 4, 5),
    "end": (6, 7),
    **{str(day.value + 1): (day.value + 1,) for day in Weekday},
}


class DaysForm(forms.Form):
    """On which days of the week."""

    days = forms.ChoiceField(
        label=_("Days"),
        required=False,
        choices=[
            ("", _("All days")),
            ("work", _("Monday to Friday")),
            ("end", _("Saturday and Sunday")),
            *((str(day.value + 1), day.label) for day in Weekday),
        ],
    )


@require_GET
def coverage_page(request: HttpRequest) -> HttpResponse:
    """The matrix of the last month, or of the period that is asked for.

    Raises:
        PermissionDenied: for operators.
    """
    filters = figures_asked(request, period="30d")
    form = DaysForm(request.GET, auto_id="filter-%s")
    form.is_valid()
    days = _DAYS[form.cleaned_data.get("days", "")]
    context = {
        "filters": filters,
        "form": form,
        "coverage": coverage(filters.scope, days),
        "hours": HOURS,
    }
    return render(request, "operators/reports/coverage.html", context)

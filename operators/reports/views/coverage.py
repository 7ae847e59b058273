"""Whether there are people for the work, by skill and hour."""

from collections.abc import Iterable
from dataclasses import dataclass

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from escalations.metrics import Scope
from escalations.reports.coverage import HOURS, Cell, Skill, coverage
from operators.metrics import hours
from operators.metrics.filters import figures_asked


class DaysForm(forms.Form):
    """On which days of the week."""

    days = forms.ChoiceField(label=_("Days"), required=False, choices=hours.DAY_CHOICES)


@dataclass(frozen=True)
class Row:
    """A skill and its hours, each with the address of its cases; empty where there are none."""

    skill: Skill
    url: str
    cells: Iterable[tuple[Cell, str]]


@require_GET
def coverage_page(request: HttpRequest) -> HttpResponse:
    """The matrix of the last month, or of the period that is asked for.

    Raises:
        PermissionDenied: for operators.
    """
    filters = figures_asked(request, period="30d")
    form = DaysForm(request.GET, auto_id="filter-%s")
    form.is_valid()
    days = form.cleaned_data.get("days", "")
    found = coverage(filters.scope, hours.DAYS[days])
    context = {
        "filters": filters,
        "form": form,
        "coverage": found,
        "rows": [_row(skill, filters.scope, days) for skill in found.skills],
        "hours": HOURS,
    }
    return render(request, "operators/reports/coverage.html", context)


def _row(skill: Skill, scope: Scope, days: str) -> Row:
    urls = [
        "" if cell.is_quiet else hours.url(scope, skill.name, days, hour)
        for hour, cell in zip(HOURS, skill.cells, strict=True)
    ]
    return Row(skill, hours.url(scope, skill.name, days), list(zip(skill.cells, urls, strict=True)))

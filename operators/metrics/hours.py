"""Cases by the skill they ask for, the hour of the day and the days of the week in which they came."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalations.metrics import METRICS, Scope
from escalations.models import Weekday
from escalations.models.case_queries import EscalationQuerySet
from escalations.reports.coverage import EVERY_DAY
from operators.metrics.filters import cases_url

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

DAYS: dict[str, tuple[int, ...]] = {
    "": EVERY_DAY,
    "work": (1, 2, 3, 4, 5),
    "end": (6, 7),
    **{str(day.value + 1): (day.value + 1,) for day in Weekday},
}
DAY_CHOICES: "list[tuple[str, StrOrPromise]]" = [
    ("", gettext_lazy("All days")),
    ("work", gettext_lazy("Monday to Friday")),
    ("end", gettext_lazy("Saturday and Sunday")),
    *((str(day.value + 1), day.label) for day in Weekday),
]
# In an address, for cases that ask for no skill; no skill can be called so.
_NO_SKILL = "(none)"


class HoursForm(forms.Form):
    """The fields of an address that says so."""

    skill = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    hour = forms.IntegerField(min_value=0, max_value=23, required=False, widget=forms.HiddenInput)
    days = forms.ChoiceField(choices=DAY_CHOICES, required=False, widget=forms.HiddenInput)


def url(scope: Scope, skill: str, days: str, hour: int | None = None) -> str:
    """The list of the cases received that ask for a skill, or for none; of all agents."""
    asked = {"skill": skill or _NO_SKILL, "days": days, "hour": "" if hour is None else str(hour)}
    return cases_url(replace(scope, agent="", version=""), METRICS["intake"], **asked)


def narrow(cases: EscalationQuerySet, chosen: Mapping[str, Any], zone: ZoneInfo) -> EscalationQuerySet:
    """`cases` that fit what was chosen; hours and days are those of the zone."""
    if skill := chosen.get("skill"):
        cases = cases.filter(skills=[]) if skill == _NO_SKILL else cases.filter(skills__contains=[skill])
    if (hour := chosen.get("hour")) is not None:
        cases = cases.alias(of_hour=ExtractHour("received_at", tzinfo=zone)).filter(of_hour=hour)
    if days := chosen.get("days"):
        of_day = ExtractIsoWeekDay("received_at", tzinfo=zone)
        cases = cases.alias(of_day=of_day).filter(of_day__in=DAYS[days])
    return cases


def said(chosen: Mapping[str, Any]) -> list[str]:
    """The same in words."""
    skill, hour, days = chosen.get("skill"), chosen.get("hour"), chosen.get("days")
    return [
        *([_("no skill") if skill == _NO_SKILL else skill] if skill else []),
        *([f"{hour:02}:00–{(hour + 1) % 24:02}:00"] if hour is not None else []),
        *([str(dict(DAY_CHOICES)[days])] if days else []),
    ]

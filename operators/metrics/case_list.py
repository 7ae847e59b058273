"""The cases behind a figure, or any others: filtered, newest first, a page at a time by key."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import F, Prefetch, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from escalations import metrics
from escalations.handoffs import dispatch
from escalations.metrics import METRICS, Metric, Scope
from escalations.models import OPEN_STATES, Decision, Delivery, Escalation, Operator, Resolution, State
from escalations.models.case_queries import EscalationQuerySet
from escalations.reports import code_candidates
from operators.fields.days import WITHIN_REASON
from operators.metrics import hours, words
from operators.metrics.filters import Filters, cases_url
from operators.metrics.hours import HoursForm

PAGE = 50
# A longer list is counted as "more than".
COUNTED = 10_000
_OPEN, MISSED = "open", "missed"
# In an address, for cases without a category.
_NO_CATEGORY = "(none)"
_CLOCKS = {
    "received_at": gettext_lazy("Received"),
    "first_claimed_at": gettext_lazy("Picked up"),
    "closed_at": gettext_lazy("Closed"),
}


class CaseForm(HoursForm):
    """What `Filters` has not: the metric whose cases these are, their state and what was decided.

    `at` is the moment at which what is counted of this moment was so, where that is known.
    """

    metric = forms.ChoiceField(choices=[(name, name) for name in METRICS], required=False)
    part = forms.CharField(max_length=40, required=False)
    at = forms.DateTimeField(required=False, widget=forms.HiddenInput, validators=WITHIN_REASON)
    category = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput)
    label = forms.CharField(max_length=200, required=False)
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[
            ("", gettext_lazy("Any state")),
            (_OPEN, pgettext_lazy("adjective", "Open")),
            *State.choices,
        ],
    )
    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        required=False,
        choices=[("", gettext_lazy("Any decision")), *Decision.choices],
    )
    delivery = forms.ChoiceField(
        label=gettext_lazy("Delivery"),
        required=False,
        choices=[
            ("", gettext_lazy("Any delivery")),
            *((one.value, one.label) for one in Delivery if one),
            (MISSED, gettext_lazy("Undelivered for over 3 minutes")),
        ],
    )
    before = forms.CharField(max_length=100, required=False)

    def clean_before(self) -> tuple[datetime, UUID] | None:
        """The last row of the page before: its time and id."""
        moment, __, number = self.cleaned_data["before"].partition("_")
        if not moment:
            return None
        try:
            return datetime.fromisoformat(moment), UUID(number)
        except ValueError:
            raise forms.ValidationError(_("This page is not there any more.")) from None


@dataclass(frozen=True)
class CaseList:
    """A page of cases. `count` stops one above `COUNTED`; `next` is the key of the page after, or empty.

    `narrowed_to` says by which category, skill, hour and days they are narrowed. `at` is the moment at which
    they were open, if that is not now.
    """

    metric: Metric
    part: str
    label: str
    clock: str
    cases: list[Escalation]
    count: int
    next: str
    narrowed_to: list[str]
    at: datetime | None

    @property
    def time_heading(self) -> str:
        return str(_CLOCKS[self.clock])

    @property
    def title(self) -> str:
        """What the cases have in common."""
        part = self.metric.part(self.part)
        said = [str(part.title)] if part else []
        if self.label:
            said.append(words.labels(self.metric, [self.label])[self.label])
        if self.narrowed_to:
            said.append(", ".join(self.narrowed_to))
        return ": ".join([str(self.metric.title), *said])


def case_list(filters: Filters, form: CaseForm, viewer: Operator) -> CaseList:
    """What the filters leave of the cases that `viewer` may see."""
    chosen = form.cleaned_data
    metric = METRICS[chosen.get("metric") or "intake"]
    clock = metric.clock
    cases = _matching(metric, filters, chosen).visible_to(viewer)
    page = list(_page(cases, clock, chosen.get("before"))[: PAGE + 1])
    last = page[PAGE - 1] if len(page) > PAGE else None
    return CaseList(
        metric=metric,
        part=chosen.get("part", ""),
        label=chosen.get("label", ""),
        clock=clock,
        cases=page[:PAGE],
        count=cases.values("pk")[: COUNTED + 1].count(),
        next=f"{getattr(last, clock).isoformat()}_{last.pk}" if last else "",
        at=_moment(metric, chosen),
        narrowed_to=[*_category_said(chosen), *hours.said(chosen)],
    )


def _matching(metric: Metric, filters: Filters, chosen: Mapping[str, Any]) -> EscalationQuerySet:
    if at := _moment(metric, chosen):
        cases = metrics.open_cases(filters.scope, at)
    else:
        cases = metrics.cases(metric, filters.scope, chosen.get("part", ""), chosen.get("label", ""))
    if category := chosen.get("category"):
        cases = code_candidates.of_kind(cases, "" if category == _NO_CATEGORY else category)
    if state := chosen.get("state"):
        cases = cases.filter(state__in=OPEN_STATES if state == _OPEN else [state])
    if decision := chosen.get("decision"):
        cases = cases.filter(resolutions__superseded_at=None, resolutions__decision=decision)
    if delivery := chosen.get("delivery"):
        cases = cases.filter(dispatch.missed() if delivery == MISSED else Q(delivery=delivery))
    return hours.narrow(cases, chosen, filters.scope.zone)


def _moment(metric: Metric, chosen: Mapping[str, Any]) -> datetime | None:
    return chosen.get("at") if metric.flows else None


def category_url(scope: Scope, metric: Metric, category: str, part: str = "") -> str:
    """The list of the cases of a category, or of none, that a person decided and that a figure counts."""
    return cases_url(scope, metric, part, category=category or _NO_CATEGORY)


def _category_said(chosen: Mapping[str, Any]) -> list[str]:
    category = chosen.get("category")
    if not category:
        return []
    return [_("no category") if category == _NO_CATEGORY else category, _("decided by a person")]


def _page(cases: EscalationQuerySet, clock: str, before: tuple[datetime, UUID] | None) -> EscalationQuerySet:
    if before is not None:
        moment, number = before
        older = Q(**{f"{clock}__lt": moment}) | Q(**{clock: moment}, id__lt=number)
        cases = cases.filter(older, **{f"{clock}__lte": moment})
    return (
        cases.annotate(
            listed_at=F(clock),
            pickup_time=F("first_claimed_at") - F("received_at"),
            closing_time=F("closed_at") - F("received_at"),
        )
        .select_related("agent_version__agent", "queue")
        .prefetch_related(
            Prefetch("resolutions", Resolution.objects.current().only("case", "decision"), "current")
        )
        .order_by(f"-{clock}", "-id")
    )

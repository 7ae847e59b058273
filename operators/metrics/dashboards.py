"""Pages of figures that people keep with their filters, for themselves or for all who see figures."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from django import forms
from django.db.models import Q
from django.urls import NoReverseMatch, reverse

from escalations.models import Operator
from operators import named
from operators.models import Dashboard
from operators.named import NameForm

# The pages that may be kept: those that are made by their filters alone.
PAGES = ("metrics", "failures", "costs", "scorecards", "coverage", "risk")
_SHOWN = 30
# Of one choice of filters, not of its place in time.
_LEFT_OUT = ("since", "until", "csrfmiddlewaretoken")


class DashboardForm(NameForm):
    """What a page is called, which it is, and whether everybody has it."""

    page = forms.ChoiceField(choices=[(name, name) for name in PAGES])
    query = forms.CharField(max_length=1000, required=False)

    def clean_query(self) -> str:
        kept = [(name, value) for name, value in parse_qsl(self.cleaned_data["query"]) if value]
        return urlencode([(name, value) for name, value in kept if name not in _LEFT_OUT])


@dataclass(frozen=True)
class Shown:
    """A dashboard as a link. `shared_by` is who shares it, if somebody else does."""

    id: int
    name: str
    url: str
    is_shared: bool
    shared_by: Operator | None
    is_current: bool
    may_change: bool


def shown(operator: Operator, page: str, query: str) -> list[Shown]:
    """Those of this person, and those that are shared."""
    found = Dashboard.objects.filter(Q(owner=operator) | Q(is_shared=True)).select_related("owner")[:_SHOWN]
    here = sorted(parse_qsl(query))
    return [
        Shown(
            id=one.pk,
            name=one.name,
            url=address(one),
            is_shared=one.is_shared,
            shared_by=one.owner if one.owner_id != operator.pk else None,
            is_current=one.page == page and sorted(parse_qsl(one.query)) == here,
            may_change=named.may_change(operator, one.owner_id),
        )
        for one in found
    ]


def address(one: Dashboard) -> str:
    """Where it leads; the figures, if its page is not there any more."""
    try:
        path = reverse(one.page)
    except NoReverseMatch:
        path = reverse("metrics")
    return f"{path}?{one.query}" if one.query else path


def save(operator: Operator, form: DashboardForm) -> Dashboard:
    """Keep what a valid form says.

    Raises:
        NameTaken: the person has a dashboard of this name.
    """
    one = Dashboard(owner=operator, **form.cleaned_data)
    named.written(one)
    return one

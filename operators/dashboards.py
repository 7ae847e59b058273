"""Pages of figures that people keep with their filters: who has them, and who may delete them."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import Http404
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from escalations.models import Operator
from operators.models import Dashboard
from operators.saved_views import NameTaken

# The pages that may be kept: those that are made by their filters alone.
PAGES = ("metrics", "failures", "costs", "scorecards", "coverage", "risk")
_SHOWN = 30
# Of one choice of filters, not of its place in time.
_LEFT_OUT = ("since", "until", "csrfmiddlewaretoken")


class DashboardForm(forms.Form):
    """What a page is called, which it is, and whether everybody has it."""

    name = forms.CharField(label=_("Name"), max_length=40, error_messages={"required": _("Give it a name.")})
    is_shared = forms.BooleanField(required=False)
    page = forms.ChoiceField(choices=[(name, name) for name in PAGES])
    query = forms.CharField(max_length=1000, required=False)

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())

    def clean_query(self) -> str:
        kept = [(name, value) for name, value in parse_qsl(self.cleaned_data["query"]) if value]
        return urlencode([(name, value) for name, value in kept if name not in _LEFT_OUT])


@dataclass(frozen=True)
class Shown:
    """A dashboard as a link. `is_current` where the page is that one."""

    id: int
    name: str
    url: str
    is_shared: bool
    is_current: bool
    may_delete: bool


def shown(operator: Operator, page: str, query: str) -> list[Shown]:
    """Those of this person, and those that are shared."""
    found = Dashboard.objects.filter(Q(owner=operator) | Q(is_shared=True))[:_SHOWN]
    here = sorted(parse_qsl(query))
    return [
        Shown(
            id=one.pk,
            name=one.name,
            url=address(one),
            is_shared=one.is_shared,
            is_current=one.page == page and sorted(parse_qsl(one.query)) == here,
            may_delete=_may_delete(operator, one),
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
    chosen = form.cleaned_data
    try:
        with transaction.atomic():
            return Dashboard.objects.create(owner=operator, **chosen)
    except IntegrityError:
        raise NameTaken(gettext("You have a dashboard of this name already.")) from None


def delete(operator: Operator, dashboard_id: int) -> Dashboard:
    """Delete it, for its owner or an admin.

    Raises:
        Http404: there is none that this person sees.
        PermissionDenied: it is shared by somebody else.
    """
    one = Dashboard.objects.filter(Q(owner=operator) | Q(is_shared=True), pk=dashboard_id).first()
    if one is None:
        raise Http404(gettext("There is no such dashboard."))
    if not _may_delete(operator, one):
        raise PermissionDenied
    Dashboard.objects.filter(pk=one.pk).delete()
    return one


def _may_delete(operator: Operator, one: Dashboard) -> bool:
    return one.owner_id == operator.pk or operator.is_desk_admin

"""Keep a page of figures with its filters, rename it, delete it, bring it back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from operators import named
from operators.access import who_sees_figures
from operators.answers import back
from operators.metrics import dashboards
from operators.metrics.dashboards import DashboardForm
from operators.models import Dashboard
from operators.named import NameForm, NameTaken


@require_POST
def save_dashboard(request: HttpRequest) -> HttpResponse:
    """Keep the page that the form stands on.

    Raises:
        PermissionDenied: for operators.
    """
    operator = who_sees_figures(request)
    form = DashboardForm(request.POST)
    if not form.is_valid():
        return _refused(request, form)
    try:
        kept = dashboards.save(operator, form)
    except NameTaken as error:
        messages.error(request, str(error))
        return back(request)
    messages.success(request, _("Saved as “%(name)s”.") % {"name": kept.name})
    return HttpResponseRedirect(dashboards.address(kept))


@require_POST
def rename_dashboard(request: HttpRequest, dashboard_id: int) -> HttpResponse:
    """Another name, or another circle of people who have it.

    Raises:
        PermissionDenied: for operators, and for what somebody else shares.
        Http404: there is none.
    """
    one = named.changeable(Dashboard, who_sees_figures(request), dashboard_id)
    form = NameForm(request.POST)
    if not form.is_valid():
        return _refused(request, form)
    try:
        named.rename(one, form)
    except NameTaken as error:
        messages.error(request, str(error))
        return back(request)
    messages.success(request, _("The dashboard is called “%(name)s” now.") % {"name": one.name})
    return HttpResponseRedirect(dashboards.address(one))


@require_POST
def delete_dashboard(request: HttpRequest, dashboard_id: int) -> HttpResponse:
    """Delete one at once; the toast can bring it back.

    Raises:
        PermissionDenied: for operators, and for what somebody else shares.
        Http404: there is none.
    """
    one = named.changeable(Dashboard, who_sees_figures(request), dashboard_id)
    context = {"name": one.name, "kept": named.delete(one), "restore_url": reverse("restore_dashboard")}
    messages.success(request, render_to_string("operators/_named_deleted.html", context, request))
    return HttpResponseRedirect(reverse(one.page if one.page in dashboards.PAGES else "metrics"))


@require_POST
def restore_dashboard(request: HttpRequest) -> HttpResponse:
    """Bring a deleted one back.

    Raises:
        PermissionDenied: for operators, and for what was not theirs.
        Http404: it was too long ago.
    """
    operator = who_sees_figures(request)
    try:
        one = named.restore(Dashboard, operator, request.POST.get("kept", ""))
    except NameTaken as error:
        messages.warning(request, str(error))
        return HttpResponseClientRedirect(reverse("metrics"))
    messages.success(request, _("“%(name)s” is back.") % {"name": one.name})
    return HttpResponseClientRedirect(dashboards.address(one))


def _refused(request: HttpRequest, form: NameForm) -> HttpResponse:
    messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    return back(request)

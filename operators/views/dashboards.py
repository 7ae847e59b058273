"""Keep a page of figures with its filters, and delete one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from operators import dashboards
from operators.access import who_sees_figures
from operators.answers import back
from operators.dashboards import DashboardForm
from operators.saved_views import NameTaken


@require_POST
def save_dashboard(request: HttpRequest) -> HttpResponse:
    """Keep the page that the form stands on.

    Raises:
        PermissionDenied: for operators.
    """
    operator = who_sees_figures(request)
    form = DashboardForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return back(request)
    try:
        kept = dashboards.save(operator, form)
    except NameTaken as error:
        messages.error(request, str(error))
        return back(request)
    messages.success(request, _("Saved as “%(name)s”.") % {"name": kept.name})
    return HttpResponseRedirect(dashboards.address(kept))


@require_POST
def delete_dashboard(request: HttpRequest, dashboard_id: int) -> HttpResponse:
    """Delete one.

    Raises:
        PermissionDenied: for operators, and for what somebody else shares.
        Http404: there is none.
    """
    gone = dashboards.delete(who_sees_figures(request), dashboard_id)
    messages.success(request, _("“%(name)s” is deleted.") % {"name": gone.name})
    return HttpResponseRedirect(reverse(gone.page if gone.page in dashboards.PAGES else "metrics"))

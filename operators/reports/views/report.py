"""The report of each week, to be read and printed."""

from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from escalations.sla import clocks
from operators.access import who_sees_figures
from operators.reports.weekly_report import Week, report


@require_GET
def latest_report(request: HttpRequest) -> HttpResponse:
    """The report of the last week that is over.

    Raises:
        PermissionDenied: for operators.
    """
    operator = who_sees_figures(request)
    return HttpResponseRedirect(Week.before(clocks.database_now(), ZoneInfo(operator.timezone)).path)


@require_GET
def report_page(request: HttpRequest, year: int, week: int) -> HttpResponse:
    """The report of a week by ISO 8601.

    Raises:
        PermissionDenied: for operators.
        Http404: that year has no such week, or it has not begun.
    """
    operator, now = who_sees_figures(request), clocks.database_now()
    chosen = Week(year, week, ZoneInfo(operator.timezone))
    try:
        earlier, later = chosen.moved(-1), chosen.moved(1)
    except (ValueError, OverflowError):
        raise Http404(_("There is no such week.")) from None
    if chosen.scope.since > now:
        raise Http404(_("There is no such week."))
    context = {"report": report(chosen), "earlier": earlier, "later": later, "now": now}
    return render(request, "operators/reports/report.html", context)

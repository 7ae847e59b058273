"""What one person did today. Nobody else sees this page."""

from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from escalations import metrics
from escalations.models import Escalation
from escalations.reports import my_day
from escalations.sla import clocks
from operators.access import signed_in


@require_GET
def me(request: HttpRequest) -> HttpResponse:
    """Decisions, time, agreement with reviewers, and the cases at hand."""
    operator = signed_in(request)
    now, zone = clocks.database_now(), ZoneInfo(operator.timezone)
    since = my_day.start_of_day(now, zone)
    held = Escalation.objects.held_by(operator).select_related("queue").order_by("next_due_at", "id")
    context = {
        "since": since,
        "work": my_day.work(operator, since, zone),
        "time_in": my_day.time_in(operator, since, now),
        "agreement": my_day.agreement(operator, now),
        "reviewed_days": my_day.REVIEWED_WITHIN.days,
        "enough": metrics.ENOUGH,
        "held": held,
        "decisions": my_day.latest(operator, since),
    }
    return render(request, "operators/desk/me.html", context)


@require_GET
def my_decisions(request: HttpRequest) -> HttpResponse:
    """The last decisions of today alone, as they stand now."""
    operator = signed_in(request)
    since = my_day.start_of_day(clocks.database_now(), ZoneInfo(operator.timezone))
    context = {"decisions": my_day.latest(operator, since)}
    return render(request, "operators/desk/_my_decisions.html", context)

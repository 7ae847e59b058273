"""The pages that are kept true while they are open (`live/figures.py`): the wall, and what is at risk."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from escalations import events
from escalations.events import Position
from escalations.models import Queue
from operators.access import who_sees_figures
from operators.live.figures import render_risk, render_wall


@require_GET
def wall_page(request: HttpRequest) -> HttpResponse:
    """The desk for a screen on the wall.

    Raises:
        PermissionDenied: for operators.
    """
    return _live(request, "operators/reports/wall.html", render_wall)


@require_GET
def risk_page(request: HttpRequest) -> HttpResponse:
    """The cases that are late or soon will be, for a supervisor to take.

    Raises:
        PermissionDenied: for operators.
    """
    return _live(request, "operators/reports/risk.html", render_risk)


def _live(request: HttpRequest, template: str, rendered: Callable[[str, Position], str]) -> HttpResponse:
    """The page of one `queue` or of all, or only its live part when a script asks again."""
    who_sees_figures(request)
    queues = list(Queue.objects.order_by("name").values_list("name", flat=True))
    queue = request.GET.get("queue", "")
    queue = queue if queue in queues else ""
    shown = rendered(queue, events.position())
    if request.headers.get("HX-Request") and "HX-Target" not in request.headers:
        return HttpResponse(shown)
    return render(request, template, {"shown": shown, "queues": queues, "queue": queue})

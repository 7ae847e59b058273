"""The desk for a screen on the wall."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from escalations import events
from operators.access import who_sees_figures
from operators.live.figures import render_wall


@require_GET
def wall_page(request: HttpRequest) -> HttpResponse:
    """The page, or only its live part when a script asks again.

    Raises:
        PermissionDenied: for operators.
    """
    who_sees_figures(request)
    shown = render_wall(events.position())
    if request.headers.get("HX-Request"):
        return HttpResponse(shown)
    return render(request, "operators/reports/wall.html", {"shown": shown})

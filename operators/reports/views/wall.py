"""The desk for a screen on the wall."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from escalations import events
from escalations.models import Queue
from operators.access import who_sees_figures
from operators.live.figures import render_wall


@require_GET
def wall_page(request: HttpRequest) -> HttpResponse:
    """The page of one `queue` or of all, or only its live part when a script asks again.

    Raises:
        PermissionDenied: for operators.
    """
    who_sees_figures(request)
    queues = list(Queue.objects.order_by("name").values_list("name", flat=True))
    queue = request.GET.get("queue", "")
    queue = queue if queue in queues else ""
    shown = render_wall(queue, events.position())
    if request.headers.get("HX-Request") and "HX-Target" not in request.headers:
        return HttpResponse(shown)
    return render(request, "operators/reports/wall.html", {"shown": shown, "queues": queues, "queue": queue})

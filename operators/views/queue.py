"""The queue page, and its list as the live connection sends it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from escalations import events
from operators.access import signed_in
from operators.queue_page import queue_context
from operators.queue_view import QueueView

__all__ = ["QueueView", "queue", "render_list"]


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """The whole page, or only its live parts when a script asks again."""
    operator = signed_in(request)
    view = QueueView.for_operator(operator, request.GET.dict())
    if request.headers.get("HX-Request"):
        return HttpResponse(render_list(view))
    # Before the rows: what commits while they are read comes over the live connection.
    cursor = events.position()
    return render(request, "operators/queue.html", queue_context(view, cursor, holder=operator))


def render_list(view: QueueView) -> str:
    """The live parts of the page: header counts, pills, rows. The same for everyone with the same `key`."""
    cursor = events.position()
    return render_to_string("operators/_queue.html", queue_context(view, cursor))

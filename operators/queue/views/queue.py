"""The queue page, and its list as the live connection sends it."""

from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from escalations.models import Operator
from operators.access import signed_in
from operators.queue.filters import QueueFilters
from operators.queue.page import queue_context
from operators.queue.queue_view import QueueView
from operators.queue.saved_views import tools
from operators.queue.seat import Seat

__all__ = ["QueueView", "queue", "render_list"]


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """The whole page; only its live parts when a script asks again; what filters change when they ask."""
    operator = signed_in(request)
    if not request.headers.get("HX-Request"):
        return _whole_page(request, operator)
    seat = Seat.of(operator)
    view = QueueView.at(seat, request.GET.dict())
    if "HX-Target" not in request.headers:
        return HttpResponse(render_list(view))
    answer = render(
        request, "operators/queue/_queue_chosen.html", queue_context(view, seat) | tools(view, seat, operator)
    )
    before = urlsplit(request.headers.get("HX-Current-URL", "")).query
    if before != view.query:
        # Each filter is a step to go back by, each letter of a search is not.
        header = "HX-Replace-Url" if _is_typing(before, view) else "HX-Push-Url"
        answer.headers[header] = f"?{view.query}"
    return answer


def _whole_page(request: HttpRequest, operator: Operator) -> HttpResponse:
    seat, desk = Seat.with_desk(operator)
    view = QueueView.at(seat, request.GET.dict())
    context = queue_context(view, seat) | tools(view, seat, operator) | {"desk": desk}
    return render(request, "operators/queue/queue.html", context)


def _is_typing(before: str, view: QueueView) -> bool:
    """Whether the address differs from the one before by its words only, and had some already."""
    earlier = QueueFilters.of(dict(parse_qsl(before)))
    return bool(earlier.q and view.filters.q) and replace(earlier, q=view.filters.q) == view.filters


def render_list(view: QueueView) -> str:
    """The live parts of the page: header counts, pills, rows. The same for everyone with the same `key`."""
    return render_to_string("operators/queue/_queue.html", queue_context(view))

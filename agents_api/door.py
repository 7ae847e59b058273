"""Around every view of the API: open to callers without a session, and no answer that is not ours."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase

from agents_api import problems
from agents_api.problems import Problem

View = Callable[..., HttpResponseBase]
AsyncView = Callable[..., Awaitable[HttpResponseBase]]


def opened(view: Any) -> Any:
    """The same view, reachable with an API key alone, with a problem in place of a bare 405."""
    if iscoroutinefunction(view):
        return login_not_required(_async_door(view))
    return login_not_required(_door(view))


def _door(view: View) -> View:
    @wraps(view)
    def enter(request: HttpRequest, **parameters: Any) -> HttpResponseBase:
        return _finished(request, view(request, **parameters))

    return enter


def _async_door(view: AsyncView) -> AsyncView:
    @wraps(view)
    async def enter(request: HttpRequest, **parameters: Any) -> HttpResponseBase:
        return _finished(request, await view(request, **parameters))

    return enter


def with_standing(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """The same answer, which says how many requests the key has left, if that is limited."""
    if standing := getattr(request, "standing", None):
        for name, value in standing.headers.items():
            response.headers[name] = value
    return response


def _finished(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    response = with_standing(request, response)
    if response.status_code != 405:
        return response
    return problems.answer(
        request, Problem("method-not-allowed", headers={"Allow": response.headers["Allow"]})
    )

"""What happens around every request: it gets an id, is counted and is logged. For WSGI and ASGI alike."""

import re
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import cast

import structlog
from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware
from prometheus_client import Histogram
from structlog.contextvars import bound_contextvars

SyncHandler = Callable[[HttpRequest], HttpResponseBase]
AsyncHandler = Callable[[HttpRequest], Awaitable[HttpResponseBase]]
Handler = SyncHandler | AsyncHandler
# Entered with the request before it is handled; what it yields takes the answer.
Around = Callable[[HttpRequest], AbstractContextManager[Callable[[HttpResponseBase], None]]]

# Long enough for the ids of proxies and tracers, and nothing that could break a log line or a header.
_WELL_FORMED_ID = re.compile(r"[A-Za-z0-9._-]{8,128}")
_SECONDS = Histogram(
    "handrail_http_request_seconds",
    "Time from a request's arrival to its answer; agents may wait up to 55 s for one.",
    ["view", "method", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0),
)
_log = structlog.get_logger("handrail.requests")


def around_each(around: Around) -> Callable[[Handler], Handler]:
    """Middleware that needs no thread of its own under ASGI, nor an event loop under WSGI."""

    def factory(get_response: Handler) -> Handler:
        if iscoroutinefunction(get_response):
            answer_later = cast(AsyncHandler, get_response)

            async def handle_async(request: HttpRequest) -> HttpResponseBase:
                with around(request) as finish:
                    response = await answer_later(request)
                    finish(response)
                return response

            return handle_async

        answer = cast(SyncHandler, get_response)

        def handle(request: HttpRequest) -> HttpResponseBase:
            with around(request) as finish:
                response = answer(request)
                finish(response)
            return response

        return handle

    return sync_and_async_middleware(factory)


@contextmanager
def _identified(request: HttpRequest) -> Iterator[Callable[[HttpResponseBase], None]]:
    """Give the request an id: on the request, on its answer, and on every log entry.

    A well-formed X-Request-ID of the caller is kept, so that one id follows a request through a system.
    """
    given = request.headers.get("X-Request-ID", "")
    identity = given if _WELL_FORMED_ID.fullmatch(given) else uuid.uuid4().hex
    request.request_id = identity  # type: ignore[attr-defined]  # Django requests take attributes

    def finish(response: HttpResponseBase) -> None:
        response.headers["X-Request-ID"] = identity

    with bound_contextvars(request_id=identity):
        yield finish


@contextmanager
def _observed(request: HttpRequest) -> Iterator[Callable[[HttpResponseBase], None]]:
    """Count and log the request by the name of its view, never by what stands in its address."""
    started = time.perf_counter()

    def finish(response: HttpResponseBase) -> None:
        seconds = time.perf_counter() - started
        view = request.resolver_match.view_name if request.resolver_match else "none"
        method = request.method or ""
        _SECONDS.labels(view, method, response.status_code).observe(seconds)
        # W3C Server Timing: how long it took in here, apart from the way and from waiting for a free process.
        response.headers["Server-Timing"] = f"app;dur={seconds * 1e3:.2f}"
        # What an API answers in place of what was asked for says why.
        why = {"problem": response.problem} if hasattr(response, "problem") else {}
        _log.info(
            "request",
            view=view,
            method=method,
            status=response.status_code,
            ms=round(seconds * 1e3, 1),
            **why,
        )

    yield finish


request_id = around_each(_identified)
observe = around_each(_observed)

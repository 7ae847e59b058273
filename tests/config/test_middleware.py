import asyncio
import re

import pytest
from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from structlog.contextvars import get_contextvars

from config.middleware import request_id


def answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse(get_contextvars()["request_id"])


async def answer_later(request: HttpRequest) -> HttpResponse:
    await asyncio.sleep(0)
    return answer(request)


def ask(given: str | None = None) -> HttpRequest:
    request = HttpRequest()
    if given is not None:
        request.META["HTTP_X_REQUEST_ID"] = given
    return request


def test_a_request_gets_an_id_that_its_answer_and_log_entries_carry():
    request = ask()
    response = request_id(answer)(request)
    assert re.fullmatch(r"[0-9a-f]{32}", request.request_id)
    assert response.headers["X-Request-ID"] == response.content.decode() == request.request_id
    assert "request_id" not in get_contextvars()


async def test_an_asynchronous_request_gets_one_too():
    handler = request_id(answer_later)
    assert iscoroutinefunction(handler)
    first, second = await asyncio.gather(handler(ask()), handler(ask()))
    assert first.content.decode() == first.headers["X-Request-ID"] != second.headers["X-Request-ID"]


def test_the_callers_id_is_kept():
    assert request_id(answer)(ask("checkout-42.7_a")).headers["X-Request-ID"] == "checkout-42.7_a"


@pytest.mark.parametrize(
    "given", ["", "short", "x" * 129, "two words here", "line\r\nbreak: yes", "größer-als"]
)
def test_an_id_that_could_break_a_log_line_is_replaced(given):
    assert request_id(answer)(ask(given)).headers["X-Request-ID"] != given


@pytest.mark.parametrize("path", settings.MIDDLEWARE)
def test_no_middleware_holds_a_thread_while_an_agent_waits(path):
    middleware = import_string(path)
    assert middleware.sync_capable
    assert middleware.async_capable

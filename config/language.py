"""The language of an answer: what the person who signed in chose, else the browser's; English for agents.

With it goes the time zone, for pages whose times others write: those of Django’s admin and of accounts.

Each answer leaves its thread as it found it, for another request comes into it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.views.defaults import page_not_found

from config.middleware import around_each
from operators import languages

_AGENTS = "/api/"
_AGENTS_SPEAK = "en"


@contextmanager
def _in_english(request: HttpRequest) -> Iterator[Callable[[HttpResponseBase], None]]:
    with translation.override(_AGENTS_SPEAK, deactivate=True):
        yield lambda response: None


english = around_each(_in_english)


class LanguageOfPages:
    """Speaks the browser's language until it is known whom a page is for, and then theirs, by their clock.

    Who signed in is asked for only where a view wants somebody to be: a health check reads no session.
    """

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self._get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        if iscoroutinefunction(self):
            return self._answer_later(request)
        with translation.override(_spoken_by_browser(request), deactivate=True), timezone.override(None):
            return _labelled(request, self._get_response(request))

    async def _answer_later(self, request: HttpRequest) -> HttpResponseBase:
        with translation.override(_spoken_by_browser(request), deactivate=True), timezone.override(None):
            return _labelled(request, await self._get_response(request))

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        if getattr(view, "login_required", True):
            _speak_as_chosen(request)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for an address that leads to no view, in the language of all other pages."""
    _speak_as_chosen(request)
    return page_not_found(request, exception)


def _spoken_by_browser(request: HttpRequest) -> str:
    return _AGENTS_SPEAK if _is_for_agents(request) else translation.get_language_from_request(request)


def _speak_as_chosen(request: HttpRequest) -> None:
    person = None if _is_for_agents(request) else getattr(request, "user", None)
    if zone := getattr(person, "timezone", ""):
        timezone.activate(zone)
    if chosen := languages.known(getattr(person, "language", "")):
        translation.activate(chosen)


def _is_for_agents(request: HttpRequest) -> bool:
    return request.path.startswith(_AGENTS)


def _labelled(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Say the language, and keep caches from giving one to people who read another."""
    if not _is_for_agents(request) and "Content-Language" not in response:
        response["Content-Language"] = translation.get_language() or _AGENTS_SPEAK
        patch_vary_headers(response, ["Accept-Language"])
    return response

"""A browser page whose server is the test itself: real templates and scripts, answers and sockets by hand."""

import json
import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.utils import build_policy
from django.contrib.staticfiles import finders
from django.template import engines
from django.test import RequestFactory
from playwright.sync_api import Error, Page, Request, Route, WebSocketRoute

from escalations.models import Operator
from operators.catalogue import catalogue

ORIGIN = "http://desk.test"
NONCE = "only-for-tests"
Answer = Callable[[Request], dict[str, Any]]


class Stage:
    """Answers every request of `page` from memory, and keeps the sockets it opens, newest last."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.sockets: list[WebSocketRoute] = []
        self.sent: list[dict[str, Any]] = []
        self.requests: list[Request] = []
        self._answers: dict[str, Answer] = {}
        page.route("**/*", self._serve)
        page.route_web_socket(f"{ORIGIN.replace('http', 'ws')}/**", self._connect)

    def answer(self, path: str, *, status: int = 200, body: str = "", **headers: str) -> None:
        """From now on, `path` answers so."""
        self._answers[path] = lambda request: {"status": status, "body": body, "headers": headers}

    def show(
        self, main: str, path: str = "/", *, scripts: str = "", dialogs: str = "", role: str = "admin"
    ) -> None:
        """Open a page that extends base.html, signed in."""
        blocks = {
            "main": f'<main id="main" tabindex="-1">{main}</main>',
            "scripts": scripts,
            "dialogs": dialogs,
        }
        inner = "".join(f"{{% block {name} %}}{body}{{% endblock %}}" for name, body in blocks.items())
        request = RequestFactory().get(path)
        request.user = Operator(username="noor", first_name="Noor", last_name="Haddad", role=role)
        request.csp_nonce = NONCE  # type: ignore[attr-defined]
        html = engines["django"].from_string('{% extends "base.html" %}' + inner).render({}, request)
        policy = {"Content-Security-Policy": build_policy(nonce=NONCE)}
        self.answer(path, body=html, **policy, **{"Content-Type": "text/html; charset=utf-8"})
        self.page.goto(ORIGIN + path)

    def stop_the_clock(self) -> None:
        """From now on only the test moves the page's clock, which must be installed, and no busy machine."""
        for _ in range(20):
            with suppress(Error):  # the moment was over before the page heard of it
                return self.page.clock.pause_at(self.page.evaluate("Date.now() / 1000 + 0.2"))
        raise AssertionError("the clock goes on")

    def send(self, **message: Any) -> None:
        """Send a message over the newest socket."""
        self.sockets[-1].send(json.dumps(message))

    def until(self, true: Callable[[], object], seconds: float = 20) -> None:
        """Let the browser go on until `true` says so."""
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, f"waited {seconds} s in vain"
            self.page.wait_for_timeout(20)

    def posts_to(self, path: str) -> list[Request]:
        return [r for r in self.requests if r.method == "POST" and urlsplit(r.url).path == path]

    def _serve(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        self.requests.append(route.request)
        if path in self._answers:
            route.fulfill(**self._answers[path](route.request))
        elif catalogue_of := re.fullmatch(r"/language/(\w+)/(\w+)\.js", path):
            answer = catalogue(RequestFactory().get(path), *catalogue_of.groups())
            route.fulfill(status=200, body=answer.content, headers={"Content-Type": answer["Content-Type"]})
        elif found := path.startswith("/static/") and finders.find(path.removeprefix("/static/")):
            route.fulfill(path=Path(str(found)))
        else:
            route.fulfill(status=404)

    def _connect(self, socket: WebSocketRoute) -> None:
        self.sockets.append(socket)
        socket.on_message(lambda text: self.sent.append(json.loads(text)))

"""A real HTTP server that answers what a test tells it to, as proxies and half-started desks do."""

import json
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, BinaryIO, Self
from uuid import UUID

from handrail_client import CaseSummary

CASE_ID = UUID("0199a0b0-0000-7000-8000-000000000001")
PAGE = "<!doctype html><title>Sign in to the Wi-Fi</title>"


@dataclass(frozen=True)
class Said:
    """An answer; `body` is written as it is if it is a text, else as JSON."""

    status: int
    body: Any
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    # Seconds before the first byte, and whether spaces follow for ever.
    after: float = 0
    drips: bool = False
    # Whether the line stays open, and silent, behind the body.
    hangs: bool = False

    def written(self) -> bytes:
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


@dataclass(frozen=True)
class Heard:
    path: str
    headers: dict[str, str]
    body: bytes


def case(**overrides: Any) -> dict[str, Any]:
    """A queued case as the desk would show it."""
    moment = "2026-01-01T00:00:00Z"
    return {
        "id": str(CASE_ID),
        "state": "queued",
        "version": 1,
        "received_at": moment,
        "due_at": moment,
        "expires_at": None,
        "waiting_for": None,
        "reply_due_at": None,
        "queue": "support",
        "routable": True,
        "available": 1,
        "ahead": 0,
        "expected_wait_seconds": None,
        "delivery": None,
        "decision": None,
        "last_turn": None,
        "links": {},
    } | overrides


def summary() -> dict[str, Any]:
    """The same case in a list."""
    named = {field for field in CaseSummary.__dataclass_fields__ if field != "conversation_id"}
    return {name: value for name, value in case().items() if name in named} | {"conversation_id": None}


def problem(status: int, slug: str, **headers: str) -> Said:
    document = {"type": f"/api/v1/problems/{slug}", "title": "No", "status": status, "detail": "No."}
    document |= {"instance": "/", "request_id": "r1"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Said(status, document, "application/problem+json", named)


def html(status: int = 200) -> Said:
    return Said(status, PAGE, "text/html")


class StrangeServer:
    """Says what is in `script`, one after the other, the last again and again. `heard` has the requests.

    To paths that end with a word in `at` it says that instead.
    """

    def __init__(self) -> None:
        self.script: list[Said] = []
        self.at: dict[str, Said] = {}
        self.heard: list[Heard] = []
        self._over = Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=[0.01], daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, heard: Heard) -> Said:
        self.heard.append(heard)
        end = heard.path.partition("?")[0].rpartition("/")[2]
        if end in self.at:
            return self.at[end]
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    def _go_on(self, said: Said, line: BinaryIO) -> None:
        """What comes behind the body."""
        while said.drips:
            line.write(b" ")
            time.sleep(0.05)
        if said.hangs:
            self._over.wait(30)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answer, go_on = self._answer, self._go_on

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                said = answer(Heard(self.path, dict(self.headers), body))
                time.sleep(said.after)
                self.send_response(said.status)
                for name, value in {"Content-Type": said.media_type, **said.headers}.items():
                    self.send_header(name, value)
                written = said.written()
                if not (said.drips or said.hangs):
                    self.send_header("Content-Length", str(len(written)))
                self.end_headers()
                with suppress(OSError):  # the client went away
                    self.wfile.write(written)
                    self.wfile.flush()
                    go_on(said, self.wfile)

            def do_GET(self) -> None:
                self.do_POST()

            def do_PUT(self) -> None:
                self.do_POST()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler

"""A webhook receiver that fails on command: a real HTTP server in a thread."""

import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    headers: dict[str, str]
    body: bytes
    at: float
    path: str = ""


class Receiver:
    """Answers each request by the next of `answers`, or 204 when there is none left."""

    def __init__(self, host: str = "127.0.0.1", certificate: ssl.SSLContext | None = None) -> None:
        self.received: list[Received] = []
        self.answers: deque[Callable[[BaseHTTPRequestHandler], None]] = deque()
        self.released = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.answer(self)

            def log_message(self, format: str, *args: object) -> None:
                """Keep the test's output clean."""

        self._server = ThreadingHTTPServer((host, 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # a caller that hangs up is what some tests are about
        if certificate:
            self._server.socket = certificate.wrap_socket(self._server.socket, server_side=True)
        scheme = "https" if certificate else "http"
        self.url = f"{scheme}://{host}:{self._server.server_port}/hook"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.received.append(Received(headers, body, time.monotonic(), request.path))
        (self.answers.popleft() if self.answers else status(204))(request)

    def verified(self, secret: str) -> list[dict]:
        """The content of all requests, each checked by the public library."""
        return [Webhook(secret).verify(request.body, request.headers) for request in self.received]

    def hang(self, request: BaseHTTPRequestHandler) -> None:
        """Say nothing until the test is over."""
        self.released.wait(60)

    def drip(self, request: BaseHTTPRequestHandler) -> None:
        """Send a header letter by letter, so that no single read takes long."""
        for letter in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 10_000:
            request.wfile.write(bytes([letter]))
            if self.released.wait(0.05):
                return

    def __enter__(self) -> "Receiver":
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


def status(code: int, body: bytes = b"", **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """Answer with that status, headers (`_` for `-`) and body."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(code)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return answer


def reset(request: BaseHTTPRequestHandler) -> None:
    """Hang up without a word."""
    request.connection.close()


@contextmanager
def full_port() -> Iterator[str]:
    """The URL of a port whose queue is full, so that connections are neither taken nor refused."""
    with socket.socket() as server, ExitStack() as waiting:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        address = server.getsockname()
        while True:
            client = waiting.enter_context(socket.socket())
            client.settimeout(0.3)
            try:
                client.connect(address)
            except TimeoutError:
                break
        yield f"http://127.0.0.1:{address[1]}/hook"


@contextmanager
def unanswered_port() -> Iterator[str]:
    """The URL of a port on which nobody listens."""
    with Receiver() as receiver:
        url = receiver.url
    yield url

"""A light HTTP client that keeps servers busy: one thread, one `select`, no parsing beyond what counts.

It shares the cores with what it measures, so it does as little as it can for each request.
"""

import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_HEAD_END = b"\r\n\r\n"
_SERVED = b"server-timing: app;dur="


@dataclass
class Load:
    """What came of it: answers per second, the seconds that each took, and those of them in the server."""

    rate: float
    seconds: list[float]
    served: list[float]


@dataclass
class _Client:
    """A kept-alive connection with one request under way."""

    connection: socket.socket
    sent_at: float = 0.0
    received: bytearray = field(default_factory=bytearray)
    expected: int = 0
    served: list[float] = field(default_factory=list)


def drive(url: str, request: Callable[[], bytes], *, clients: int, seconds: float, status: int) -> Load:
    """Send requests over `clients` connections, each as soon as the last was answered, for some seconds.

    Raises:
        RuntimeError: an answer had another status; with its text.
    """
    place = urlsplit(url)
    selector = selectors.DefaultSelector()
    everyone = []
    for _ in range(clients):
        connection = socket.create_connection((place.hostname or "", place.port or 80))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client = _Client(connection)
        selector.register(connection, selectors.EVENT_READ, client)
        everyone.append(client)
    taken: list[float] = []
    started = time.perf_counter()
    try:
        for client in everyone:
            _send(client, request())
        while (now := time.perf_counter()) < started + seconds:
            for key, _ in selector.select(0.5):
                if _is_answered(key.data, status):
                    taken.append(time.perf_counter() - key.data.sent_at)
                    _send(key.data, request())
    finally:
        selector.close()
        for client in everyone:
            client.connection.close()
    served = [seconds for client in everyone for seconds in client.served]
    return Load(len(taken) / (now - started), taken, served)


def _send(client: _Client, data: bytes) -> None:
    client.received.clear()
    client.expected = 0
    client.sent_at = time.perf_counter()
    client.connection.sendall(data)


def _is_answered(client: _Client, status: int) -> bool:
    """Whether the whole answer is there."""
    chunk = client.connection.recv(65_536)
    if not chunk:
        raise RuntimeError("the server closed a connection")
    client.received += chunk
    if not client.expected:
        end = client.received.find(_HEAD_END)
        if end < 0:
            return False
        head = bytes(client.received[:end]).lower()
        length = head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0]
        client.expected = end + len(_HEAD_END) + int(length)
        if _SERVED in head:
            client.served.append(float(head.split(_SERVED, 1)[1].split(b"\r\n", 1)[0]) / 1_000)
    if len(client.received) < client.expected:
        return False
    if int(client.received[9:12]) != status:
        raise RuntimeError(bytes(client.received).decode(errors="replace"))
    return True

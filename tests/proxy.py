"""A line between browser and web server that can be cut: requests refused, sockets closed with any code."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

NO_CODE, NO_FRAME = 1005, 1006
_CLOSE = 0x88
_CHUNK = 65536


@dataclass(eq=False)
class _Pair:
    """A connection of the browser and the one to the server behind it."""

    client: socket.socket
    server: socket.socket
    # Held while a whole frame is on its way to the browser.
    frame: threading.Lock = field(default_factory=threading.Lock)

    def abort(self) -> None:
        """End it as a machine that loses power does: without a word."""
        self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        for end in (self.client, self.server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def hang_up(self, code: int) -> None:
        """Close a WebSocket with the code; `NO_CODE` names none, `NO_FRAME` just breaks the line."""
        if code == NO_FRAME:
            self.abort()
            return
        payload = b"" if code == NO_CODE else struct.pack("!H", code)
        with self.frame, suppress(OSError):
            self.client.sendall(bytes([_CLOSE, len(payload)]) + payload)
            self.client.shutdown(socket.SHUT_WR)


class Proxy:
    """Passes everything on while it is up. `hang_up` works at any time, on the sockets that are open then."""

    def __init__(self, target: str) -> None:
        address = urlsplit(target)
        self._target = (address.hostname, address.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._is_up = True
        self.lost = 0
        self._to_lose = 0
        self._requests: set[_Pair] = set()
        self._sockets: set[_Pair] = set()
        self._start(self._accept)

    def go_down(self) -> None:
        """Refuse requests and new sockets, and cut off the requests that are under way."""
        self._is_up = False
        for pair in list(self._requests):
            pair.abort()

    def come_up(self) -> None:
        self._is_up = True

    def lose_answers(self, number: int) -> None:
        """Cut the next connections so that the server has answered and the client never hears it."""
        self._to_lose = number

    def hang_up(self, code: int) -> None:
        """Close all sockets with that code."""
        for pair in list(self._sockets):
            pair.hang_up(code)

    def close(self) -> None:
        self.go_down()
        self.hang_up(NO_FRAME)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed
                return
            self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError):
            first = client.recv(_CHUNK)
            pair = _Pair(client, socket.create_connection(self._target))
            if not self._is_up or not first:
                pair.abort()
                return
            pair.server.sendall(first)
            is_socket = b"upgrade: websocket" in first.lower()
            kind, back = (self._sockets, _frames) if is_socket else (self._requests, _bytes)
            if self._to_lose:
                self._to_lose -= 1
                back = self._lose
            kind.add(pair)
            self._start(back, pair)
            _pass_on(pair.client, pair.server)
            kind.discard(pair)
            pair.abort()

    def _lose(self, pair: _Pair) -> None:
        with suppress(OSError):
            pair.server.recv(_CHUNK)
            self.lost += 1
            pair.abort()

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        threading.Thread(target=work, args=arguments, daemon=True).start()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(_CHUNK):
            sink.sendall(chunk)


def _bytes(pair: _Pair) -> None:
    _pass_on(pair.server, pair.client)
    with suppress(OSError):
        pair.client.shutdown(socket.SHUT_RDWR)


def _frames(pair: _Pair) -> None:
    """Pass on what the server says, frame by frame (RFC 6455, 5.2), so that a close never falls into one."""
    with suppress(OSError, EOFError), pair.server.makefile("rb") as server:
        while (line := server.readline()) != b"\r\n":
            pair.client.sendall(_whole(line))
        pair.client.sendall(line)
        while True:
            frame = _read(server.read, 2)
            size = frame[1] & 0x7F
            if size > 125:
                extended = _read(server.read, 2 if size == 126 else 8)
                frame, size = frame + extended, int.from_bytes(extended)
            frame += _read(server.read, size)
            with pair.frame:
                pair.client.sendall(frame)
    with suppress(OSError):
        pair.client.shutdown(socket.SHUT_RDWR)


def _read(read: Callable[[int], bytes], size: int) -> bytes:
    found = read(size)
    if len(found) < size:
        raise EOFError
    return found


def _whole(line: bytes) -> bytes:
    if not line:
        raise EOFError
    return line


@contextmanager
def proxy_to(target: str) -> Iterator[Proxy]:
    """A line to the server at the address `target`, for as long as it is needed."""
    proxy = Proxy(target)
    try:
        yield proxy
    finally:
        proxy.close()

"""What both clients need of httpx besides sending."""

import time
from typing import Any

import httpx

from .calls import VERSION, Call
from .judging import Reply

# As many long-polls as the caller has threads or tasks wait at the same time.
LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=20)
_CONNECT_SECONDS = 10.0


class Addresses:
    """The desk's address and the agent's key, made into requests. The key is in no `repr`."""

    def __init__(self, url: str, key: str) -> None:
        self._url = url.rstrip("/")
        self._headers = {
            "Authorization": f"Bearer {key}",
            "Accept": "application/json, application/problem+json",
            "User-Agent": f"handrail-client/{VERSION}",
        }

    def request(self, call: Call[Any]) -> httpx.Request:
        """A request to be sent; each sending needs one of its own."""
        timeout = httpx.Timeout(call.seconds, connect=_CONNECT_SECONDS)
        return httpx.Request(
            call.method,
            self._url + call.path,
            params=dict(call.query) or None,
            content=call.body if call.method != "GET" else None,
            headers={**self._headers, **call.headers},
            extensions={"timeout": timeout.as_dict()},
        )


class Reading:
    """Reads an answer as far as it is worth it: what drips for ever, or never ends, ends here, as no JSON."""

    _BYTES = 64 * 1024 * 1024

    def __init__(self, call: Call[Any]) -> None:
        self._until = time.monotonic() + call.seconds
        self._content = bytearray()

    def goes_on_after(self, chunk: bytes) -> bool:
        """Take the chunk; False: read no more."""
        self._content += chunk
        return len(self._content) <= self._BYTES and time.monotonic() < self._until

    def reply(self, response: httpx.Response) -> Reply:
        return Reply(response.status_code, response.headers, bytes(self._content))

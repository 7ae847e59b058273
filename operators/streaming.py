"""Answers that are made while they are sent, under both kinds of server."""

from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

_CHUNK = 256


def streamed(
    request: HttpRequest, lines: Iterator[bytes], *, content_type: str, name: str
) -> StreamingHttpResponse:
    """The lines as a file to keep under `name`."""
    # Each kind of server streams only iterators of its own kind and collects the other in memory first.
    body: Any = _as_async(lines) if isinstance(request, ASGIRequest) else _joined(lines)
    return StreamingHttpResponse(
        body,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _joined(lines: Iterator[bytes]) -> Iterator[bytes]:
    while lot := b"".join(islice(lines, _CHUNK)):
        yield lot


async def _as_async(lines: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The lines some at a time, each lot made in the thread that holds the request's database connection."""
    while lot := await sync_to_async(lambda: b"".join(islice(lines, _CHUNK)))():
        yield lot

"""Answers that are made while they are sent, under both kinds of server."""

import os
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from escalations.datasets import folders

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


def csv_file(request: HttpRequest, lines: Iterator[bytes], name: str) -> StreamingHttpResponse:
    """The lines (`csv_files.line`) as a file that is named by what it holds and the day."""
    full = f"handrail-{name}-{timezone.now():%Y-%m-%d}.csv"
    return streamed(request, lines, content_type="text/csv; charset=utf-8", name=full)


def _joined(lines: Iterator[bytes]) -> Iterator[bytes]:
    while lot := b"".join(islice(lines, _CHUNK)):
        yield lot


async def _as_async(lines: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The lines some at a time, each lot made in the thread that holds the request's database connection."""
    while lot := await sync_to_async(lambda: b"".join(islice(lines, _CHUNK)))():
        yield lot


def partial_file(
    request: HttpRequest, path: Path, *, etag: str, name: str, content_type: str
) -> HttpResponseBase:
    """A file, or the part of it that `Range` asks for (RFC 9110), so that a download can go on.

    Of a file that became another one (`If-Range`) all comes.

    Raises:
        Http404: it is gone.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    size = os.fstat(file.fileno()).st_size
    quoted = f'"{etag}"'
    is_same = request.headers.get("If-Range", quoted) == quoted
    headers = {"ETag": quoted, "Accept-Ranges": "bytes"}
    try:
        part = folders.range_of(request.headers.get("Range", ""), size) if is_same else None
    except ValueError:
        file.close()
        return HttpResponse(status=416, headers=headers | {"Content-Range": f"bytes */{size}"})
    wanted = part or range(size)
    answer = streamed(request, folders.pieces(file, wanted), content_type=content_type, name=name)
    for header, value in (headers | {"Content-Length": str(len(wanted))}).items():
        answer.headers[header] = value
    if part is not None:
        answer.status_code = 206
        answer.headers["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{size}"
    return answer

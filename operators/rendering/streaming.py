"""Answers that are made while they are sent, under both kinds of server."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from escalations.datasets import downloads

# What is made or read before it is sent: at least so many bytes.
_LOT = 256 * 1024


def streamed(
    request: HttpRequest, lines: Iterator[bytes], *, content_type: str, name: str
) -> StreamingHttpResponse:
    """The lines as a file to keep under `name`."""
    lots = _lots(lines)
    # Each kind of server streams only iterators of its own kind and collects the other in memory first.
    body: Any = _as_async(lots) if isinstance(request, ASGIRequest) else lots
    return StreamingHttpResponse(
        body,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def csv_file(request: HttpRequest, lines: Iterator[bytes], name: str) -> StreamingHttpResponse:
    """The lines (`csv_files.line`) as a file that is named by what it holds and the day."""
    full = f"handrail-{name}-{timezone.now():%Y-%m-%d}.csv"
    return streamed(request, lines, content_type="text/csv; charset=utf-8", name=full)


def _lots(lines: Iterator[bytes]) -> Iterator[bytes]:
    lot = bytearray()
    for line in lines:
        lot += line
        if len(lot) >= _LOT:
            yield bytes(lot)
            lot.clear()
    if lot:
        yield bytes(lot)


async def _as_async(lots: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The lots, each made in the thread that holds the request's database connection."""
    while lot := await sync_to_async(lambda: next(lots, b""))():
        yield lot


def partial_file(
    request: HttpRequest, path: Path, *, sha256: str, name: str, content_type: str
) -> HttpResponseBase:
    """A file to keep under `name`, or the part of it that `Range` asks for, so that a download can go on.

    Raises:
        Http404: it is gone.
    """
    try:
        download = downloads.begin(path, sha256=sha256, asked=request.headers)
    except FileNotFoundError:
        raise Http404 from None
    except downloads.BehindTheEnd as error:
        return HttpResponse(status=416, headers=error.headers)
    if request.method == "HEAD":  # only the headers are wanted, and no reading
        download.file.close()
        lots: Iterator[bytes] = iter(())
    else:
        lots = download.pieces()
    answer = streamed(request, lots, content_type=content_type, name=name)
    for header, value in download.headers.items():
        answer.headers[header] = value
    answer.status_code = 206 if download.is_part else 200
    return answer

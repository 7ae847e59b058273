"""Decisions as training data, for admins: choose, look, download."""

from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import Any

from asgiref.sync import sync_to_async
from django import forms
from django.core.exceptions import PermissionDenied
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from escalations import audit, clocks
from escalations.datasets import FORMATS, Selection
from operators.access import signed_in
from operators.difference import pretty_json
from operators.filters import Filters

_PREVIEWED, _PREVIEW_LENGTH = 3, 4_000
# Up to so many decisions the rows are counted one by one; beyond, what cannot make one is told in words.
_COUNTED = 500
_CHUNK_BYTES = 256 * 1024


class FormatForm(forms.Form):
    """Which file to make."""

    format = forms.ChoiceField(
        label=_("Format"), choices=[(name, each.title) for name, each in FORMATS.items()]
    )


@require_GET
def exports(request: HttpRequest) -> HttpResponse:
    """The choice, how many rows it gives, and the first of them.

    Raises:
        PermissionDenied: for everyone but admins.
    """
    filters, form, selection = _chosen(request)
    decisions = selection.resolutions().count()
    return render(
        request,
        "operators/exports.html",
        {
            "filters": filters,
            "form": form,
            "format": selection.format,
            "decisions": decisions,
            "rows": _count(selection) if decisions <= _COUNTED else None,
            "preview": [
                pretty_json(row)[:_PREVIEW_LENGTH] for _, row in islice(selection.rows(), _PREVIEWED)
            ],
            "query": request.GET.urlencode(),
        },
    )


@require_GET
def download(request: HttpRequest) -> StreamingHttpResponse:
    """The rows as a file, made while it is sent.

    Raises:
        PermissionDenied: for everyone but admins.
    """
    _, _, selection = _chosen(request)
    actor = audit.operator_actor(signed_in(request))
    audit.write(actor=actor, action="export", target=f"export:{selection.format.name}")
    chunks = selection.format.chunks(selection.rows)
    # Each kind of server streams only iterators of its own kind and collects the other in memory first.
    body: Any = _as_async(chunks) if isinstance(request, ASGIRequest) else chunks
    name = f"handrail-{selection.format.name}-{timezone.now():%Y-%m-%d}.{selection.format.suffix}"
    return StreamingHttpResponse(
        body,
        content_type=selection.format.media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _chosen(request: HttpRequest) -> tuple[Filters, FormatForm, Selection]:
    operator = signed_in(request)
    if not operator.is_desk_admin:
        raise PermissionDenied
    filters = Filters.of({"period": "90d"} | request.GET.dict(), operator, clocks.database_now())
    form = FormatForm({"format": "sft"} | request.GET.dict(), auto_id="filter-%s")
    name = form.cleaned_data["format"] if form.is_valid() else "sft"
    scope = filters.scope
    selection = Selection(
        FORMATS[name], agent=scope.agent, version=scope.version, since=scope.since, until=scope.until
    )
    return filters, form, selection


def _count(selection: Selection) -> int:
    return sum(1 for _ in selection.rows())


def _shown(row: dict[str, Any]) -> str:
    text = pretty_json(row)
    return text if len(text) <= _PREVIEW_LENGTH else f"{text[:_PREVIEW_LENGTH]}\n…"


async def _as_async(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The chunks some at a time, each lot made in the thread that holds the request's database connection."""
    while lot := await sync_to_async(_lot)(chunks):
        yield lot


def _lot(chunks: Iterator[bytes]) -> bytes:
    lot = b""
    for chunk in chunks:
        lot += chunk
        if len(lot) >= _CHUNK_BYTES:
            break
    return lot

"""Labels that were made elsewhere, brought by programs that hold a report key; and what came of them."""

import json
from typing import Any

from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from ninja import Query, Router
from pydantic import BaseModel, Field

from agents_api import intake
from agents_api.answers import rfc3339
from agents_api.auth import ReaderRequest, ReportKeyAuth
from agents_api.documentation import openapi
from agents_api.problems import Problem
from agents_api.schemas.base import INT_MAX
from agents_api.schemas.label_imports import LabelImportTold, LabelsIn, RefusalPage
from escalations import nudges
from escalations.labels import label_import
from escalations.models import LabelImport, Operator, ReportScope

router = Router(auth=ReportKeyAuth(ReportScope.LABELS))

_LINES_SHOWN = 200
# The largest number that a key may be.
_HIGHEST = 2**63 - 1


class RefusalsQuery(BaseModel):
    """Which page."""

    after: int = Field(default=0, ge=0, le=INT_MAX, description="Only what is behind this line.")


@router.post(
    "/labels/imports",
    response={201: LabelImportTold},
    url_name="api_import_labels",
    summary="Import labels",
    openapi_extra=openapi.taking(LabelsIn, problems=[400, 409, 413, 415, 422]),
)
def import_labels(request: ReaderRequest) -> HttpResponse:
    """Put labels in force that were made elsewhere. The desk reads them in the background: look at the import
    until its `state` is `done` or `refused`.
    """
    body = intake.validate(LabelsIn, intake.read(request))
    begun = label_import.start(
        b"\n".join(json.dumps(line).encode() for line in body.lines),
        operator=_who_stands_for_it(request),
        actor=request.auth.actor,
        source=body.source,
        all_or_nothing=body.all_or_nothing,
        over_settled=body.over_settled,
    )
    transaction.on_commit(nudges.import_labels_soon)
    begun = _found(begun.pk)
    return JsonResponse(_told(begun), status=201, headers={"Location": _address(begun)})


@router.get(
    "/labels/imports/{import_id}",
    response={200: LabelImportTold},
    url_name="api_label_import",
    summary="Read an import of labels",
    openapi_extra=openapi.reading(problems=[404, 422]),
)
def get_import(request: ReaderRequest, import_id: int) -> HttpResponse:
    """How far it is, and how many lines were taken and refused."""
    return JsonResponse(_told(_found(import_id)))


@router.get(
    "/labels/imports/{import_id}/refusals",
    response={200: RefusalPage},
    url_name="api_label_import_refusals",
    summary="List what was refused",
    openapi_extra=openapi.reading(problems=[404, 422]),
)
def list_refusals(request: ReaderRequest, import_id: int, query: Query[RefusalsQuery]) -> HttpResponse:
    """What is wrong with which line, for 200 lines at a time."""
    intake.check_query(RefusalsQuery, request)
    behind = _found(import_id).refusals.filter(line__gt=query.after)
    numbers = list(behind.order_by("line").values_list("line", flat=True).distinct()[: _LINES_SHOWN + 1])
    shown = numbers[:_LINES_SHOWN]
    items = [
        {
            "line": refusal.line,
            "pointer": refusal.pointer,
            "code": refusal.code,
            "reason": label_import.told(refusal),
        }
        for refusal in (behind.filter(line__lte=shown[-1]) if shown else ())
    ]
    return JsonResponse({"items": items, "next_after": shown[-1] if len(numbers) > len(shown) else None})


def _who_stands_for_it(request: ReaderRequest) -> Operator:
    """The admin who made the key: labels are always somebody's."""
    if request.auth.created_by_id is None:
        raise Problem("key-of-nobody")
    return Operator.objects.get(pk=request.auth.created_by_id)


def _found(import_id: int) -> LabelImport:
    found = LabelImport.objects.filter(pk=max(0, min(import_id, _HIGHEST))).first()
    if found is None:
        raise Problem("not-found", "There is no such import.")
    return found


def _told(found: LabelImport) -> dict[str, Any]:
    plain = ("id", "state", "source", "all_or_nothing", "over_settled", "lines")
    counts = ("imported", "unchanged", "refused")
    return {name: getattr(found, name) for name in (*plain, *counts)} | {
        "created_at": rfc3339(found.created_at),
        "finished_at": rfc3339(found.finished_at),
        "refusals": f"{_address(found)}/refusals",
    }


def _address(found: LabelImport) -> str:
    return reverse("api:api_label_import", args=[found.pk])

"""Datasets, for programs that hold a report key: ask for versions, see how far they are, take their files."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import transaction
from django.db.models import Max, Q
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from ninja import Header, Router

from agents_api import intake
from agents_api.answers import rfc3339
from agents_api.auth import ReaderRequest, ReportKeyAuth
from agents_api.documentation import openapi
from agents_api.problems import Problem
from agents_api.schemas.datasets import DatasetList, VersionIn, VersionList, VersionTold
from escalations import nudges
from escalations.auditing import audit
from escalations.datasets import FORMATS, downloads, folders, versions
from escalations.models import Dataset, DatasetFile, DatasetVersion, ReportScope, VersionState

router = Router(auth=ReportKeyAuth(ReportScope.DATASETS))

_LISTED = 100
# The largest number that a column may hold.
_HIGHEST = 2**31 - 1
# What stands for the split of a file that is about all of them.
_ALL = "all"
_READY = Max("versions__number", filter=Q(versions__state=VersionState.READY))


@router.get(
    "/datasets",
    response={200: DatasetList},
    url_name="api_datasets",
    summary="List the datasets",
    openapi_extra=openapi.reading(problems=[]),
)
def list_datasets(request: ReaderRequest) -> HttpResponse:
    """Every dataset with its filter, its splits and its newest version."""
    found = Dataset.objects.annotate(newest_ready=_READY).order_by("name")
    return JsonResponse({"items": [_dataset(dataset) for dataset in found]})


@router.get(
    "/datasets/{name}/versions",
    response={200: VersionList},
    url_name="api_dataset_versions",
    summary="List the versions of a dataset",
    openapi_extra=openapi.reading(problems=[404]),
)
def list_versions(request: ReaderRequest, name: str) -> HttpResponse:
    """The versions of a dataset, the newest first."""
    found = _named(name).versions.select_related("dataset", "parent").prefetch_related("files")
    return JsonResponse({"items": [_version(version) for version in found[:_LISTED]]})


@router.post(
    "/datasets/{name}/versions",
    response={201: VersionTold},
    url_name="api_build_version",
    summary="Build the next version",
    openapi_extra=openapi.taking(VersionIn, problems=[400, 404, 409, 413, 415, 422]),
)
def build_version(request: ReaderRequest, name: str) -> HttpResponse:
    """Ask for the next version. The desk builds it in the background: look at it until its `state` is final.

    One version of a dataset is built at a time; while one waits or is built, this is refused.
    """
    body = intake.validate(VersionIn, intake.read(request))
    dataset = _named(name)
    try:
        version = versions.start(dataset, actor=request.auth.actor, note=body.note)
    except versions.AlreadyBuilding as error:
        raise Problem("already-building", str(error)) from None
    transaction.on_commit(nudges.build_datasets_soon)
    made = DatasetVersion.objects.select_related("dataset", "parent").get(pk=version.pk)
    return JsonResponse(_version(made), status=201, headers={"Location": _address(made)})


@router.get(
    "/datasets/{name}/versions/{number}",
    response={200: VersionTold},
    url_name="api_dataset_version",
    summary="Read a version",
    openapi_extra=openapi.reading(problems=[404, 422]),
)
def get_version(request: ReaderRequest, name: str, number: int) -> HttpResponse:
    """One version: how far its build is; then its counts, its files with their hashes, and its manifest."""
    return JsonResponse(_version(_numbered(name, number)))


@router.get(
    "/datasets/{name}/versions/{number}/files/{format}/{split}",
    url_name="api_dataset_file",
    summary="Download a file of a version",
    openapi_extra=openapi.downloading(problems=[404, 416, 422]),
)
def download(
    request: ReaderRequest,
    name: str,
    number: int,
    format: str,  # as the address calls it
    split: str,
    wanted: Annotated[str | None, Header(alias="Range")] = None,  # for the description; `downloads` reads it
) -> HttpResponseBase:
    """The file of a format and split, or the part of it that `Range` names.

    What describes the version (`rows`, `manifest`, `croissant`, `datasheet`) has the split `all`.
    """
    version = _numbered(name, number)
    wanted_split = "" if split == _ALL else split
    ready = version.files.all() if version.state == VersionState.READY else DatasetFile.objects.none()
    file = ready.filter(format=_without_nul(format), split=_without_nul(wanted_split)).first()
    if file is None:
        raise Problem("not-found", "The version has no such file, or is not ready.")
    answer = _sent(request, version, file)
    # Of a part, too: parts make a whole.
    target = f"dataset_version:{version.pk}:{file.name}"[:80]
    audit.write(actor=request.auth.actor, action="export", target=target)
    return answer


def _sent(request: HttpRequest, version: DatasetVersion, file: DatasetFile) -> HttpResponseBase:
    path = folders.root() / version.folder / file.name
    try:
        download = downloads.begin(path, sha256=file.sha256, asked=request.headers)
    except FileNotFoundError:
        raise Problem("not-found", "The file is not there any more.") from None
    except downloads.BehindTheEnd as error:
        raise Problem("range-not-satisfiable", headers=error.headers) from None
    return StreamingHttpResponse(
        # Each kind of server streams only iterators of its own kind and collects the other in memory first.
        _as_async(download.pieces()) if isinstance(request, ASGIRequest) else download.pieces(),
        status=206 if download.is_part else 200,
        content_type=_media_type(file.format),
        headers=download.headers,
    )


def _media_type(format_: str) -> str:
    return FORMATS[format_].media_type if format_ in FORMATS else "text/plain; charset=utf-8"


async def _as_async(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    while piece := await sync_to_async(lambda: next(pieces, b""))():
        yield piece


def _without_nul(text: str) -> str:
    """U+0000, which no column can hold, is part of no name."""
    return text.replace("\0", "�")


def _named(name: str) -> Dataset:
    dataset = Dataset.objects.filter(name=_without_nul(name)).first()
    if dataset is None:
        raise Problem("not-found", "There is no such dataset.")
    return dataset


def _numbered(name: str, number: int) -> DatasetVersion:
    found = DatasetVersion.objects.select_related("dataset", "parent").prefetch_related("files")
    version = found.filter(dataset__name=_without_nul(name), number=min(number, _HIGHEST)).first()
    if version is None:
        raise Problem("not-found", "There is no such dataset, or no such version of it.")
    return version


def _dataset(dataset: Any) -> dict[str, Any]:
    return {
        "name": dataset.name,
        "description": dataset.description,
        "filter": dataset.filter,
        "validation_percent": dataset.validation_percent,
        "test_percent": dataset.test_percent,
        "test_from": rfc3339(dataset.test_from),
        "drops_near_duplicates": dataset.drops_near_duplicates,
        "salt": dataset.salt,
        "newest_ready": dataset.newest_ready,
    }


def _version(version: DatasetVersion) -> dict[str, Any]:
    is_ready = version.state == VersionState.READY
    return {
        "dataset": version.dataset.name,
        "number": version.number,
        "parent": version.parent and version.parent.number,
        "note": version.note,
        "state": version.state,
        "problem": version.problem,
        "done": version.done,
        "expected": version.expected,
        "rows": version.counts.get("rows", {}),
        "left_out": version.counts.get("left_out", {}),
        "filter": version.filter,
        "created_at": rfc3339(version.created_at),
        "ready_at": rfc3339(version.ready_at),
        "hits": version.hits,
        "files": [_file(version, file) for file in version.files.all()] if is_ready else [],
        "manifest": version.manifest if is_ready else {},
    }


def _file(version: DatasetVersion, file: DatasetFile) -> dict[str, Any]:
    split = file.split or _ALL
    return {
        "format": file.format,
        "split": split,
        "name": file.name,
        "rows": file.rows,
        "bytes": file.bytes,
        "sha256": file.sha256,
        "address": f"{_address(version)}/files/{file.format}/{split}",
    }


def _address(version: DatasetVersion) -> str:
    return reverse("api:api_dataset_version", args=[version.dataset.name, version.number])

"""Datasets for admins: choose decisions, build a version, look at it, take its files, compare two."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from escalations import nudges
from escalations.auditing import audit
from escalations.datasets import FORMATS, folders, versions
from escalations.datasets.filters import Filter
from escalations.models import Dataset, DatasetVersion, VersionState
from operators.access import who_makes_datasets
from operators.datasets import decisions, pages
from operators.datasets.forms import DatasetForm, FilterForm, FormatForm
from operators.rendering.streaming import partial_file

_TEXTS = {"json": "application/json", "csv": "text/csv; charset=utf-8", "md": "text/markdown; charset=utf-8"}


@require_GET
def old_exports(request: HttpRequest) -> HttpResponse:
    """Where exports were once."""
    return redirect("datasets", permanent=True)


@require_GET
def dataset_list(request: HttpRequest) -> HttpResponse:
    """All datasets with their newest version.

    Raises:
        PermissionDenied: for all but admins.
    """
    who_makes_datasets(request)
    return render(request, "operators/datasets/datasets.html", {"datasets": pages.listed()})


@require_http_methods(["GET", "POST"])
def edit_dataset(request: HttpRequest, name: str = "") -> HttpResponse:
    """A form for a new dataset, or for what may change of one.

    Raises:
        PermissionDenied: for all but admins.
        Http404: there is no such dataset.
    """
    operator = who_makes_datasets(request)
    dataset = pages.dataset_named(name) if name else None
    zone = ZoneInfo(operator.timezone)
    form = DatasetForm(request.POST or None, zone=zone, dataset=dataset)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            saved = form.save(operator)
            actor = audit.operator_actor(operator)
            audit.write(actor=actor, action="dataset_saved", target=f"dataset:{saved.name}")
        return HttpResponseRedirect(reverse("dataset", args=[saved.name]))
    form.focus_refused()
    context = {"form": form, "format_form": FormatForm(initial=request.POST.dict()), "dataset": dataset}
    return render(
        request, "operators/datasets/dataset_edit.html", context, status=422 if form.errors else 200
    )


@require_GET
def preview_dataset(request: HttpRequest) -> HttpResponse:
    """How many decisions the filter in the address finds, and the first rows. Nothing is kept.

    Raises:
        PermissionDenied: for all but admins.
    """
    operator = who_makes_datasets(request)
    form = FilterForm(request.GET, zone=ZoneInfo(operator.timezone))
    form.is_valid()
    format_ = FORMATS.get(request.GET.get("format", ""), FORMATS["sft"])
    dataset = Dataset.objects.filter(name=request.GET.get("name", "")).first()
    asked = pages.filter_asked(request.GET)
    context = {
        "preview": pages.preview(form.filter(), format_, dataset, asked),
        "format": format_,
        "counted": pages.COUNTED,
        "decided_url": pages.decisions_url(asked, ""),
        "trainable_url": pages.decisions_url(asked, decisions.TRAINABLE),
    }
    return render(request, "operators/datasets/_dataset_preview.html", context)


@require_GET
def dataset(request: HttpRequest, name: str) -> HttpResponse:
    """One dataset: what it takes, and its versions.

    Raises:
        PermissionDenied: for all but admins.
        Http404: there is no such dataset.
    """
    who_makes_datasets(request)
    found = pages.dataset_named(name)
    made = list(found.versions.select_related("dataset", "created_by"))
    context = {
        "dataset": found,
        "versions": made,
        "newest": made[0] if made else None,
        "filter": pages.told(found.filter),
        "is_building": any(version.is_unfinished and not version.folder for version in made),
    }
    return render(request, "operators/datasets/dataset.html", context)


@require_POST
def build_version(request: HttpRequest, name: str) -> HttpResponse:
    """Ask for the next version, which the worker builds.

    Raises:
        PermissionDenied: for all but admins.
        Http404: there is no such dataset.
    """
    operator = who_makes_datasets(request)
    found = pages.dataset_named(name)
    note = request.POST.get("note", "").strip()[:200]
    try:
        version = versions.start(found, actor=audit.operator_actor(operator), created_by=operator, note=note)
    except versions.AlreadyBuilding as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("dataset", args=[name]))
    transaction.on_commit(nudges.build_datasets_soon)
    return HttpResponseRedirect(reverse("dataset_version", args=[name, version.number]))


@require_GET
def dataset_version(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """One version: what is in it, what was left out and why, and its files.

    Raises:
        PermissionDenied: for all but admins.
        Http404: there is no such version.
    """
    who_makes_datasets(request)
    return render(request, "operators/datasets/dataset_version.html", _about(pages.version_of(name, number)))


@require_GET
def version_state(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """How far the build is, for a page that waits for it; the page comes anew when it is over.

    Raises:
        PermissionDenied: for all but admins.
        Http404: there is no such version.
    """
    who_makes_datasets(request)
    version = pages.version_of(name, number)
    answer = render(request, "operators/datasets/_version_state.html", {"version": version})
    if not version.is_unfinished:
        answer.headers["HX-Refresh"] = "true"
    return answer


@require_GET
def version_changes(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """What differs from another version (`against`), else from the one that it came after.

    Raises:
        PermissionDenied: for all but admins.
        Http404: there is no such version, or nothing to compare it with.
    """
    who_makes_datasets(request)
    version = pages.version_of(name, number)
    others = list(
        version.dataset.versions.filter(state=VersionState.READY).exclude(pk=version.pk).order_by("-number")
    )
    older = _against(version, others, request.GET.get("against", ""))
    context = {
        "version": version,
        "older": older,
        "others": others,
        "counts": versions.change_counts(older, version),
        "changes": pages.with_labels(versions.changes(older, version, limit=pages.CHANGES_SHOWN)),
        "shown": pages.CHANGES_SHOWN,
        "splits": pages.SPLITS,
        "asked_before": Filter.read(older.filter) != Filter.read(version.filter),
        "redactions": (_redaction(older), _redaction(version)),
    }
    return render(request, "operators/datasets/dataset_changes.html", context)


@require_safe
def version_file(request: HttpRequest, name: str, number: int, file: str) -> HttpResponseBase:
    """A file of a version, or the part of it that `Range` names: a download that was cut short goes on.

    Raises:
        PermissionDenied: for all but admins.
        Http404: there is no such file, or it is being made again without what was erased.
    """
    operator = who_makes_datasets(request)
    version = pages.version_of(name, number)
    known = version.files.filter(name=file).first() if version.state == VersionState.READY else None
    if known is None:
        raise Http404(_("There is no such file now."))
    kept_as = f"{name}-v{number}-{file.replace('/', '-')}"
    format_ = FORMATS.get(known.format)
    answer = partial_file(
        request,
        folders.root() / version.folder / known.name,
        sha256=known.sha256,
        name=kept_as,
        content_type=format_.media_type
        if format_
        else _TEXTS.get(known.name.rpartition(".")[2], "text/plain"),
    )
    # Of a part, too: parts make a whole.
    if request.method == "GET" and answer.status_code < 400:
        actor = audit.operator_actor(operator)
        audit.write(actor=actor, action="export", target=f"dataset_version:{version.pk}:{file}"[:80])
    return answer


def _about(version: DatasetVersion) -> dict[str, Any]:
    return {
        "version": version,
        "dataset": version.dataset,
        "filter": pages.told(version.filter),
        "splits": pages.split_counts(version),
        "split_names": pages.SPLITS,
        "left_out": pages.left_out(version),
        "formats": pages.by_format(version),
        "described": list(version.files.filter(split="")),
        "problem": pages.PROBLEMS.get(version.problem, ""),
        "others": version.dataset.versions.filter(state=VersionState.READY).exclude(pk=version.pk).exists(),
    }


def _against(version: DatasetVersion, others: list[DatasetVersion], chosen: str) -> DatasetVersion:
    named = next((other for other in others if str(other.number) == chosen), None)
    parent = next((other for other in others if other.pk == version.parent_id), None)
    found = named or parent or next(iter(others), None)
    if found is None:
        raise Http404(_("There is no other version to compare with."))
    return found


def _redaction(version: DatasetVersion) -> int | None:
    number: int | None = version.manifest.get("redaction", {}).get("version")
    return number

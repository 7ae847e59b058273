"""What the pages of datasets show: counts, first rows, files by format, and what differs between versions."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from escalations.datasets import FORMATS, Format, splits
from escalations.datasets.batches import in_batches
from escalations.datasets.filters import Filter
from escalations.datasets.frozen import freeze, thaw
from escalations.datasets.versions import Change
from escalations.models import (
    AgentCorrect,
    Dataset,
    DatasetFile,
    DatasetVersion,
    Disposition,
    FailureMode,
    LabelRevision,
    Quality,
)
from escalations.redaction import UnreadablePath
from operators.datasets import decisions
from operators.datasets.decisions import LEFT_OUT
from operators.datasets.forms import FilterForm
from operators.labels import words as label_words
from operators.rendering.difference import pretty_json

PREVIEWED, CHANGES_SHOWN = 3, 200
# Counting stops here: the page is asked for at every change of the filter.
COUNTED = 10_000
_LOOKED_THROUGH, _PREVIEW_LENGTH = 50, 4_000
SPLITS = {
    splits.TRAIN: gettext_lazy("Training"),
    splits.VALIDATION: gettext_lazy("Validation"),
    splits.TEST: gettext_lazy("Test"),
    splits.FORWARD: gettext_lazy("Forward test"),
}
PROBLEMS = {
    "empty": gettext_lazy("No decision fits the filter and may train. Widen the filter, then build again."),
    "disk": gettext_lazy("The files could not be written. Make room on the disk, then build again."),
    "error": gettext_lazy("The build stopped at an error. The log of the worker has it."),
}
_WORDS: dict[str, Any] = {
    "verdicts": AgentCorrect,
    "dispositions": Disposition,
    "failure_modes": FailureMode,
    "qualities": Quality,
}


@dataclass(frozen=True)
class Reason:
    """How many decisions were left out for a reason, and where they are listed, if they are."""

    n: int
    words: str
    url: str


@dataclass(frozen=True)
class Preview:
    """How many decisions a filter finds (at most `COUNTED` are counted), and the first rows they make.

    `left_out` says why the others may train nothing, where all are counted.
    """

    decided: int
    trainable: int
    rows: list[str]
    left_out: list[Reason]

    @property
    def is_cut(self) -> bool:
        return self.decided > COUNTED


@dataclass(frozen=True)
class FormatFiles:
    """The files of a format."""

    format: Format
    files: list[DatasetFile]


def dataset_named(name: str) -> Dataset:
    """The dataset.

    Raises:
        Http404: there is none.
    """
    dataset = Dataset.objects.filter(name=name).select_related("created_by").first()
    if dataset is None:
        raise Http404(_("There is no such dataset."))
    return dataset


def version_of(name: str, number: int) -> DatasetVersion:
    """The version.

    Raises:
        Http404: there is none.
    """
    versions = DatasetVersion.objects.select_related("dataset", "parent", "created_by")
    version = versions.filter(dataset__name=name, number=number).first()
    if version is None:
        raise Http404(_("There is no such version."))
    return version


def listed() -> list[Dataset]:
    """All datasets with their versions, the newest first."""
    newest = DatasetVersion.objects.order_by("-number")
    return list(Dataset.objects.prefetch_related(Prefetch("versions", newest)))


def preview(wanted: Filter, format_: Format, dataset: Dataset | None, asked: str) -> Preview:
    """What a filter finds now, redacted as it would be in a version. `asked` is its query string."""
    decided = wanted.decided()[: COUNTED + 1].count()
    untrainable = wanted.untrainable() if decided <= COUNTED else {}
    return Preview(
        decided=decided,
        trainable=wanted.trainable()[: COUNTED + 1].count(),
        rows=list(islice(_rows(wanted, format_, dataset), PREVIEWED)),
        left_out=[
            Reason(untrainable[why], str(words), decisions_url(asked, why))
            for why, words in LEFT_OUT.items()
            if why in untrainable
        ],
    )


def filter_asked(params: QueryDict) -> str:
    """The part of a query string that filters decisions."""
    asked = params.copy()
    for name in asked.keys() - FilterForm.base_fields.keys():
        del asked[name]
    return asked.urlencode()


def decisions_url(asked: str, why: str) -> str:
    """The list of what a filter finds now: of all, or of one reason."""
    return f"{reverse('dataset_decisions')}?{asked}{f'&why={why}' if why else ''}"


def _rows(wanted: Filter, format_: Format, dataset: Dataset | None) -> Iterable[str]:
    secret = bytes.fromhex(dataset.secret) if dataset else secrets.token_bytes(32)
    likely = wanted.trainable().filter(format_.may_give_rows)
    for batch in islice(in_batches(likely, size=10), _LOOKED_THROUGH // 10):
        for resolution in batch:
            try:
                frozen = freeze(resolution, secret)
            except UnreadablePath:
                continue
            row = frozen and format_.row(thaw(frozen.line(0, "")))
            if row:
                yield pretty_json(row)[:_PREVIEW_LENGTH]


def told(kept: dict[str, Any]) -> list[tuple[str, str]]:
    """A filter in words: what it narrows, and to what."""
    wanted = Filter.read(kept)
    names = {
        "agent": _("Agent"),
        "version": _("Version"),
        "queue": _("Queue"),
        "category": _("Category"),
        "since": pgettext("decided", "Decided from"),
        "until": pgettext("decided", "Decided before"),
        "verdicts": _("Was the agent right?"),
        "dispositions": _("What came of it"),
        "failure_modes": _("What went wrong"),
        "qualities": _("How sure the labels are"),
    }
    return [(label, _told(name, value)) for name, label in names.items() if (value := getattr(wanted, name))]


def _told(name: str, value: Any) -> str:
    if name in _WORDS:
        return ", ".join(str(_WORDS[name](each).label) for each in value)
    return str(value.date()) if name in ("since", "until") else str(value)


def by_format(version: DatasetVersion) -> list[FormatFiles]:
    """The files with rows, by format, in the order of the splits."""
    files = list(version.files.exclude(split=""))
    order = list(SPLITS)
    found = []
    for name, format_ in FORMATS.items():
        mine = sorted(
            (file for file in files if file.format == name), key=lambda file: order.index(file.split)
        )
        if mine:
            found.append(FormatFiles(format_, mine))
    return found


def split_counts(version: DatasetVersion) -> list[tuple[str, int]]:
    """How many rows each split has, by its name on the page."""
    rows = version.counts.get("rows", {})
    return [(str(label), rows[split]) for split, label in SPLITS.items() if split in rows]


def left_out(version: DatasetVersion) -> list[Reason]:
    """How many decisions were left out, and why."""
    counts = version.counts.get("left_out", {})
    listed = decisions.reasons_with_rows(version, counts)
    address = partial(reverse, "version_left_out")
    place = (version.dataset.name, version.number)
    return [
        Reason(counts[why], str(words), address(args=[*place, why]) if why in listed else "")
        for why, words in LEFT_OUT.items()
        if why in counts
    ]


def with_labels(found: Sequence[Change]) -> list[tuple[Change, str]]:
    """Each change, with the names of the labels that its later revision says otherwise."""
    of_both = [one.resolution for one in found if one.revision_before and one.revision_after]
    revisions: dict[tuple[UUID, int | None], LabelRevision] = {
        (revision.resolution_id, revision.number): revision
        for revision in LabelRevision.objects.filter(resolution__in=of_both)
    }
    return [(one, _said_otherwise(one, revisions)) for one in found]


def _said_otherwise(one: Change, revisions: Mapping[tuple[UUID, int | None], LabelRevision]) -> str:
    before = revisions.get((one.resolution, one.revision_before))
    after = revisions.get((one.resolution, one.revision_after))
    return ", ".join(change.name for change in label_words.changes(before, after)) if after else ""

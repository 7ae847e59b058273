"""What can be told of a version: what was asked for, how it was made, and the hash of everything in it."""

import json
from collections.abc import Iterable
from typing import Any

from escalations import sql
from escalations.datasets import dedupe
from escalations.datasets.rendering import Rendered
from escalations.datasets.versions import change_counts
from escalations.models import DatasetFile, DatasetRow, DatasetVersion
from escalations.redaction import VERSION

SCHEMA = 1


def manifest(version: DatasetVersion, rendered: Iterable[Rendered], rows: DatasetFile) -> dict[str, Any]:
    """The manifest of a version whose files are written."""
    dataset = version.dataset
    return {
        "schema": SCHEMA,
        "dataset": dataset.name,
        "description": dataset.description,
        "version": version.number,
        "note": version.note,
        "created_at": version.created_at.isoformat(),
        "filter": version.filter,
        "labels": _meanings(version),
        # Files that are made again hold the rows as they were redacted then.
        "redaction": version.manifest.get("redaction", {"version": VERSION}),
        "deduplication": {
            "exact": "SHA-256 of the redacted canonical JSON (RFC 8785)",
            "near": _near() if dataset.drops_near_duplicates else None,
        },
        "splits": {
            "rule": "sha256(salt || group)",
            "salt": dataset.salt,
            "validation_percent": dataset.validation_percent,
            "test_percent": dataset.test_percent,
            "test_from": dataset.test_from and dataset.test_from.isoformat(),
        },
        "counts": version.counts | {"erased": _erased(version)},
        "lineage": _lineage(version),
        "rows": _told(rows),
        "files": [_told(each.file) | _in_it(each) for each in rendered],
    }


def as_text(made: dict[str, Any]) -> bytes:
    """JSON as a person can read it, the same bytes each time."""
    return json.dumps(made, indent=2, ensure_ascii=False).encode(errors="replace") + b"\n"


def _near() -> dict[str, Any]:
    return {
        "method": "MinHash over the last user turn and the sequence of tools",
        "jaccard": dedupe.ALIKE,
        "permutations": dedupe.PERMUTATIONS,
    }


def _meanings(version: DatasetVersion) -> list[dict[str, Any]]:
    """Which taxonomy and guideline the labels go by; null is what is built in."""
    return [dict(row) for row in sql.run("dataset_meanings", version=version.pk)]


def _erased(version: DatasetVersion) -> int:
    return DatasetRow.objects.filter(version=version, tombstoned_at__isnull=False).count()


def _lineage(version: DatasetVersion) -> dict[str, Any] | None:
    if version.parent is None:
        return None
    return {"parent": version.parent.number} | change_counts(version.parent, version)


def _in_it(each: Rendered) -> dict[str, Any]:
    file = each.file
    return {"format": file.format, "split": file.split, "rows": file.rows, "columns": list(each.columns)}


def _told(file: DatasetFile) -> dict[str, Any]:
    return {"name": file.name, "bytes": file.bytes, "sha256": file.sha256}

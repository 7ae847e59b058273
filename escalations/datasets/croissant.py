"""A version in Croissant, by which tools for machine learning find and load it.

Source: Croissant Format Specification 1.0 (MLCommons, 2024).
"""

from collections.abc import Iterator
from typing import Any

from django.conf import settings

from escalations.datasets import splits
from escalations.datasets.formats.registry import FORMATS

_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_SPLITS = {
    splits.TRAIN: "cr:TrainingSplit",
    splits.VALIDATION: "cr:ValidationSplit",
    splits.TEST: "cr:TestSplit",
    splits.FORWARD: "cr:TestSplit",
}


def metadata(manifest: dict[str, Any]) -> dict[str, Any]:
    """The JSON-LD of a version, out of its manifest."""
    name, number = manifest["dataset"], manifest["version"]
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": name,
        "description": manifest["description"] or f"Labelled decisions of the escalation desk: {name}.",
        "version": f"{number}.0.0",
        "datePublished": manifest["created_at"],
        "license": "LicenseRef-Internal",
        "url": f"{settings.PUBLIC_URL}/datasets/{name}/{number}/",
        "creator": {"@type": "sc:Organization", "name": settings.PUBLIC_URL},
        "distribution": [_file(file) for file in manifest["files"]],
        "recordSet": [_split_set(manifest), *(_records(file) for file in manifest["files"])],
        "rai:dataAnnotationProtocol": "People of the desk labelled each decision; see the datasheet.",
        "rai:personalSensitiveInformation": "Redacted; names only of people whom the case tells under a key.",
    }


def _file(file: dict[str, Any]) -> dict[str, Any]:
    media_type = FORMATS[file["format"]].media_type
    return {
        "@type": "cr:FileObject",
        "@id": file["name"],
        "name": file["name"],
        "contentUrl": file["name"],
        "contentSize": f"{file['bytes']} B",
        "encodingFormat": "application/jsonlines" if media_type == "application/jsonl" else media_type,
        "sha256": file["sha256"],
    }


def _split_set(manifest: dict[str, Any]) -> dict[str, Any]:
    there = [split for split in splits.SPLITS if split in manifest["counts"]["rows"]]
    return {
        "@type": "cr:RecordSet",
        "@id": "splits",
        "name": "splits",
        "dataType": "cr:Split",
        "key": {"@id": "splits/name"},
        "field": [
            {"@type": "cr:Field", "@id": "splits/name", "name": "name", "dataType": "sc:Text"},
            {"@type": "cr:Field", "@id": "splits/url", "name": "url", "dataType": "sc:URL"},
        ],
        "data": [{"splits/name": split, "splits/url": _SPLITS[split]} for split in there],
    }


def _records(file: dict[str, Any]) -> dict[str, Any]:
    record_set = f"{file['format']}-{file['split']}"
    return {
        "@type": "cr:RecordSet",
        "@id": record_set,
        "name": record_set,
        "description": f"{file['rows']} rows of the split {file['split']}.",
        "field": list(_fields(file, record_set)),
    }


def _fields(file: dict[str, Any], record_set: str) -> Iterator[dict[str, Any]]:
    for column in file["columns"]:
        yield {
            "@type": "cr:Field",
            "@id": f"{record_set}/{column}",
            "name": column,
            "dataType": "sc:Text",
            "source": {"fileObject": {"@id": file["name"]}, "extract": {"column": column}},
        }

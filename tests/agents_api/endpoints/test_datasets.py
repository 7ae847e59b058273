"""Datasets by API: a version is asked for, looked at and downloaded, whole or in parts."""

import json
from hashlib import sha256

import pytest
from django.test import Client

from escalations.datasets import building, versions
from escalations.models import AuditEntry, Dataset
from tests.factories import make_report_key, make_resolved

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.DATASETS_DIR = tmp_path


@pytest.fixture
def ask():
    key, client = make_report_key(scopes=["datasets"]), Client()

    def ask(path, body=None, **headers):
        headers["Authorization"] = f"Bearer {key}"
        if body is None:
            return client.get(f"/api/v1/datasets{path}", headers=headers)
        return client.post(f"/api/v1/datasets{path}", body, content_type="application/json", headers=headers)

    return ask


@pytest.fixture
def dataset():
    make_resolved()
    return Dataset.objects.create(name="refunds", validation_percent=0, test_percent=0)


def test_a_version_is_asked_for_built_and_downloaded(ask, dataset):
    asked = ask("/refunds/versions", {"note": "For 2.4"})
    again = ask("/refunds/versions", {})
    waiting = ask("/refunds/versions/1").json()
    building.build_waiting()
    ready = ask("/refunds/versions/1").json()

    assert (asked.status_code, asked.headers["Location"]) == (201, "/api/v1/datasets/refunds/versions/1")
    assert (again.status_code, again.json()["type"].rpartition("/")[2]) == (409, "already-building")
    assert (waiting["state"], waiting["files"], waiting["note"]) == ("waiting", [], "For 2.4")
    assert (ready["state"], ready["rows"], ready["manifest"]["counts"]["rows"]) == (
        "ready",
        {"train": 1},
        {"train": 1},
    )
    for file in ready["files"]:
        answer = ask(file["address"].removeprefix("/api/v1/datasets"))
        content = answer.getvalue()
        assert (sha256(content).hexdigest(), len(content)) == (file["sha256"], file["bytes"])
    assert [item["newest_ready"] for item in ask("").json()["items"]] == [1]
    assert [item["number"] for item in ask("/refunds/versions").json()["items"]] == [1]
    assert AuditEntry.objects.filter(action="export").count() == len(ready["files"])


def test_a_download_goes_on_where_it_stopped(ask, dataset):
    versions.start(dataset, actor="test")
    building.build_waiting()
    path = "/refunds/versions/1/files/sft/train"
    whole = ask(path).getvalue()

    part = ask(path, Range="bytes=10-19")
    behind = ask(path, Range=f"bytes={len(whole)}-")

    assert json.loads(whole)["messages"]
    assert (part.status_code, part.getvalue()) == (206, whole[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(whole)}"
    assert (behind.status_code, behind.headers["Content-Range"]) == (416, f"bytes */{len(whole)}")
    # Whoever asks part by part is noted as well.
    assert AuditEntry.objects.filter(action="export").count() == 2


@pytest.mark.parametrize(
    "path",
    ["/none/versions", "/refunds/versions/7", "/refunds/versions/1/files/sft/train", "/none/versions/1"],
)
def test_what_is_not_there_is_not_found(path, ask, dataset):
    versions.start(dataset, actor="test")
    assert ask(path).status_code == 404

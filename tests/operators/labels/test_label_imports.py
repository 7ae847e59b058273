"""The pages of imports: a file goes in, what became of it is shown, what was refused can be taken."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from escalations.labels import label_import
from escalations.models import AuditEntry, LabelImport
from escalations.reviews.line import in_force
from tests.factories import claim, decide, make_admin, make_case, make_operator

PAGE = "/datasets/labels/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client):
    admin = make_admin("boss")
    client.force_login(admin)
    return admin


def send(client, body, **fields):
    return client.post(PAGE, {"file": SimpleUploadedFile("labels.jsonl", body), **fields})


def test_a_file_is_read_in_the_background_and_what_was_refused_can_be_taken(boss, client):
    decided = decide(claim(make_case(), make_operator()))
    good = json.dumps({"resolution": str(decided.id), "labels": {"note": "Elsewhere."}}).encode()

    answer = send(client, good + b"\n=1\n", source="A batch", all_or_nothing="")

    found = LabelImport.objects.get()
    assert answer["Location"] == f"{PAGE}{found.pk}/"
    assert (found.operator, found.source, found.all_or_nothing) == (boss, "A batch", False)
    waiting = client.get(answer["Location"]).content.decode()
    assert "Waits for the worker." in waiting
    assert 'hx-trigger="every 2s"' in client.get(f"{PAGE}{found.pk}/state/").content.decode()

    label_import.read_waiting()

    assert client.get(f"{PAGE}{found.pk}/state/")["HX-Refresh"] == "true"
    done = client.get(answer["Location"]).content.decode()
    assert "The line is no JSON object." in done
    rows = client.get(f"{PAGE}{found.pk}/refused.csv").getvalue().decode().splitlines()
    assert rows == ["Line,Place,Reason", "2,,The line is no JSON object."]
    assert in_force(decided).note == "Elsewhere."
    assert AuditEntry.objects.filter(action="export", target=f"label_import:{found.pk}").exists()
    assert "A batch" in client.get(PAGE).content.decode()


@pytest.mark.parametrize("body", [b"", b"\n\n"])
def test_a_file_without_lines_is_told_beside_the_field(body, boss, client):
    answer = send(client, body)

    assert answer.status_code == 422
    assert 'class="errors"' in answer.content.decode()
    assert not LabelImport.objects.exists()


def test_the_schema_can_be_taken(boss, client):
    assert client.get(f"{PAGE}schema.json").json() == label_import.SCHEMA

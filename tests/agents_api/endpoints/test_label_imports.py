"""Labels by API: brought, read in the background, and told line by line."""

import pytest
from django.test import Client

from escalations.labels import label_import
from escalations.models import AuditEntry, LabelImport, ReportKey
from escalations.reviews.line import in_force
from tests.factories import claim, decide, make_case, make_operator, make_report_key

IMPORTS = "/api/v1/labels/imports"

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask():
    headers = {"Authorization": f"Bearer {make_report_key(scopes=['labels'])}"}
    client = Client()

    def ask(path="", body=None):
        if body is None:
            return client.get(path, headers=headers)
        return client.post(IMPORTS, body, content_type="application/json", headers=headers)

    return ask


def test_labels_are_brought_and_told_of(ask):
    decided = decide(claim(make_case(), make_operator()))
    lines = [
        {"resolution": str(decided.id), "labels": {"note": "Elsewhere."}},
        {"case": "nothing", "labels": {"note": 7}},
    ]

    answer = ask(body={"lines": lines, "source": "A program"})
    told = answer.json()
    label_import.read_waiting()
    done = ask(answer["Location"]).json()
    refused = ask(done["refusals"]).json()

    assert (answer.status_code, told["state"], told["lines"]) == (201, "waiting", 2)
    assert (done["state"], done["imported"], done["refused"]) == ("done", 1, 1)
    assert {(each["line"], each["pointer"], each["code"]) for each in refused["items"]} == {
        (2, "/case", "id"),
        (2, "/labels/note", "schema"),
    }
    assert refused["next_after"] is None
    assert in_force(decided).operator == ReportKey.objects.get().created_by
    assert AuditEntry.objects.get(action="labels.import").actor.startswith("reportkey:")


def test_refusals_come_in_pages_of_lines(ask):
    page = ask(body={"lines": [{"no": "labels"}] * 201}).json()["refusals"]
    label_import.read_waiting()

    first = ask(page).json()

    assert (first["next_after"], first["items"][-1]["line"]) == (200, 200)
    assert {each["line"] for each in ask(f"{page}?after=200").json()["items"]} == {201}


def test_a_key_whose_admin_is_gone_brings_no_labels(ask):
    ReportKey.objects.update(created_by=None)

    answer = ask(body={"lines": [{}]})

    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[-1]) == (409, "key-of-nobody")
    assert not LabelImport.objects.exists()


@pytest.mark.parametrize("number", ["0", "999", "-1", "9" * 30])
def test_an_import_that_is_not_there_is_not_found(number, ask):
    assert ask(f"{IMPORTS}/{number}").status_code == 404

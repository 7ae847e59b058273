"""The OpenAPI document: committed as it is served, valid, and shown on a page that needs no other host."""

import json
import re
from pathlib import Path
from typing import get_args

import jsonschema_rs
import pytest
from django.test import Client

from agents_api.api import api
from agents_api.documentation import examples
from agents_api.management.commands.export_openapi import document
from agents_api.schemas import answers
from escalations.models import DecidedBy, Decision

COMMITTED = Path(__file__).parents[3] / "docs" / "openapi.json"
METHODS = {"get", "post", "put", "patch", "delete"}


def operations() -> list[tuple[str, dict]]:
    paths = json.loads(document())["paths"]
    return [
        (f"{m} {p}", operation) for p, item in paths.items() for m, operation in item.items() if m in METHODS
    ]


def test_the_committed_document_is_the_one_that_is_served():
    hint = "`python manage.py export_openapi` writes it anew"
    assert COMMITTED.read_text() == document(), hint
    assert Client().get("/api/v1/openapi.json").json() == json.loads(COMMITTED.read_text())


def test_every_reference_leads_somewhere():
    text = document()
    whole = json.loads(text)
    for name in set(re.findall(r'"#/components/schemas/([^"]+)"', text)):
        assert name in whole["components"]["schemas"]


@pytest.mark.parametrize(("name", "operation"), operations())
def test_every_operation_documents_its_problems(name, operation):
    responses = operation["responses"]
    assert {"401", "500", "503"} <= responses.keys()
    for status, response in responses.items():
        if int(status) >= 400:
            assert response["content"].keys() == {"application/problem+json"}
    assert operation["summary"]
    assert operation["description"]
    assert operation["security"]


@pytest.mark.parametrize(
    ("model", "example"),
    [
        ("HandoffIn", examples.HANDOFF),
        ("MessagesIn", examples.MESSAGES),
        ("AckIn", examples.ACK),
        ("CancelIn", examples.CANCEL),
        ("RunsIn", examples.RUNS),
        ("CheckIn", examples.CHECK),
        ("OutputIn", examples.CHECKPOINT),
        ("SchemaIn", examples.SCHEMA),
    ],
)
def test_the_examples_fit_the_published_schemas(model, example):
    whole = json.loads(document())
    schema = {"$ref": f"#/components/schemas/{model}", "components": whole["components"]}
    jsonschema_rs.Draft202012Validator(schema).validate(example)


def test_published_schemas_tell_the_message_forms_apart():
    whole = json.loads(document())
    schema = {"$ref": "#/components/schemas/MessagesIn", "components": whole["components"]}
    validator = jsonschema_rs.Draft202012Validator(schema)
    parts = {"role": "user", "parts": [{"type": "text", "content": "a"}, {"type": "blob", "x": 1}]}
    assert validator.is_valid({"messages": [{"role": "user", "content": "a"}, parts]})
    assert not validator.is_valid({"messages": [{"role": "user", "parts": [{"type": "text"}]}]})
    assert not validator.is_valid({"messages": [parts | {"content": "both"}]})


def test_every_problem_type_leads_to_its_meaning():
    kinds = Client().get("/api/v1/problems/not-json").json()
    assert kinds["title"] == "Not JSON"
    assert Client().get("/api/v1/problems/unheard-of").status_code == 404


def test_the_page_shows_the_document_without_inline_scripts():
    page = Client().get("/api/v1/docs")
    text = page.content.decode()
    assert page.status_code == 200
    assert "/api/v1/openapi.json" in text
    assert api.title in text
    for attributes in re.findall(r"<script([^>]*)>", text):
        assert "src=" in attributes or 'type="application/json"' in attributes
    assert "http://" not in text
    assert "https://" not in text


@pytest.mark.parametrize(
    ("word", "choices"),
    [(answers.DecisionWord, Decision), (answers.DeciderWord, DecidedBy)],
)
def test_the_words_of_a_decision_are_those_that_the_desk_keeps(word, choices):
    assert list(get_args(word)) == choices.values

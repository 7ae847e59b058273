"""What a body may be before anybody looks at its fields."""

import io
import json

import pytest

from agents_api.requests.bodies import BODY_MAX, member_text
from escalations.models import Escalation
from tests.agents_api.conftest import pointers
from tests.factories import handoff

pytestmark = pytest.mark.django_db


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b" ", "Expecting value"),
        (b"{", "property name"),
        (b"\xff{}", "utf-8"),
        ("\ufeff{}".encode(), "Expecting value"),
        (b'{"a": 1, "a": 1}', "'a' stands twice"),
        (b'{"metadata": {"a": {"b": 1, "b": 2}}}', "'b' stands twice"),
        (b'{"confidence": NaN}', "NaN"),
        (b'{"confidence": -Infinity}', "Infinity"),
        (b'{"confidence": 1e999}', "1e999"),
        (b'{"metadata": ' + b"1" * 5000 + b"}", "4,300 digits"),
        (b'{"summary": "\\ud800"}', "surrogate"),
        (b'{"summary": "a\tb"}', "control character"),
    ],
)
def test_what_is_not_json_is_said(caller, body, says):
    response = caller.post("/api/v1/handoffs", body)
    assert response.status_code == 400
    assert response.json()["type"] == "/api/v1/problems/not-json"
    assert says in response.json()["detail"]


@pytest.mark.parametrize(
    ("body", "places"),
    [
        (b'{"a": 1, "b": {"c~/": [{}, {"d": 1, "d": 2}]}}', {"/b/c~0~1/1/d": "'d' stands twice"}),
        (b'{"a": NaN, "b": [1, -Infinity, 1e999]}', {"/a": "NaN", "/b/1": "-Infinity", "/b/2": "1e999"}),
        (b'{"a": "\\ud800", "b": {"\\udfff": "\\ud83d\\ude00"}}', {"/a": "surrogate", "/b": "surrogate"}),
        (b'{"state": {"data": "\\udfff"}, "a": "\\\\ud800"}', {"/state/data": "surrogate"}),
        (b'{"a": NaN, ' + b'"b":' * 2, {"": "NaN"}),
        (b'{"a": NaN, "b": ' + nested(100_000).encode() + b"}", {"": "NaN"}),
        (b"{", {"": "property name"}),
    ],
)
def test_where_a_body_is_not_json_is_pointed_at(caller, body, places):
    response = caller.post("/api/v1/handoffs", body)
    assert (response.status_code, response.json()["type"]) == (400, "/api/v1/problems/not-json")
    found = {error["pointer"]: error["detail"] for error in response.json()["errors"]}
    assert found.keys() == places.keys()
    for place, says in places.items():
        assert says in found[place]


def test_nesting_is_bounded(caller):
    def body(levels: int) -> bytes:
        whole = handoff(caller.agent, metadata={"deep": "here"})
        return json.dumps(whole).replace('"here"', nested(levels)).encode()

    assert caller.post("/api/v1/handoffs", body(62)).status_code == 201
    refused = caller.post("/api/v1/handoffs", body(63))
    assert refused.status_code == 422
    assert "64 levels" in refused.json()["detail"]


@pytest.mark.parametrize("levels", [1_000, 500_000])
def test_deep_nesting_breaks_nothing(caller, levels):
    response = caller.post("/api/v1/handoffs", nested(levels).encode())
    assert response.status_code == 422
    assert "64 levels" in response.json()["detail"]


def test_a_body_at_the_limit_goes_in(caller):
    whole = json.dumps(handoff(caller.agent, metadata={"pad": ""})).encode()
    room = BODY_MAX - len(whole)
    response = caller.post("/api/v1/handoffs", whole.replace(b'"pad": ""', b'"pad": "' + b"x" * room + b'"'))
    assert response.status_code == 201


def test_a_body_over_the_limit_is_refused(caller):
    response = caller.post("/api/v1/handoffs", b'"' + b"x" * BODY_MAX + b'"')
    assert response.status_code == 413
    assert response.json()["type"] == "/api/v1/problems/body-too-large"


class Stream(io.RawIOBase):
    """A body that counts what is read of it."""

    def __init__(self) -> None:
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        assert size >= 0, "read without a bound"
        self.taken += size
        return b" " * size


def test_a_large_body_is_refused_before_it_is_read(caller):
    stream = Stream()
    response = caller.client.generic(
        "POST",
        "/api/v1/handoffs",
        b"",
        headers={"Authorization": f"Bearer {caller.key}", "Idempotency-Key": "k"},
        **{
            "CONTENT_TYPE": "application/json",  # which the test client leaves out without data
            "CONTENT_LENGTH": str(50 * BODY_MAX),
            "wsgi.input": stream,
        },
    )
    assert response.status_code == 413
    assert stream.taken == 0


@pytest.mark.parametrize(("size", "status"), [(100, 201), (BODY_MAX, 413)])
def test_a_body_in_chunks_has_no_length_and_the_same_limit(caller, size, status):
    body = json.dumps(handoff(caller.agent, metadata={"pad": "x" * size})).encode()
    response = caller.client.generic(
        "POST",
        "/api/v1/handoffs",
        b"",
        headers={"Authorization": f"Bearer {caller.key}", "Idempotency-Key": "k"},
        **{
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": "",
            "wsgi.input": io.BytesIO(body),
            "wsgi.input_terminated": True,
        },
    )
    assert response.status_code == status


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_only_json_is_read(caller, media_type):
    response = caller.client.post(
        "/api/v1/handoffs",
        "{}",
        content_type=media_type,
        headers={"Authorization": f"Bearer {caller.key}", "Idempotency-Key": "k"},
    )
    assert response.status_code == 415


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"question": "a\0b"}, "/question"),
        ({"messages": [{"role": "user", "content": "\0"}]}, "/messages/0/content"),
        ({"context": {"facts": {"a": ["ok", "\0"]}}}, "/context/facts/a/1"),
        ({"metadata": {"b\0": 1}}, "/metadata"),
    ],
)
def test_nul_is_refused_with_its_place(caller, fields, pointer):
    response = caller.hand_off(**fields)
    assert response.status_code == 422
    assert pointers(response) == [pointer]


def test_an_opaque_state_may_hold_nul(caller):
    assert caller.hand_off(state={"data": {"a\0": "\0"}}).status_code == 201


def test_the_text_of_an_escape_is_no_nul(caller):
    assert caller.hand_off(question="What is \\u0000?").status_code == 201


def test_nothing_was_written_for_a_refused_body(caller):
    caller.post("/api/v1/handoffs", b"{}")
    assert not Escalation.objects.exists()


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ('{"state":1}', "1"),
        ('{ "a" : {"state": 2} ,\n "state" :  {"b": [ 1.0 ]}  }', '{"b": [ 1.0 ]}'),
        ('{"a": "\\"state\\": 3", "st\\u0061te": "\\u0000"}', '"\\u0000"'),
        ('{"state": null, "z": 1}', "null"),
        ('{"a": {"state": 2}}', None),
        ("{ }", None),
    ],
)
def test_a_member_is_found_letter_for_letter(body, text):
    assert member_text(body, "state") == text

"""Faults that are ours: said quickly, as problems, and without a word too much."""

import json
import time
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection
from django.test import Client, RequestFactory
from pydantic import ValidationError

from agents_api import problems
from agents_api.api import api
from agents_api.schemas import HandoffIn
from config.supervisor.checks import free_port
from tests.agents_api.conftest import Caller


@pytest.fixture
def database_away(transactional_db: None, caller: Caller) -> Iterator[None]:
    """Nobody listens any more where the database was."""
    kept = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict |= {"HOST": "127.0.0.1", "PORT": str(free_port())}
    yield
    connection.settings_dict |= kept


@pytest.mark.parametrize("path", ["", "/0192aaaa-0000-7000-8000-000000000000", "/wait"])
def test_a_database_that_is_down_is_said_quickly(database_away, caller, path):
    path = path.replace("/wait", "/0192aaaa-0000-7000-8000-000000000000/wait")
    started = time.monotonic()
    response = caller.get("/api/v1/handoffs" + path)
    assert time.monotonic() - started < 2
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert response.json()["type"] == "/api/v1/problems/database-unavailable"


def test_intake_without_a_database_is_refused_so_that_the_agent_tries_again(database_away, caller):
    assert caller.hand_off().status_code == 503


def test_a_connection_that_was_killed_is_said_and_then_replaced(transactional_db, caller):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    assert caller.get("/api/v1/handoffs").status_code == 503
    connection.close_if_unusable_or_obsolete()  # as Django does after each request of a server
    assert caller.get("/api/v1/handoffs").status_code == 200


def test_an_unexpected_fault_tells_nothing_but_the_request_id():
    request = RequestFactory().get("/api/v1/handoffs")
    request.request_id = "r-12345678"
    response = api.on_exception(request, RuntimeError("secret"))
    assert response.status_code == 500
    assert response.headers["Content-Type"] == problems.MEDIA_TYPE
    assert b"secret" not in response.content
    assert json.loads(response.content)["request_id"] == "r-12345678"


@pytest.mark.parametrize("address", ["/api/v1/handoffs/a%0Ab", "/api/v1/nowhere%0A", "/api/v1/%0D%0A"])
def test_no_address_below_the_api_leads_to_a_page(address):
    answer = Client().get(address)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


def test_a_problem_carries_the_id_of_its_request():
    response = Client().get("/api/v1/nowhere", headers={"X-Request-ID": "trace-0123456789"})
    assert response.json()["request_id"] == "trace-0123456789"
    assert response.headers["X-Request-ID"] == "trace-0123456789"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/v1/handoffs", {"GET", "POST"}),
        ("PUT", "/api/v1/handoffs/0192aaaa-0000-7000-8000-000000000000", {"GET"}),
        ("POST", "/api/v1/handoffs/0192aaaa-0000-7000-8000-000000000000/wait", {"GET"}),
        ("GET", "/api/v1/handoffs/0192aaaa-0000-7000-8000-000000000000/ack", {"POST"}),
    ],
)
def test_other_methods_are_refused_with_those_that_work(method, path, allowed):
    response = Client().generic(method, path)
    assert response.status_code == 405
    assert response.headers["Content-Type"] == problems.MEDIA_TYPE
    assert {word.strip() for word in response.headers["Allow"].split(",")} == allowed


def test_locations_become_json_pointers():
    assert problems.pointer(()) == ""
    assert problems.pointer(("messages", 3, "(chat form)", "role")) == "/messages/3/role"
    assert problems.pointer(("a/b", "c~d")) == "/a~1b/c~0d"


def test_what_was_sent_is_not_said_back():
    with pytest.raises(ValidationError) as refused:
        HandoffIn.model_validate_json('{"summary": 5, "question": {"card": "4111"}}')
    found = problems.flaws(refused.value.errors(include_url=False, include_input=False))
    assert "4111" not in repr(found)

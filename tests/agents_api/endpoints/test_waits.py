"""The long-poll over HTTP; how waiters are woken is in test_waiting.py."""

from typing import Any

import pytest
from django.db.models.functions import Now

from agents_api.endpoints import waits
from escalations.models import ApiKey, Escalation
from tests.agents_api.conftest import pointers
from tests.factories import claim, decide

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_has_happened_already_is_answered_at_once(caller, operator):
    address = caller.opened()
    decide(claim(Escalation.objects.get(), operator))
    response = caller.get(address + "/wait")
    assert response.status_code == 200
    assert response.headers["ETag"] == 'W/"3"'
    assert response.json()["decision"]["decision"] == "approve"
    assert response.json()["delivery"] == "delivered"


def test_when_nothing_happens_the_answer_is_empty(caller):
    response = caller.get(caller.opened() + "/wait?timeout=0")
    assert response.status_code == 204
    assert response.headers["Retry-After"] == "0"
    assert response.content == b""


def test_a_known_version_is_waited_past(caller, operator):
    address = caller.opened()
    claim(Escalation.objects.get(), operator)
    assert caller.get(address + "/wait?timeout=0&after_version=1").status_code == 200
    assert caller.get(address + "/wait?timeout=0&after_version=2").status_code == 204


def test_another_agents_case_is_not_waited_for(caller, stranger):
    assert caller.get(stranger.opened() + "/wait?timeout=0").status_code == 404


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("timeout=56", "/query/timeout"),
        ("timeout=-1", "/query/timeout"),
        ("timeout=long", "/query/timeout"),
        ("after_version=99999999999", "/query/after_version"),
        ("after=1", "/query/after"),
    ],
)
def test_a_bad_question_is_pointed_at(caller, query, pointer):
    response = caller.get(f"{caller.opened()}/wait?{query}")
    assert response.status_code == 422
    assert pointers(response) == [pointer]


def test_a_wrong_key_waits_for_nothing(caller):
    address = caller.opened()
    caller.key = caller.key[:-1]
    assert caller.get(address + "/wait").status_code == 401


@pytest.mark.parametrize("revoked", [False, True])
def test_a_key_that_is_revoked_meanwhile_learns_nothing(caller, monkeypatch, revoked):
    address = caller.opened()

    async def meanwhile(**_: Any) -> int:
        if revoked:
            await ApiKey.objects.aupdate(revoked_at=Now())
        return 2

    monkeypatch.setattr(waits, "wait_for_change", meanwhile)
    answer = caller.get(address + "/wait")
    assert (answer.status_code, "state" in answer.json()) == ((401, False) if revoked else (200, True))

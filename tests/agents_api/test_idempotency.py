"""A request may be repeated, at once or later, and counts once."""

import json
from uuid import uuid4

import pytest
from django.db import connection, transaction

from escalations.models import Escalation, Event, IdempotencyRecord, Turn
from tests.factories import handoff, make_key
from tests.threads import at_once


def test_twenty_equal_posts_at_once_are_one_case_and_twenty_equal_answers(transactional_db, caller):
    body = json.dumps(handoff(caller.agent)).encode()

    def post():
        return caller.post("/api/v1/handoffs", body, **{"Idempotency-Key": "once"})

    answers = at_once([post] * 20)

    assert [answer.status_code for answer in answers] == [201] * 20
    assert len({answer.content for answer in answers}) == 1
    assert sorted("Idempotent-Replayed" in answer.headers for answer in answers) == [False] + [True] * 19
    assert Escalation.objects.count() == 1
    assert Event.objects.count() == 1
    assert IdempotencyRecord.objects.count() == 1


@pytest.mark.django_db
def test_a_replay_is_word_for_word_also_after_the_case_went_on(caller):
    first = caller.post("/api/v1/handoffs", handoff(caller.agent), **{"Idempotency-Key": "k"})
    caller.post(first.json()["links"]["cancel"], {})
    second = caller.post("/api/v1/handoffs", handoff(caller.agent), **{"Idempotency-Key": "k"})
    assert second.status_code == 201
    assert second.content == first.content
    assert second.headers["Location"] == first.headers["Location"]
    assert second.headers["Idempotent-Replayed"] == "true"


@pytest.mark.django_db
def test_keys_may_rotate_between_a_request_and_its_repeat(caller):
    first = caller.post("/api/v1/handoffs", handoff(caller.agent), **{"Idempotency-Key": "k"})
    caller.key = make_key(caller.agent)
    assert (
        caller.post("/api/v1/handoffs", handoff(caller.agent), **{"Idempotency-Key": "k"}).content
        == first.content
    )


@pytest.mark.django_db
def test_the_same_key_with_another_body_is_refused(caller):
    caller.post("/api/v1/handoffs", handoff(caller.agent), **{"Idempotency-Key": "k"})
    other = caller.post("/api/v1/handoffs", handoff(caller.agent, kind="review"), **{"Idempotency-Key": "k"})
    assert other.status_code == 422
    assert other.json()["type"] == "/api/v1/problems/idempotency-key-reused"
    assert Escalation.objects.count() == 1


@pytest.mark.django_db
def test_agents_do_not_share_keys(caller, stranger):
    for agent in (caller, stranger):
        response = agent.post("/api/v1/handoffs", handoff(agent.agent), **{"Idempotency-Key": "k"})
        assert response.status_code == 201
        assert "Idempotent-Replayed" not in response.headers


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 256, "schlüssel"])
def test_a_key_is_required_and_plain(caller, key):
    response = caller.post("/api/v1/handoffs", handoff(caller.agent), **{"Idempotency-Key": key})
    assert response.status_code == 400
    assert response.json()["type"] == "/api/v1/problems/idempotency-key-missing"


def test_a_request_that_waits_too_long_for_its_twin_is_told_so(transactional_db, caller):
    body = handoff(caller.agent)

    def twin():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")
        return caller.post("/api/v1/handoffs", body, **{"Idempotency-Key": "k"})

    with transaction.atomic():
        assert caller.post("/api/v1/handoffs", body, **{"Idempotency-Key": "k"}).status_code == 201
        [response] = at_once([twin])
    assert response.status_code == 409
    assert response.json()["type"] == "/api/v1/problems/request-in-flight"
    assert response.headers["Retry-After"] == "1"


def test_messages_repeated_at_once_are_added_once(transactional_db, caller):
    address = caller.opened() + "/messages"
    body = {"messages": [{"role": "user", "content": "Hello?"}]}

    answers = at_once([lambda: caller.post(address, body, **{"Idempotency-Key": "m"})] * 8)

    assert [answer.status_code for answer in answers] == [200] * 8
    assert len({answer.content for answer in answers}) == 1
    assert Turn.objects.count() == 1


@pytest.mark.django_db
def test_messages_under_a_used_key_are_refused(caller):
    address = caller.opened() + "/messages"
    key = {"Idempotency-Key": str(uuid4())}
    caller.post(address, {"messages": [{"role": "user", "content": "a"}]}, **key)
    other = caller.post(address, {"messages": [{"role": "user", "content": "b"}]}, **key)
    assert other.status_code == 422
    assert Turn.objects.count() == 1


@pytest.mark.django_db
def test_a_refused_message_leaves_its_key_free(caller):
    address = caller.opened()
    caller.post(address + "/cancel", {})
    body = {"messages": [{"role": "user", "content": "a"}]}
    assert caller.post(address + "/messages", body, **{"Idempotency-Key": "m"}).status_code == 409
    assert not IdempotencyRecord.objects.filter(key="m").exists()

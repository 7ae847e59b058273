"""Intake in the domain: what a refusal is, and that a refusal changes nothing."""

import json
import sys
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import pytest
from django.db import connection
from django.db.models.functions import Now

from escalations import transitions
from escalations.models import (
    AgentVersion,
    ApiKey,
    Escalation,
    Event,
    Handoff,
    IdempotencyRecord,
    Policy,
    Presence,
    Timer,
)
from escalations.transitions import HandoffInput, Refusal, Refused
from tests import factories
from tests.threads import at_once

ROWS = [Escalation, Handoff, Event, Timer, IdempotencyRecord, AgentVersion]
PER_CASE = [1, 1, 1, 2, 1, 1]  # the clocks of pickup and of resolution have a timer each


def handoff(**overrides):
    fields = {
        "body": '{"messages": [], "state": {"a":  1}}',
        "request_sha256": "aa",
        "idempotency_key": "k1",
        "agent_name": "support",
        "agent_version": "2.3",
        "kind": "question",
        "reason": "low_confidence",
        "headline": "May I?",
    }
    return HandoffInput(**fields | overrides)


def open_case(key, **overrides):
    return transitions.open(
        key_prefix=key.prefix,
        key_digest=key.digest,
        handoff=handoff(**overrides),
        links=lambda case_id: json.dumps({"self": f"/{case_id}"}),
    )


@pytest.fixture
def key():
    return ApiKey.objects.get(agent=factories.make_agent())


@pytest.mark.django_db(transaction=True)
def test_twenty_equal_handoffs_at_once_make_one_case_and_twenty_equal_answers(key):
    answers = at_once([partial(open_case, key) for _ in range(20)])

    assert len({answer.answer for answer in answers}) == 1
    assert sorted(answer.replayed for answer in answers) == [False] + [True] * 19
    assert [model.objects.count() for model in ROWS] == PER_CASE


@pytest.mark.django_db
def test_the_body_is_kept_byte_for_byte(key):
    opened = open_case(key)
    assert Handoff.objects.get(case_id=opened.case_id).body == handoff().body
    answer = json.loads(opened.answer)
    assert (answer["id"], answer["state"], answer["version"]) == (str(opened.case_id), "queued", 1)
    assert answer["links"] == {"self": f"/{opened.case_id}"}


@pytest.mark.django_db
def test_a_key_used_for_another_body_is_refused(key):
    open_case(key)
    with pytest.raises(Refused) as refused:
        open_case(key, request_sha256="bb")
    assert refused.value.why == Refusal.KEY_REUSED
    assert Escalation.objects.count() == 1


@pytest.mark.django_db
def test_a_rotated_key_of_the_same_agent_gets_the_stored_answer(key):
    first = open_case(key)
    factories.make_key(key.agent)
    rotated = ApiKey.objects.latest("id")
    assert open_case(rotated).answer == first.answer


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("overrides", "why"),
    [
        ({"agent_name": "billing"}, Refusal.WRONG_AGENT),
        ({"queue": "nowhere"}, Refusal.UNKNOWN_QUEUE),
        ({"parent_id": UUID("00000000-0000-7000-8000-000000000000")}, Refusal.UNKNOWN_PARENT),
        ({"expires_at": datetime(2020, 1, 1, tzinfo=UTC)}, Refusal.ALREADY_EXPIRED),
    ],
)
def test_what_cannot_be_opened_leaves_nothing_behind(key, overrides, why):
    with pytest.raises(Refused) as refused:
        open_case(key, **overrides)
    assert refused.value.why == why
    assert not any(model.objects.exists() for model in ROWS if model is not AgentVersion)


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["revoked_at", "expires_at"])
def test_a_dead_key_opens_nothing(key, field):
    ApiKey.objects.update(**{field: Now()})
    with pytest.raises(Refused) as refused:
        open_case(key)
    assert refused.value.why == Refusal.UNAUTHENTICATED


@pytest.mark.django_db
def test_a_version_inherits_the_newest_policy_of_its_agent_until_it_has_its_own(key):
    agent = key.agent
    Policy.objects.create(agent=agent, number=1)
    newest = Policy.objects.create(agent=agent, number=2)
    version = AgentVersion.objects.create(agent=agent, name="2.3")
    assert Escalation.objects.get(id=open_case(key).case_id).policy == newest

    own = Policy.objects.create(agent=agent, agent_version=version, number=3)
    other = AgentVersion.objects.create(agent=agent, name="9.9")
    Policy.objects.create(agent=agent, agent_version=other, number=4)
    assert Escalation.objects.get(id=open_case(key, idempotency_key="k2").case_id).policy == own


@pytest.mark.django_db
def test_the_answer_says_whether_anyone_can_take_it_and_how_many_are_ahead(key):
    alone = json.loads(open_case(key).answer)
    assert (alone["routable"], alone["available"], alone["expected_wait_seconds"]) == (False, 0, None)

    factories.make_operator(skills=["fr"])
    asleep = json.loads(open_case(key, idempotency_key="k2", skills=["fr"]).answer)
    assert (asleep["routable"], asleep["available"], asleep["expected_wait_seconds"]) == (True, 0, None)

    Presence.objects.update(seen_at=Now())
    staffed = json.loads(open_case(key, idempotency_key="k3", skills=["fr"]).answer)
    assert (staffed["available"], staffed["ahead"], staffed["expected_wait_seconds"]) == (1, 2, 360)


@pytest.mark.django_db
def test_preferred_skills_are_kept_and_limit_nobody(key):
    factories.make_operator()
    opened = open_case(key, preferred_skills=["vip"])
    assert json.loads(opened.answer)["routable"] is True
    assert Escalation.objects.get(id=opened.case_id).preferred_skills == ["vip"]


@pytest.mark.django_db
def test_intake_costs_one_round_trip(key):
    sent = []
    with connection.execute_wrapper(lambda execute, *args: sent.append(1) or execute(*args)):
        open_case(key)
    assert sent == []  # the one statement goes to psycopg directly, prepared; Django sends no other


@pytest.mark.django_db
def test_a_long_queue_is_counted_from_its_index_and_only_up_to_a_bound(key, monkeypatch):
    monkeypatch.setattr(sys.modules[HandoffInput.__module__], "AHEAD_LIMIT", 5)
    for number in range(20):
        open_case(key, idempotency_key=f"k{number}")
    as_on_a_large_table()
    before = rows_read()
    opened = open_case(key, idempotency_key="last")
    scanned, fetched = (now - then for now, then in zip(rows_read(), before, strict=True))

    assert json.loads(opened.answer)["ahead"] == 5
    assert scanned == 0
    assert fetched <= 5 + 2  # foreign keys look at the new row


def as_on_a_large_table():
    """Plan anew by the rows that are here, and read nothing as one would only in a table as small as this.

    Statistics are those of whatever test was looked at last, else; and to read all and sort is the quickest.
    """
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE escalations_escalation")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("DISCARD PLANS")


def rows_read():
    """How many rows of the queue this transaction has read: by scanning the table, by an index."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq_tup_read, idx_tup_fetch FROM pg_stat_xact_user_tables "
            "WHERE relname = 'escalations_escalation'"
        )
        return cursor.fetchone()

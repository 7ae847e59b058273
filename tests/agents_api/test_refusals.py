"""A request that is refused leaves nothing behind but one line in the log, which says why and not what."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from agents_api import auth
from agents_api.requests import limits
from agents_api.requests.bodies import BODY_MAX
from escalations import transitions
from escalations.models import Delivery, ReportScope, Scope
from tests.agents_api.conftest import Caller
from tests.agents_api.published import Operation, operations
from tests.factories import make_case, make_key, make_operator, make_report_key, make_resolved

pytestmark = pytest.mark.django_db(transaction=True)

ALL = operations()
TAKING = [one for one in ALL if one.example is not None]
KINDS = {"ApiKeyAuth": auth.OF_AGENTS, "ReportKeyAuth": auth.OF_REPORTS}
MARK = "zanzibar"
# They speak of threads of their own, whenever they like.
_APART = ("escalations.background", "escalations.live.feed")
_stretches = count(2_000_000)


def contents() -> dict[str, Any]:
    """What is in each table, down to the place of each row, so that even a vain update shows."""
    with connection.cursor() as cursor:
        tables = [table for table in connection.introspection.table_names(cursor) if table[0] != "_"]
        rows = "coalesce(string_agg(t.ctid || t::text, '' ORDER BY t.ctid), '')"
        one = f"SELECT '{{0}}', md5({rows}) FROM \"{{0}}\" t"
        cursor.execute(" UNION ALL ".join(one.format(table) for table in tables))
        return dict(cursor.fetchall())


@dataclass
class Watch:
    """Asks, and says what a refused request left behind."""

    lines: pytest.LogCaptureFixture
    seen: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def refused(
        self, status: int, one: Operation, caller: Caller, *, always: bool = True, **sent: Any
    ) -> None:
        """Ask; with `always` the answer must have this status, else only what has it is looked at."""
        caller.key_for(one.auth)  # made before anything is looked at
        before = contents()
        self.lines.clear()
        response = one.ask(caller, **sent)
        if response.status_code != status:
            if always:
                self.faults.append(f"{one}: {response.status_code} {response.content[:300]!r}")
            return
        self.seen.append(str(one))
        after = contents()
        changed = [table for table, content in after.items() if content != before[table]]
        if changed:
            self.faults.append(f"{one}: changed {changed}")
        problem = response.json()["type"].rsplit("/", 1)[1]
        lines = [record.getMessage() for record in self.lines.records if record.name not in _APART]
        wanted = (problem, response.headers["X-Request-ID"], str(status))
        if len(lines) != 1 or not all(word in lines[0] for word in wanted) or MARK in lines[0].lower():
            self.faults.append(f"{one}: logged {lines}")


@pytest.fixture
def watch(caplog: pytest.LogCaptureFixture) -> Iterator[Watch]:
    caplog.set_level(logging.INFO)
    watch = Watch(caplog)
    yield watch
    assert not watch.faults
    assert watch.seen


@pytest.fixture
def case_id(caller: Caller) -> object:
    return make_case(caller.agent).id


@pytest.mark.parametrize("key", ["none", "malformed", "unknown"])
def test_without_a_valid_key(caller, watch, case_id, key):
    for one in ALL:
        kind = KINDS[one.auth]
        shown = {"malformed": kind + MARK, "unknown": auth.new_key(kind).plaintext}.get(key)
        header = f"Bearer {shown}" if shown else None
        watch.refused(401, one, caller, case_id=case_id, Authorization=header)


def test_in_the_name_of_another_agent(caller, stranger, watch):
    named = Caller(stranger.agent, caller.key)
    for one in ALL:
        if isinstance(one.example, dict) and "agent" in one.example:
            watch.refused(403, one, named)


@pytest.mark.parametrize("key", ["of an agent", "for reports"])
def test_with_a_key_of_the_other_kind(caller, watch, case_id, key):
    for one in ALL:
        if (one.auth == "ReportKeyAuth") == (key == "of an agent"):
            shown = caller.key if key == "of an agent" else caller.key_for("ReportKeyAuth")
            watch.refused(401, one, caller, case_id=case_id, Authorization=f"Bearer {shown}")


@pytest.mark.parametrize("scope", sorted({one.scope for one in ALL}))
def test_with_a_key_that_has_every_scope_but_the_one(caller, watch, case_id, scope):
    without = Caller(
        caller.agent,
        make_key(caller.agent, scopes=set(Scope) - {scope}),
        reports=make_report_key(scopes=set(ReportScope) - {scope}),
    )
    for one in ALL:
        if one.scope == scope:
            watch.refused(403, one, without, case_id=case_id)
            if one in TAKING:
                watch.refused(403, one, without, case_id=case_id, body=f'{{"{MARK}'.encode())


def test_about_a_case_that_is_not_theirs(caller, stranger, watch, case_id):
    for one in ALL:
        if one.is_about_a_case:
            watch.refused(404, one, stranger, case_id=case_id)
            watch.refused(404, one, stranger, case_id=uuid4())


def test_that_the_state_of_the_case_does_not_allow(caller, watch, case_id):
    applied, withdrawn = make_resolved(make_operator()), make_case(caller.agent)
    transitions.acknowledge(case_id=applied.id, outcome=Delivery.APPLIED, detail="", actor="agent:support")
    transitions.cancel(case_id=withdrawn.id, actor="agent:support")
    able = [one for one in ALL if 409 in one.statuses and one.is_about_a_case]
    for one in able:
        for other in (applied.id, withdrawn.id, case_id):
            watch.refused(409, one, caller, case_id=other, always=False)
    assert set(watch.seen) == set(map(str, able))


def test_with_a_body_that_is_too_large(caller, watch, case_id):
    body = b'"' + MARK.encode() * (BODY_MAX // len(MARK) + 1) + b'"'
    for one in TAKING:
        watch.refused(413, one, caller, case_id=case_id, body=body)


def test_of_another_media_type(caller, watch, case_id):
    for one in TAKING:
        watch.refused(415, one, caller, case_id=case_id, media_type=f"text/{MARK}")


def test_that_is_no_json(caller, watch, case_id):
    for one in TAKING:
        watch.refused(400, one, caller, case_id=case_id, body=f'{{"{MARK}'.encode())


def test_that_is_not_valid(caller, watch, case_id):
    for one in TAKING:
        watch.refused(422, one, caller, case_id=case_id, body=one.body(caller) | {MARK: MARK})
    for one in ALL:
        if one.method == "GET" and 422 in one.statuses:
            watch.refused(422, one, caller, case_id=case_id, query=f"?{MARK}={MARK}")


def test_under_a_key_that_was_used_for_another(caller, watch):
    for one in TAKING:
        case_id = make_case(caller.agent).id
        key = {"Idempotency-Key": MARK + str(one)}
        one.ask(caller, case_id=case_id, **key)
        body = json.dumps(one.body(caller), indent=1).encode()
        watch.refused(422, one, caller, case_id=case_id, body=body, always=False, **key)
    assert len(watch.seen) >= 2


def test_beyond_the_limit_of_the_key(caller, watch, case_id, monkeypatch, settings):
    now = next(_stretches) * limits.WINDOW
    monkeypatch.setattr(limits, "time", SimpleNamespace(time=lambda: now))
    settings.REQUESTS_PER_SECOND = 1
    for _ in range(limits.WINDOW):
        caller.get("/api/v1/handoffs")
        caller.get("/api/v1/metrics", Authorization=f"Bearer {caller.key_for('ReportKeyAuth')}")
    for one in ALL:
        watch.refused(429, one, caller, case_id=case_id)

"""Finished runs in batches: what is taken, what is refused, and which are drawn for an audit."""

import json
from collections import Counter
from datetime import datetime
from functools import partial
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents_api.documentation import examples
from escalations import sql
from escalations.models import AgentVersion, Escalation, Policy, Run
from escalations.reviews import runs
from tests.agents_api.conftest import Caller, pointers
from tests.factories import make_agent, make_key
from tests.plans import copy_rows, read_by
from tests.threads import at_once

pytestmark = pytest.mark.django_db

URL = "/api/v1/runs"
AGENT = {"name": "support", "version": "2.3"}


def a_run(run_id="run_1", **overrides):
    return {"agent": AGENT, "run_id": run_id, "finished_at": "2026-03-02T09:30:00Z"} | overrides


def report(caller, *given):
    response = caller.post(URL, {"runs": list(given)})
    assert response.status_code == 200, response.content
    return response.json()


def statuses(answer):
    return [result["status"] for result in answer["results"]]


def draw_at(agent, rate, **version):
    number = agent.policies.count() + 1
    Policy.objects.create(agent=agent, number=number, rules={"audit_rate": rate}, **version)


def test_what_was_reported_is_kept(caller):
    answer = caller.post(URL, examples.RUNS).json()
    assert answer == {
        "accepted": 1,
        "duplicate": 0,
        "refused": 0,
        "send_in_full": [],
        "results": [{"run_id": "run_8f2c", "status": "accepted", "drawn": False, "errors": []}],
    }
    run = Run.objects.select_related("agent_version").get()
    assert (run.agent_id, run.agent_version.name) == (caller.agent.pk, "2.3")
    assert (run.confidence, run.confidence_source, run.category) == (0.93, "self_report", "refund")
    assert (run.turns, run.context_tokens, run.seconds, run.retries) == (4, 2100, 12.5, 0)
    assert (str(run.cost_usd), run.tool_errors, run.conversation_id) == ("0.050000", 0, "conv_10")
    assert run.finished_at.isoformat() == "2026-03-02T09:30:00+00:00"
    assert (run.drawn, run.sampling_probability, run.case_id) == (False, 0, None)


def test_the_good_are_taken_and_the_bad_refused_with_reasons(caller):
    answer = report(
        caller,
        a_run("one"),
        a_run("two", confidence=1.5, surprise=True),
        a_run("three", agent={"name": "billing", "version": "of another agent"}),
        a_run("x" * 201),
        "no run",
        a_run("six", agent={"name": "support", "version": "2.4"}),
    )
    assert statuses(answer) == ["accepted", "refused", "refused", "refused", "refused", "accepted"]
    assert (answer["accepted"], answer["duplicate"], answer["refused"]) == (2, 0, 4)
    assert [result["run_id"] for result in answer["results"]] == ["one", "two", "three", None, None, "six"]
    found = [[error["pointer"] for error in result["errors"]] for result in answer["results"]]
    assert sorted(found[1]) == ["/runs/1/confidence", "/runs/1/surprise"]
    assert found[2:5] == [["/runs/2/agent/name"], ["/runs/3/run_id"], ["/runs/4"]]
    assert set(Run.objects.values_list("run_id", flat=True)) == {"one", "six"}
    assert set(AgentVersion.objects.values_list("name", flat=True)) == {"2.3", "2.4"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("finished_at", "yesterday"),
        ("finished_at", "2026-03-02T09:30:00"),
        ("finished_at", 1_772_443_800),
        ("finished_at", "9999-12-31T23:59:59Z"),
        ("confidence", "0.5"),
        ("confidence", -0.0001),
        ("confidence_source", "a feeling"),
        ("tool_errors", 2**31),
        ("tool_errors", -1),
        ("tool_errors", 1.5),
        ("category", ""),
        ("run_id", ""),
        ("run_id", 7),
        ("usage", {"cost_usd": "1e30"}),
        ("usage", {"cost_usd": "NaN"}),
        ("usage", {"seconds": 1e300}),
        ("usage", {"turns": True}),
        ("usage", [1]),
        ("agent", None),
    ],
)
def test_a_hostile_value_is_refused_and_leaves_no_trace(caller, field, value):
    answer = report(caller, a_run() | {field: value})
    assert statuses(answer) == ["refused"]
    assert answer["results"][0]["errors"][0]["pointer"].startswith(f"/runs/0/{field}")
    assert not Run.objects.exists()
    assert not AgentVersion.objects.exists()


def test_odd_but_valid_text_is_kept_as_it_came(caller):
    odd = "'; DROP TABLE x; -- \u202e\ud83d\ude00 \\u0041 {}".encode("utf-16", "surrogatepass").decode(
        "utf-16"
    )
    assert statuses(report(caller, a_run(odd, category="\u0130\u00df"))) == ["accepted"]
    run = Run.objects.get()
    assert (run.run_id, run.category) == (odd, "\u0130\u00df")


@pytest.mark.parametrize("offset", ["+19:12", "-23:59", "+00:00", "Z"])
def test_a_time_of_any_offset_is_kept(caller, offset):
    assert statuses(report(caller, a_run(finished_at=f"2061-11-03T14:23:03{offset}"))) == ["accepted"]
    assert Run.objects.get().finished_at == datetime.fromisoformat(f"2061-11-03T14:23:03{offset}")
    expires_at = f"2061-11-03T14:23:03{offset}"
    assert caller.hand_off(sla={"expires_at": expires_at}).status_code == 201


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        (b'{"runs": [', 400, "not-json"),
        (b'{"runs": [{"run_id": "\\ud800"}]}', 400, "not-json"),
        (b'{"runs": [{"confidence": NaN}]}', 400, "not-json"),
        (b'{"runs": []}', 422, "invalid-request"),
        (b'{"runs": {}}', 422, "invalid-request"),
        (b'{"runs": [{}], "more": 1}', 422, "invalid-request"),
        (b'{"runs": [{"run_id": "\\u0000"}]}', 422, "invalid-request"),
        (b"[]", 422, "invalid-request"),
        (json.dumps({"runs": [a_run(str(i)) for i in range(1_001)]}).encode(), 422, "invalid-request"),
    ],
)
def test_what_is_no_batch_is_refused_as_a_whole(caller, body, status, slug):
    response = caller.post(URL, body)
    assert response.status_code == status
    assert response.json()["type"].endswith(slug)
    assert not Run.objects.exists()


def test_a_batch_that_is_all_wrong_gets_a_bounded_answer(caller):
    wrong = {str(number): 1 for number in range(20)}
    response = caller.post(URL, {"runs": [wrong] * 1_000})
    assert response.json()["refused"] == 1_000
    assert len(response.content) < 1_000_000


def test_without_a_valid_key_nobody_learns_anything(caller):
    response = Caller(caller.agent, "hr_live_nonsense").post(URL, b"{")
    assert response.status_code == 401


def test_a_run_is_reported_once_within_a_batch_and_across(caller):
    draw_at(caller.agent, 1)
    first = report(caller, a_run("one", confidence=0.9), a_run("one", confidence=0.1), a_run("two"))
    assert statuses(first) == ["accepted", "duplicate", "accepted"]
    draw_at(caller.agent, 0)
    again = report(caller, a_run("two", confidence=0.2), a_run("one"), a_run("three"))
    assert statuses(again) == ["duplicate", "duplicate", "accepted"]
    assert [result["drawn"] for result in again["results"]] == [True, True, False]
    assert first["send_in_full"] == ["one", "two"]
    assert again["send_in_full"] == ["two", "one"]
    assert dict(Run.objects.values_list("run_id", "confidence")) == {"one": 0.9, "two": None, "three": None}


def test_agents_name_their_runs_apart(caller, stranger):
    other = {"name": "billing", "version": "1"}
    assert statuses(report(caller, a_run())) == statuses(report(stranger, a_run(agent=other)))
    assert Run.objects.filter(run_id="run_1").count() == 2


def test_a_batch_costs_one_statement_besides_the_key(caller, monkeypatch):
    named = []
    run = sql.run
    monkeypatch.setattr(sql, "run", lambda *names, **values: named.append(names) or run(*names, **values))
    with CaptureQueriesContext(connection) as asked:
        report(caller, *[a_run(f"run_{number}") for number in range(200)])
    assert (named, len(asked)) == ([("runs",)], 1)  # the key
    with CaptureQueriesContext(connection) as asked:
        report(caller, *[a_run(f"run_{number}") for number in range(300)])
    assert (len(named), len(asked)) == (2, 2)  # those that were there before, all at once


def test_the_versions_own_policy_sets_the_rate(caller):
    draw_at(caller.agent, 1)
    report(caller, a_run("before"))
    version = AgentVersion.objects.get(name="2.3")
    draw_at(caller.agent, 0.25, agent_version=version)
    draw_at(caller.agent, 0.5)
    report(caller, a_run("own"), a_run("new", agent=AGENT | {"version": "9"}))
    rates = dict(Run.objects.values_list("run_id", "sampling_probability"))
    assert rates == {"before": 1, "own": 0.25, "new": 0.5}


@pytest.mark.parametrize(("rate", "probability"), [("often", 0), (None, 0), (7, 1), (-1, 0)])
def test_a_rate_that_is_none_is_brought_into_bounds(caller, rate, probability):
    draw_at(caller.agent, rate)
    answer = report(caller, a_run())
    assert Run.objects.get().sampling_probability == probability
    assert answer["send_in_full"] == ["run_1"] * probability


def test_the_draw_is_uniform_for_ids_that_resemble_each_other(settings):
    settings.SECRET_KEY = "a fixed key"
    numbers = [runs.uniform(7, f"run_{number}") for number in range(20_000)]
    assert all(0 <= number < 1 for number in numbers)
    counted = Counter(int(number * 100) for number in numbers)
    chi_square = sum((counted[bin_] - 200) ** 2 / 200 for bin_ in range(100))
    # With 99 degrees of freedom, a uniform draw lies between these 998 times of 1,000.
    assert 61.1 < chi_square < 148.2
    # Neighbours say nothing about each other: the serial correlation is within four standard errors.
    pairs = pairwise(numbers)
    assert abs(sum((a - 0.5) * (b - 0.5) for a, b in pairs) * 12 / 20_000) < 4 / 20_000**0.5


def test_the_draw_is_the_same_whenever_it_is_made_and_secret(settings):
    settings.SECRET_KEY = "a fixed key"
    assert runs.uniform(7, "run_1") == runs.uniform(7, "run_1") != runs.uniform(8, "run_1")
    assert runs.uniform(1, "1:1") != runs.uniform(11, "1")
    drawn = runs.uniform(7, "run_1")
    settings.SECRET_KEY = "another key"
    assert runs.uniform(7, "run_1") != drawn


def test_who_is_drawn_is_who_lies_below_the_rate(caller):
    draw_at(caller.agent, 0.3)
    ids = [f"run_{number}" for number in range(200)]
    below = [run_id for run_id in ids if runs.uniform(caller.agent.pk, run_id) < 0.3]
    answer = report(caller, *[a_run(run_id) for run_id in ids])
    assert answer["send_in_full"] == below
    assert 30 < len(below) < 90
    assert set(Run.objects.filter(drawn=True).values_list("run_id", flat=True)) == set(below)
    assert set(Run.objects.values_list("sampling_probability", flat=True)) == {0.3}


def test_the_full_state_is_linked_to_its_run_once(caller):
    draw_at(caller.agent, 1)
    report(caller, a_run())
    case = caller.hand_off(kind="review", run_id="run_1", pending_actions=[]).json()["id"]
    assert str(Run.objects.get().case_id) == case
    caller.hand_off(kind="review", run_id="run_1", pending_actions=[])
    assert str(Run.objects.get().case_id) == case
    again = report(caller, a_run())
    assert again["results"][0]["drawn"] is True
    assert again["send_in_full"] == []


def test_only_a_review_of_ones_own_drawn_run_is_its_audit(caller, stranger):
    draw_at(caller.agent, 1)
    report(caller, a_run("drawn"))
    draw_at(caller.agent, 0)
    report(caller, a_run("left"))
    caller.hand_off(run_id="drawn")
    caller.hand_off(kind="review", pending_actions=[])
    caller.hand_off(kind="review", run_id="left", pending_actions=[])
    caller.hand_off(kind="review", run_id="unheard of", pending_actions=[])
    stranger.hand_off(kind="review", run_id="drawn", pending_actions=[])
    assert Escalation.objects.count() == 5
    assert not Run.objects.exclude(case=None).exists()


def test_what_was_drawn_is_owed_until_its_full_state_comes(caller, stranger):
    draw_at(caller.agent, 1)
    report(caller, *[a_run(f"run_{number}", confidence=0.9) for number in range(3)])
    draw_at(caller.agent, 0)
    report(caller, a_run("not drawn"))
    one = caller.get(f"{URL}?owed=true&limit=2").json()
    two = caller.get(f"{URL}?owed=true&limit=2&cursor={one['next_cursor']}").json()
    assert {run["run_id"] for run in one["items"] + two["items"]} == {"run_0", "run_1", "run_2"}
    assert two["next_cursor"] is None
    assert one["items"][0] | {"run_id": "", "received_at": ""} == {
        "run_id": "",
        "agent_version": "2.3",
        "conversation_id": None,
        "category": None,
        "confidence": 0.9,
        "sampling_probability": 1,
        "finished_at": "2026-03-02T09:30:00.000000Z",
        "received_at": "",
    }
    caller.hand_off(kind="review", run_id="run_1", pending_actions=[])
    left = caller.get(f"{URL}?owed=true").json()["items"]
    assert {run["run_id"] for run in left} == {"run_0", "run_2"}
    assert stranger.get(f"{URL}?owed=true").json() == {"items": [], "next_cursor": None}
    assert pointers(caller.get(URL)) == ["/query/owed"]
    assert pointers(caller.get(f"{URL}?owed=false")) == ["/query/owed"]


def test_listing_what_is_owed_reads_no_more_rows_where_many_runs_are_kept(caller):
    draw_at(caller.agent, 1)
    report(caller, a_run())
    counts = []
    for size in (2_000, 20_000):
        copy_rows(Run, size, id="gen_random_uuid()", run_id="'{size}.' || number", drawn="number <= 10")
        with CaptureQueriesContext(connection) as asked:
            assert len(caller.get(f"{URL}?owed=true&limit=5").json()["items"]) == 5
        counts.append(read_by(asked.captured_queries[-1]["sql"])["escalations_run"])
    assert max(counts) <= 50


def test_a_refused_review_links_nothing(caller):
    draw_at(caller.agent, 1)
    report(caller, a_run())
    wrong = caller.hand_off(kind="review", run_id="run_1", pending_actions=[], routing={"queue": "nowhere"})
    assert pointers(wrong) == ["/routing/queue"]
    assert Run.objects.get().case_id is None


@pytest.mark.django_db(transaction=True)
def test_the_same_batch_posted_at_once_is_kept_once():
    agent = make_agent()
    key = make_key(agent)
    draw_at(agent, 0.5)
    ids = [f"run_{number}" for number in range(300)]
    batches = [ids, ids[::-1], ids, ids[::-1]]
    jobs = [partial(report, Caller(agent, key), *[a_run(run_id) for run_id in batch]) for batch in batches]
    answers = at_once(jobs)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert sum(answer["accepted"] for answer in answers) == 300
    assert sum(answer["duplicate"] for answer in answers) == 900
    assert len({frozenset(answer["send_in_full"]) for answer in answers}) == 1
    assert Run.objects.count() == 300
    assert AgentVersion.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_reviews_that_come_at_once_one_is_the_audit():
    agent = make_agent()
    key = make_key(agent)
    draw_at(agent, 1)
    report(Caller(agent, key), a_run())
    reviews = [
        partial(Caller(agent, key).hand_off, kind="review", run_id="run_1", pending_actions=[])
        for _ in range(6)
    ]
    answers = at_once(reviews)
    assert [answer.status_code for answer in answers] == [201] * 6
    assert Escalation.objects.count() == 6
    assert str(Run.objects.get().case_id) in {answer.json()["id"] for answer in answers}
    assert Escalation.objects.exclude(audited_run=None).count() == 1

"""What a policy would have done: by the evaluator of the agents, from what people found, within bounds."""

from datetime import timedelta

import pytest
from django.db import connection

from escalations import transitions
from escalations.models import AgentVersion, Escalation, Run
from escalations.policy import policies, trial
from escalations.policy.policies import Code, Signals
from escalations.policy.trial import evidence as records
from escalations.reviews import runs
from escalations.reviews.runs import FinishedRun
from escalations.sla import clocks
from tests.factories import claim, decide, make_agent, make_case, make_operator
from tests.plans import read_by_named

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent():
    """All of its runs are drawn for an audit."""
    return make_agent(rules={"turns": 20, "audit_rate": 1})


def report(agent, count, *, start=0, minutes=1, **fields):
    """Finished runs, one a minute back from now; what was drawn of them."""
    now = clocks.database_now()
    given = [
        FinishedRun(
            run_id=f"run {start + number}",
            agent_version="2.3",
            finished_at=now - timedelta(minutes=minutes * (number + 1)),
            **fields,
        )
        for number in range(count)
    ]
    kept = runs.report(agent_id=agent.pk, runs=given)
    return [run_id for run_id, one in kept.items() if one.drawn]


def audit(agent, run_id, operator, **labels):
    case = make_case(agent, kind="review", reason="other", run_id=run_id)
    decide(claim(case, operator), "respond", **labels)


def wrong(**labels):
    return {"agent_correct": "no", "failure_primary": "other"} | labels


def evidence_of(agent):
    return trial.gather(agent_id=agent.pk, version_ids=[one.pk for one in agent.versions.all()])


def test_who_would_come_more_and_fewer_is_counted_by_the_evaluator(agent):
    report(agent, 30, confidence=0.9, turns=25)
    report(agent, 10, start=30, confidence=0.3, turns=2)
    operator = make_operator()
    for number in range(12):
        case = make_case(agent, usage={"turns": 30}, confidence=0.9, category="refund")
        labels = wrong() if number < 3 else {}
        decide(claim(case, operator), **labels)
    own = make_case(agent, usage={"turns": 2}, confidence=0.9)
    seen = evidence_of(agent)
    assert (seen.runs.total, seen.cases.total) == (40, 13)
    outcome = trial.compare({"turns": 20}, {"confidence": {"*": 0.5}}, seen)
    assert outcome.now.handed_off == pytest.approx((30 + 13) / 53)
    # Of the cases only that which the agent handed off of its own accord still comes.
    assert outcome.draft.handed_off == pytest.approx((10 + 1) / 53)
    assert (outcome.more, outcome.fewer) == (10, 42)
    assert (outcome.kept.hits, outcome.kept.n, outcome.lost) == (0, 3, 3)
    assert (outcome.needless.hits, outcome.needless.n) == (9, 12)
    assert outcome.now.by_rule == {(Code.BUDGET, "turns"): 42}
    assert outcome.draft.by_rule == {(Code.CONFIDENCE, ""): 10}
    assert own.state == "queued"


def test_the_same_reasons_as_the_agent_gets_are_found(agent):
    rules = {"approve_tools": ["issue_refund"], "phrases": ["money back"], "checkpoints": ["*"], "retries": 1}
    steps = [{"name": "look up", "checkpoint": {"passed": False}}, {"name": "refund"}]
    make_case(agent, reason="user_requested", steps=steps, usage={"retries": 2})
    [seen] = evidence_of(agent).cases.rows
    found = policies.reasons(rules | {"asks_for_person": True}, seen.signals)
    codes = [Code.APPROVAL, Code.CHECKPOINT, Code.BUDGET, Code.PHRASE, Code.PERSON]
    assert [finding.code for finding in found] == codes


def test_the_threshold_of_the_agent_itself_is_not_on_trial(agent):
    make_case(agent, confidence=0.6, confidence_threshold=0.9)
    [seen] = evidence_of(agent).cases.rows
    assert not policies.reasons({"confidence": {"*": 0.5}}, seen.signals)


def test_audits_tell_of_errors_by_the_rates_at_which_they_were_drawn(agent):
    operator = make_operator()
    sure, unsure = report(agent, 20, confidence=0.9), report(agent, 12, start=20, confidence=0.6)
    for run_id in sure + unsure:
        audit(agent, run_id, operator, **(wrong() if run_id in unsure else {}))
    Run.objects.filter(run_id__in=unsure).update(sampling_probability=0.25)
    seen = evidence_of(agent)
    assert (seen.runs.total, seen.cases.total, len(seen.audits)) == (32, 0, 32)
    outcome = trial.compare({}, {"confidence": {"*": 0.7}, "audit_rate": 0.1}, seen)
    assert (outcome.now.caught.hits, outcome.draft.caught.hits, outcome.draft.caught.n) == (0, 12, 12)
    assert (outcome.draft.missed.hits, outcome.draft.wrong.hits, outcome.draft.wrong.n) == (0, 0, 20)
    # Each audit that was drawn at a quarter of the rate stands for four times as many runs.
    weighed = 4 * 12 / (4 * 12 + 20)
    assert outcome.now.missed.share == pytest.approx(weighed)
    assert outcome.now.missed.low < weighed < outcome.now.missed.high
    assert outcome.draft.audits == pytest.approx(0.1 * 20)


def test_what_nobody_judged_is_neither_right_nor_wrong(agent, settings):
    settings.UNDO_SECONDS = 5
    operator = make_operator()
    make_case(agent)
    decide(claim(make_case(agent), operator), agent_correct="unsure")
    undone = decide(claim(make_case(agent), operator), **wrong())
    transitions.undo(resolution_id=undone.id, operator=operator)
    assert [seen.was_wrong for seen in evidence_of(agent).cases.rows] == [None, None, None]


def test_what_is_older_or_of_another_version_or_agent_does_not_count(agent):
    report(agent, 3)
    Run.objects.filter(run_id="run 1").update(finished_at=clocks.database_now() - timedelta(days=32))
    other = AgentVersion.objects.create(agent=agent, name="9")
    Run.objects.filter(run_id="run 2").update(agent_version=other)
    old = make_case(agent)
    Escalation.objects.filter(id=old.id).update(received_at=clocks.database_now() - timedelta(days=32))
    make_case(make_agent("billing"))
    version = agent.versions.get(name="2.3")
    seen = trial.gather(agent_id=agent.pk, version_ids=[version.pk])
    assert (seen.runs.total, seen.cases.total) == (1, 0)
    assert trial.gather(agent_id=agent.pk, version_ids=[]).runs.total == 0


def test_of_many_every_nth_is_taken_and_always_the_same(agent, monkeypatch):
    monkeypatch.setattr(records, "RUNS_MAX", 10)
    monkeypatch.setattr(records, "CASES_MAX", 2)
    report(agent, 45)
    for number in range(45):
        Run.objects.filter(run_id=f"run {number}").update(turns=number)
    for _ in range(5):
        make_case(agent)
    seen = evidence_of(agent)
    turns = [one.signals.usage["turns"] for one in seen.runs.rows]
    assert turns == [44, 39, 34, 29, 24, 19, 14, 9, 4]
    assert (seen.runs.total, seen.runs.weight, seen.runs.estimated) == (45, 5, False)
    assert (seen.cases.total, len(seen.cases.rows)) == (5, 2)
    assert evidence_of(agent).runs == seen.runs


def test_of_more_than_can_be_counted_a_few_of_each_slice_are_taken(agent, monkeypatch):
    monkeypatch.setattr(records, "RUNS_MAX", 10)
    monkeypatch.setattr(records, "COUNTED_MAX", 20)
    report(agent, 60, minutes=60 * 12)
    seen = evidence_of(agent)
    assert seen.runs.estimated
    assert len(seen.runs.rows) == 10
    assert seen.runs.total >= 20
    outcome = trial.compare({}, {"turns": 1}, seen)
    assert outcome.draft.handed_off == 0


def test_it_reads_no_more_than_it_says(agent):
    report(agent, 40)
    version = agent.versions.get(name="2.3")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO escalations_run (id, agent_id, agent_version_id, run_id, conversation_id, category, "
            "confidence_source, finished_at, sampling_probability, drawn) "
            "SELECT gen_random_uuid(), agent_id, agent_version_id, 'old ' || number, '', '', '', "
            "finished_at - interval '90 days', 0, false "
            "FROM escalations_run, generate_series(1, 5000) AS number WHERE run_id = 'run 0'"
        )
        cursor.execute("ANALYZE escalations_run")
    until = clocks.database_now()
    period = {"versions": [version.pk], "since": until - timedelta(days=30), "until": until}
    read = read_by_named("trial_runs", **period, counted_max=100, rows_max=10)
    assert read["escalations_run"] <= 40
    cut = {"slices": 30, "slice": timedelta(days=1), "of_each": 5}
    assert read_by_named("trial_runs_sliced", **period, **cut)["escalations_run"] <= 40


def test_the_confidence_of_a_share_is_wilsons_on_what_the_weights_are_worth():
    equal = trial.Share.of([(True, 3.0)] * 5 + [(False, 3.0)] * 15)
    assert (equal.hits, equal.n, equal.share) == (5, 20, 0.25)
    assert (round(equal.low, 3), round(equal.high, 3)) == (0.112, 0.469)
    uneven = trial.Share.of([(True, 9.0)] * 5 + [(False, 1.0)] * 15)
    assert uneven.share == pytest.approx(0.75)
    assert uneven.high - uneven.low > 0.4
    assert trial.Share.of([]).is_enough is False


def test_a_run_is_reported_with_what_the_signals_need(agent):
    report(agent, 1, confidence=0.5, category="refund", tool_errors=3, turns=4)
    [seen] = evidence_of(agent).runs.rows
    usage = {"turns": 4, "context_tokens": None, "cost_usd": None, "seconds": None, "retries": None}
    assert seen.signals == Signals(confidence=0.5, category="refund", usage=usage | {"tool_failures": 3})

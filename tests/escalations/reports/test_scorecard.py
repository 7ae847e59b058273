"""Scorecards, what went wrong where, and what code could decide."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from escalations.models import AgentVersion, CalibrationLook, CheckpointSchema, FailureMode
from escalations.reports import failures
from escalations.reports.code_candidates import candidates
from escalations.reports.failures import first_errors
from escalations.reports.scorecard import Control, controls, difference, scorecard
from tests.escalations.metrics import desk
from tests.escalations.metrics.desk import NOON, WEEK
from tests.factories import make_agent, make_operator

WRONG = {"agent_correct": "no", "failure_primary": "integration"}


def test_two_shares_differ_by_as_much_as_newcombe_published():
    trend = difference(56, 70, 48, 80)

    assert (round(trend.change, 4), round(trend.low, 4), round(trend.high, 4)) == (0.2, 0.0524, 0.3339)
    assert trend.is_clear
    assert not difference(9, 10, 3, 10 - 6).is_clear


@pytest.mark.django_db
def test_a_scorecard_tells_rates_trends_and_the_worst_cases():
    for _ in range(12):
        desk.case(NOON, resolved_after=60, version="2.3", labels=WRONG)
        desk.case(NOON, resolved_after=60, version="2.4")
    dear = desk.case(
        NOON,
        resolved_after=90,
        version="2.4",
        labels=WRONG,
        usage={"cost_usd": 9},
        question="Dear, wrong?",
    )
    AgentVersion.objects.filter(name="2.3").update(created_at=NOON - timedelta(days=90))
    version = AgentVersion.objects.get(name="2.4")

    card = scorecard(version, replace(WEEK, agent="support", version="2.4"))

    modes = {score.mode: score for score in card.modes}
    found = modes[FailureMode.INTEGRATION]
    assert card.before.name == "2.3"
    assert (found.hits, found.n) == (1, 13)
    assert found.trend.change == pytest.approx(1 / 13 - 1)
    assert found.trend.is_clear
    assert [(one.id, one.headline) for one in found.worst] == [(dear.id, "Dear, wrong?")]
    assert modes[FailureMode.COST].hits == 0


@pytest.mark.django_db
def test_controls_are_on_once_they_are_set_up():
    agent = make_agent(rules={"confidence": {"*": 0.7}})
    version = AgentVersion.objects.create(agent=agent, name="2.3")
    now = timezone.now()
    assert controls(version, now).on == set()

    make_agent(rules={"turns": 20, "cost_usd": 1, "tool_failures": 2, "audit_rate": 0.1})
    CheckpointSchema.objects.create(agent=agent, step="find order", number=1, schema={}, sha256="0")

    # Audits run once runs are drawn; a threshold counts once audits prove it.
    assert controls(version, now).on == set(Control) - {Control.THRESHOLD, Control.AUDITS}


@pytest.mark.django_db
@pytest.mark.parametrize(("in_force", "is_on"), [(0.7, True), (0.6, False)])
def test_a_threshold_counts_if_it_is_no_lower_than_what_a_look_chose(in_force, is_on):
    agent = make_agent(rules={"confidence": {"*": 0.9, "refund": in_force}})
    version = AgentVersion.objects.create(agent=agent, name="2.3")
    looked(version, 0.8, 0.65)

    assert (Control.THRESHOLD in controls(version, timezone.now()).on) == is_on


@pytest.mark.django_db
def test_a_threshold_counts_if_it_is_high_enough_for_each_source_that_a_look_was_about():
    version = AgentVersion.objects.create(agent=make_agent(rules={"confidence": {"*": 0.7}}), name="2.3")
    looked(version, 0.8, 0.65, source="logprob")
    assert Control.THRESHOLD in controls(version, timezone.now()).on
    looked(version, 0.9, source="self_report")
    assert Control.THRESHOLD not in controls(version, timezone.now()).on


def looked(version, *passed, source=""):
    """A look at what audits found, whose tests passed at these thresholds and failed at the one below."""
    tests = [{"threshold": threshold, "passed": True} for threshold in passed]
    tests.append({"threshold": passed[-1] - 0.15, "passed": False})
    CalibrationLook.objects.create(
        agent_version=version,
        source=source,
        number=1,
        operator=make_operator(),
        alpha=0.02,
        delta=0.05,
        spent=0.01,
        digest="0",
        findings={"choice": {"tests": tests}},
    )


@pytest.mark.django_db
def test_first_errors_and_causes_are_counted_by_what_people_said():
    said = {"first_error_index": 1, "responsible": "tool", "external_codes": ["2.3"], "root_cause_index": 0}
    fault = {"tool_fault": {"tool": "get_order", "kind": "html_not_json"}}
    talk = {"steps": [{"name": "find order"}, {"name": "refund"}]}
    cascade = {"failure_primary": "error_cascade"}
    desk.case(NOON, resolved_after=60, labels=WRONG | said | fault, **talk)
    desk.case(NOON, resolved_after=60, labels=WRONG | said | cascade, **talk)
    desk.case(NOON, resolved_after=60)

    by_step = first_errors(WEEK)
    every, one = failures.said(WEEK), failures.said(WEEK, "integration")

    assert [(step, figure.n, figure.parts["integration"]) for step, figure in by_step.items()] == [(1, 2, 1)]
    assert every["responsible"] == [("tool", 2)]
    assert one["tool_faults"] == [("get_order · html_not_json", 1)]
    assert (every["external_codes"], every["root_cause"]) == ([("2.3", 2)], [("0", 2)])
    assert not any(failures.said(replace(WEEK, queue="nowhere")).values())


@pytest.mark.django_db
def test_what_code_could_decide_is_named_by_people_or_always_decided_alike():
    for _ in range(10):
        desk.case(NOON, resolved_after=60, category="fee")
    desk.case(NOON, resolved_after=60, category="seat", labels={"deterministic_rule": " Take the aisle. "})
    desk.case(NOON, resolved_after=60, category="legal")

    named, alike = candidates(WEEK)

    assert (named.category, named.named, named.rule, named.is_enough) == ("seat", 1, "Take the aisle.", False)
    assert (alike.category, alike.alike, alike.n, alike.decision) == ("fee", 10, 10, "approve")

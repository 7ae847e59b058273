"""The sample is uniform whatever the rates were, and says what is missing from it."""

from copy import copy
from datetime import timedelta

import numpy as np
import pytest
from django.db.models.functions import Now

from escalations.calibration import evidence
from escalations.calibration.evidence import common_rate, gather
from escalations.models import AgentVersion, Escalation, Resolution, Run
from escalations.models.cases import new_id
from tests.escalations.calibration.runs import SOURCE, audit, low, report, set_rate, version_of
from tests.factories import make_agent, make_case, make_operator
from tests.plans import copy_case, copy_rows, read_by_named

pytestmark = pytest.mark.django_db


def test_the_rate_is_the_one_at_which_most_runs_are_left():
    assert common_rate([]) == common_rate([0.0]) == 0
    assert common_rate([0.1] * 50) == 0.1
    # Thinned to a tenth, 30 + 100/10 would be left; a hundred are without the thirty.
    assert common_rate([0.1] * 30 + [1.0] * 100) == 1
    assert common_rate([0.1] * 95 + [1.0] * 100) == 0.1
    assert common_rate([0.2] * 10 + [0.1] * 4) == 0.2


def test_judged_audits_are_the_sample_and_what_is_missing_is_counted():
    agent, operator = make_agent(rules={"audit_rate": 1}), make_operator()
    judged = {0.9: "yes", 0.8: "no", 0.7: "partial", 0.6: "unsure"}
    drawn = report(agent, [*judged, 0.5, 0.4])
    for run_id, label in zip(drawn, judged.values(), strict=False):
        audit(agent, run_id, operator, label)
    make_case(agent, kind="review", reason="other", run_id=drawn[4])
    report(agent, [0.3], start=50, source="judge")
    seen = gather(version_of(agent), SOURCE)
    found = dict(zip(seen.confidence, seen.wrong, strict=True))
    assert found == {0.9: False, 0.8: True, 0.7: True}
    assert sorted(seen.traffic) == [0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    counts = seen.counts
    assert (counts.judged, counts.unsure, counts.waiting, counts.owed, counts.spared) == (3, 1, 1, 1, 0)
    assert gather(version_of(agent), "logprob").rate == 0


def test_stretches_with_different_rates_are_thinned_to_one():
    """Of the sure runs a quarter was drawn, of the others all: unthinned, half of them would seem unsure."""
    agent = make_agent(rules={"audit_rate": 1})
    report(agent, list(np.linspace(0.1, 0.4, 400)))
    set_rate(agent, 0.25)
    report(agent, list(np.linspace(0.6, 0.9, 1600)), start=400)
    judge_all(agent)
    seen = gather(version_of(agent), SOURCE)
    assert seen.rate == 0.25
    assert (seen.confidence > 0.5).mean() == pytest.approx(0.8, abs=0.1)
    assert seen.counts.spared == pytest.approx(300, abs=40)
    assert seen.counts.judged == len(seen.confidence)
    assert len(seen.traffic) == 2000
    assert gather(version_of(agent), SOURCE).digest == seen.digest


def test_cases_of_low_confidence_stand_for_what_the_threshold_in_force_keeps_from_the_audits():
    agent, operator = make_agent(rules={"audit_rate": 1, "confidence": {"*": 0.5}}), make_operator()
    audit(agent, report(agent, [0.9])[0], operator)
    low(agent, 0.3, operator, "no")
    low(agent, 0.2, operator)
    make_case(agent, reason="low_confidence", confidence=0.1, confidence_source=SOURCE)
    make_case(agent, reason="budget", confidence=0.4, confidence_source=SOURCE)
    set_rate(agent, 0)
    low(agent, 0.45, operator)  # came while nothing was drawn
    Run.objects.update(finished_at="2020-01-01T00:00Z")
    seen = gather(version_of(agent), SOURCE)
    assert dict(zip(seen.confidence, seen.wrong, strict=True)) == {0.9: False, 0.3: True, 0.2: False}
    assert sorted(seen.traffic) == [0.1, 0.2, 0.3, 0.9]
    assert seen.counts.waiting == 1


def test_reading_is_bounded_and_goes_by_indexes(monkeypatch):
    agent, operator = make_agent(rules={"audit_rate": 1}), make_operator()
    audit(agent, report(agent, [0.9])[0], operator)
    copies = {"id": "gen_random_uuid()", "run_id": "'copy ' || number", "case_id": "NULL"}
    copies |= {"finished_at": "finished_at - number * interval '1 minute'", "drawn": "mod(number, 10) = 0"}
    copy_rows(Run, 3000, **copies)
    version = version_of(agent)
    which = {"version": version.pk, "source": SOURCE}
    read = read_by_named("calibration_drawn", **which, rows_max=100)
    assert read["escalations_run"] < 150
    read = read_by_named("calibration_traffic", **which, rate=1.0, counted_max=100, since=None)
    assert read["escalations_run"] < 150
    monkeypatch.setattr(evidence, "SAMPLE_MAX", 20)
    seen = gather(version, SOURCE)
    assert seen.counts.owed + seen.counts.judged == 20


def test_runs_from_before_the_cases_that_are_read_do_not_stand_for_them(monkeypatch):
    agent, operator = make_agent(rules={"audit_rate": 1}), make_operator()
    for run_id, label in zip(report(agent, [0.9, 0.8]), ("yes", "no"), strict=True):
        audit(agent, run_id, operator, label)
    for confidence in (0.3, 0.2, 0.25):
        low(agent, confidence, operator)
    hours = {0.3: 48, 0.2: 2, 0.25: 1}
    for case in Escalation.objects.all():
        came = Now() - timedelta(hours=hours.get(case.confidence, 72))
        Escalation.objects.filter(pk=case.pk).update(received_at=came)
    for confidence, ago in ((0.8, 60), (0.9, 1.5)):
        Run.objects.filter(confidence=confidence).update(finished_at=Now() - timedelta(hours=ago))
    AgentVersion.objects.update(created_at=Now() - timedelta(days=9))
    version = version_of(agent)
    assert sorted(gather(version, SOURCE).confidence) == [0.2, 0.25, 0.3, 0.8, 0.9]

    monkeypatch.setattr(evidence, "TRAFFIC_MAX", 2)  # but for the newest two cases of the agent none are read
    seen = gather(version, SOURCE)

    assert sorted(seen.confidence) == [0.2, 0.25, 0.9]
    assert sorted(seen.traffic) == [0.25, 0.9]
    assert not seen.wrong.any()


def judge_all(agent):
    """Every drawn run is right; all but one by copies of its audit."""
    first, *others = Run.objects.filter(drawn=True).order_by("run_id")
    audit(agent, first.run_id, make_operator())
    first.refresh_from_db()
    copy_case(first.case_id, len(others))
    cases = Escalation.objects.exclude(pk=first.case_id).values_list("pk", flat=True)
    for run, case_id in zip(others, cases, strict=True):
        run.case_id = case_id
    Run.objects.bulk_update(others, ["case"])
    [made] = Resolution.objects.all()
    copies = [copy(made) for _ in others]
    for resolution, run in zip(copies, others, strict=True):
        resolution.pk, resolution.case_id = new_id(), run.case_id
    Resolution.objects.bulk_create(copies)

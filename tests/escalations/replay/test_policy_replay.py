"""An agent's last days once more under other rules: kept, told as it goes, and forgotten after a while."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from escalations import replay, sweeps
from escalations.models import Kept, PolicyReplay, PolicyReplayRows, Replay, ReplayRows, RetentionRule, Run
from escalations.policy.policies import Code
from escalations.policy.trial import Basis, Outcome
from escalations.replay.asked import COUNTS, Under, counted, named_by, unpacked
from escalations.replay.policies import Recorded, examples
from escalations.retention import forgetting
from escalations.reviews import runs
from escalations.reviews.runs import FinishedRun
from escalations.sla import clocks
from tests.factories import claim, decide, make_agent, make_case, make_operator

pytestmark = pytest.mark.django_db
WRONG = {"agent_correct": "no", "failure_primary": "other"}


@pytest.fixture
def agent():
    return make_agent(rules={"turns": 20})


def asked(agent, tried, *, days=7):
    until = clocks.database_now()
    during = (until - timedelta(days=days), until)
    return replay.policies.start(
        operator=make_operator(), agent=agent, version=None, tried=tried, during=during
    )


def report(agent, confidence, count, *, days_ago=0):
    moment = clocks.database_now() - timedelta(days=days_ago, minutes=1)
    names = [f"{confidence} {days_ago} {number}" for number in range(count)]
    told = [
        FinishedRun(run_id=name, agent_version="2.3", confidence=confidence, turns=2, finished_at=moment)
        for name in names
    ]
    runs.report(agent_id=agent.pk, runs=told)


def test_what_would_have_come_stands_beside_what_came(agent):
    operator = make_operator(hourly_cost_usd=60)
    cases = [make_case(agent, usage={"turns": 30}, confidence=0.9) for _ in range(12)]
    for number, case in enumerate(cases):
        decide(claim(case, operator), **(WRONG if number == 7 else {}))
    report(agent, 0.9, 20)
    report(agent, 0.3, 8)
    report(agent, 0.3, 5, days_ago=8)

    one = asked(agent, {"confidence": {"*": 0.5}})
    assert sweeps.sweep_replays() == 1
    one.refresh_from_db()

    found = one.findings
    recorded, outcome = Recorded.of_json(found["recorded"]), Outcome.of_json(found["outcome"])
    assert (recorded.came, recorded.work.n) == (12, 12)
    assert (outcome.now.come, outcome.draft.come) == (12, 8)
    assert (outcome.more, outcome.fewer, outcome.lost) == (8, 12, 1)
    assert outcome.draft.by_rule == {(Code.CONFIDENCE, ""): 8}
    assert Basis.of_json(found["basis"]).runs.total == 28
    spared = examples(found["spared"])
    assert len(spared) == 12
    assert (spared[0].id, spared[0].was_wrong) == (str(cases[7].id), True)
    assert spared[0].names == [(Code.BUDGET, "turns")]
    assert {each.id for each in examples(found["more"])} == {
        str(run.pk) for run in Run.objects.filter(confidence=0.3) if run.run_id.startswith("0.3 0")
    }
    assert (one.in_force, one.policy, one.share) == ({"turns": 20}, None, 1)
    # The figures are those of the rows that are kept.
    kept = unpacked(one.kept.rows)
    count = {name: [len(counted(kept, name, under)) for under in Under] for name in COUNTS}
    assert count["come"] == [12, outcome.now.come, outcome.draft.come]
    assert count["left"] == [28, 28, 40 - 8]
    assert count["undrawn"] == [28, 28, 20]
    assert (count["more"][2], count["fewer"][2], count["worked"][2]) == (8, 12, 12)
    assert (count["errors_in_cases"], count["missed"]) == ([1, 1, 0], [0, 0, 1])
    assert len(named_by(kept, (Code.CONFIDENCE, ""), Under.TRIED)) == 8
    assert len(named_by(kept, (Code.BUDGET, "turns"), Under.IN_FORCE)) == 12


def test_replays_are_played_in_the_order_of_asking_and_a_failed_one_hinders_none(agent):
    Replay.objects.create(asked={"no": "such setting"})
    good, later = asked(agent, agent.policies.get()), asked(agent, {})

    assert [sweeps.sweep_replays() for _ in range(2)] == [1, 1]

    assert "no" in Replay.objects.get().problem
    good.refresh_from_db()
    later.refresh_from_db()
    assert (good.finished_at is None, later.finished_at) == (False, None)
    assert (good.problem, good.policy, good.rules) == ("", agent.policies.get(), {"turns": 20})


def test_old_replays_are_forgotten(agent):
    for model in (Replay, PolicyReplay):
        kept, old = (asked(agent, {}) if model is PolicyReplay else Replay.objects.create() for _ in "ab")
        model.objects.filter(pk=old.pk).update(started_at=Now() - timedelta(days=40))
    assert forgetting.forget_replays(limit=10) == 0

    RetentionRule.objects.create(kept=Kept.REPLAYS, days=30)

    for model, rows in ((Replay, ReplayRows), (PolicyReplay, PolicyReplayRows)):
        rows.objects.bulk_create(rows(replay=one, rows=[]) for one in model.objects.all())

    assert forgetting.forget_replays(limit=10) == 2
    assert (ReplayRows.objects.count(), PolicyReplayRows.objects.count()) == (1, 1)
    assert (Replay.objects.count(), PolicyReplay.objects.get().pk) == (1, kept.pk)

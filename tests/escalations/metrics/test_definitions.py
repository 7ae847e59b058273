"""What counts where: one small past per metric."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from escalations import transitions
from escalations.metrics import BY, METRICS, Figure, all_rows, breakdown, cases, measure, rows, series
from escalations.models import Claim, Escalation, How, Operator, Outcome, WaitingFor
from escalations.reports import code_candidates
from escalations.transitions import LeaseToken
from tests import factories

from . import desk

pytestmark = pytest.mark.django_db

LONG_AGO = desk.NOON - timedelta(days=90)


def figure(name: str) -> Figure:
    return measure([name], desk.WEEK)[name]


def test_intake_counts_what_was_received_in_the_period():
    desk.case()
    desk.case(desk.WEEK.since)
    desk.case(desk.WEEK.until)
    desk.case(LONG_AGO, resolved_after=30)

    assert figure("intake").n == 2


def test_backlog_counts_what_is_open_now_by_age_whenever_it_came():
    desk.case(LONG_AGO)
    factories.make_case()
    desk.case(resolved_after=30)

    backlog = figure("backlog")

    assert backlog.n == 2
    assert backlog.parts == {"fresh": 1, "quarter": 0, "hour": 0, "shift": 0, "day": 1}
    assert backlog.highest > timedelta(days=90).total_seconds()


def test_pickup_and_resolution_count_when_they_happened():
    desk.case(desk.WEEK.since - timedelta(seconds=60), picked_up_after=90, resolved_after=100)
    desk.case(desk.WEEK.until - timedelta(seconds=60), picked_up_after=30, resolved_after=100)

    assert (figure("pickup").n, figure("pickup").mean) == (2, pytest.approx(60))
    assert (figure("resolution").n, figure("resolution").mean) == (1, pytest.approx(100))


def test_a_case_counts_as_passed_on_when_that_happened_however_long_ago_its_claim_began():
    case = desk.case(picked_up_after=60)
    times = {"started_at": desk.NOON - timedelta(days=30), "ended_at": desk.NOON}
    Claim.objects.filter(case=case).update(outcome=Outcome.PASSED, **times)

    assert [row.at for row in rows(METRICS["transfers"], desk.WEEK, limit=9)] == [desk.NOON]


def test_what_is_left_without_waiting_leaves_out_closed_hours_of_the_wait_too():
    case = desk.case(resolved_after=10_000)
    Escalation.objects.filter(id=case.id).update(waited_seconds=600, waited_calendar_seconds=7_200)
    waited_before_that_was_kept = desk.case(resolved_after=10_000)
    Escalation.objects.filter(id=waited_before_that_was_kept.id).update(waited_seconds=600)

    assert sorted(row.value for row in rows(METRICS["resolution_net"], desk.WEEK, limit=9)) == [2_800, 9_400]


def test_sla_counts_open_past_due_as_breached_and_leaves_out_what_is_not_due():
    desk.case(picked_up_after=60, resolved_after=120)
    desk.case(picked_up_after=4_000, resolved_after=90_000)
    desk.case()  # long past both clocks by now
    soon = desk.case()
    ahead = factories.make_case().due_at
    Escalation.objects.filter(id=soon.id).update(pickup_due_at=ahead, due_at=ahead)
    desk.withdrawn(after=60)
    desk.withdrawn(after=90_000)

    found = measure(["pickup_sla", "resolution_sla"], desk.WEEK)

    assert found["pickup_sla"].parts == {"met": 1, "breached": 3}
    assert found["resolution_sla"].parts == {"met": 1, "breached": 3}
    assert found["resolution_sla"].n == 4
    assert found["resolution_sla"].share == 0.25


def test_a_reopened_case_is_picked_up_again_in_time_or_not():
    case = desk.case(resolved_after=60)
    transitions.reopen(case_id=case.id, operator=desk.person(), reason="again")
    Escalation.objects.filter(id=case.id).update(pickup_due_at=Now() - timedelta(seconds=1))
    assert figure("pickup_sla").parts == {"met": 0, "breached": 1}
    factories.claim(case, desk.person())
    assert figure("pickup_sla").parts == {"met": 0, "breached": 1}
    Escalation.objects.filter(id=case.id).update(pickup_due_at=Now() + timedelta(hours=1))
    assert figure("pickup_sla").parts == {"met": 1, "breached": 0}


def owed(seconds: float) -> LeaseToken:
    """A case whose holder owes the user an answer, due so many seconds from now, or before now."""
    made = factories.make_case()
    lease = factories.claim(made, desk.person())
    Escalation.objects.filter(id=made.id).update(
        received_at=desk.NOON, response_due_at=Now() + timedelta(seconds=seconds)
    )
    return lease


def test_each_answer_to_a_user_is_in_time_or_not_by_when_it_was_due():
    transitions.say(lease=owed(60), text="In time")
    once = owed(-1)
    transitions.say(lease=once, text="Too late")
    transitions.say(lease=once, text="Nothing was owed")
    Escalation.objects.filter(id=once.case_id).update(response_due_at=Now() + timedelta(seconds=60))
    transitions.ask(lease=once, whom=WaitingFor.USER, question="Which?", reply_within=timedelta(hours=1))
    agents = owed(60)
    transitions.ask(lease=agents, whom=WaitingFor.AGENT, question="Which?", reply_within=timedelta(hours=1))
    assert figure("response_sla").parts == {"met": 2, "breached": 1}

    factories.decide(owed(60))
    factories.decide(owed(-1))
    owed(60)  # open, and not due
    owed(-1)
    transitions.cancel(case_id=owed(60).case_id, actor="agent:support")

    assert figure("response_sla").parts == {"met": 3, "breached": 3}


def held_before(lease: LeaseToken, seconds: float, by: Operator) -> None:
    """Say that the case of a lease was claimed twice: by somebody else for so long, then under the lease."""
    now = Claim.objects.get(case=lease.case_id)
    times = {"started_at": now.started_at - timedelta(seconds=seconds), "ended_at": now.started_at}
    Claim.objects.filter(pk=now.pk).update(token=2)
    Claim.objects.create(
        case_id=lease.case_id, operator=by, token=1, how=How.PICKED, outcome=Outcome.PASSED, **times
    )
    Escalation.objects.filter(id=lease.case_id).update(lease_token=2)


def decided_after_another(seconds: float, others_seconds: float, **other: Any) -> None:
    """A case that somebody had for so long, and then who decided it."""
    made = factories.make_case()
    lease = factories.claim(made, desk.person())
    started = Now() - timedelta(seconds=seconds)
    Claim.objects.filter(case=made).update(started_at=started)
    held_before(lease, others_seconds, factories.make_operator(**other))
    factories.decide(replace(lease, token=2), deterministic_rule="under 5 euros")
    desk.moved(made, desk.NOON, 0, others_seconds + seconds)


def test_an_approval_is_hasty_by_how_long_who_approved_had_the_case():
    decided_after_another(0.5, 600)
    decided_after_another(600, 0.5)

    assert figure("considered").parts == {"hasty": 1, "considered": 1}
    assert figure("considered").highest == pytest.approx(600, abs=5)


def test_whoever_held_a_case_costs_by_their_own_rate():
    decided_after_another(100, 300, hourly_cost_usd=72)

    # 100 s at $36 an hour and 300 s at $72.
    assert figure("people_cost").mean == pytest.approx(7, abs=0.1)
    assert figure("cost").mean == pytest.approx(7, abs=0.1)
    [kind] = code_candidates.candidates(desk.WEEK)
    assert kind.cost == pytest.approx(figure("cost").mean)


def test_a_decision_that_was_taken_back_is_no_bounce_and_overrode_no_suggestion(settings):
    settings.UNDO_SECONDS = 600
    made = factories.make_case()
    suggested = [transitions.Suggested("failure_primary", "cost", "high_cost")]
    undone = factories.decide(factories.claim(made, desk.person()), suggested=suggested)
    again = transitions.undo(resolution_id=undone.id, operator=desk.person())
    factories.decide(again.lease, suggested=suggested)
    desk.moved(made, desk.NOON, 30, 60)

    assert (figure("bounces").n, figure("bounces").mean) == (1, 0)
    assert figure("detectors").n == 1


def test_overrides_are_of_decisions_about_a_proposal():
    desk.case(resolved_after=60)
    desk.case(resolved_after=60, decision="reject")
    desk.case(resolved_after=60, decision="respond", kind="question")

    override = figure("override")

    assert (override.n, override.hits) == (2, 1)


def test_failure_modes_are_shares_of_each_version():
    desk.case(resolved_after=60, labels={"failure_primary": "integration"})
    desk.case(resolved_after=60, labels={"failure_primary": "none"})
    other = factories.make_agent("billing")
    desk.case(resolved_after=60, agent=other, labels={"failure_primary": "cost"})

    by_version = breakdown(["failure"], desk.WEEK, "agent")["failure"]

    assert by_version["support"].share_of("integration") == 0.5
    assert (by_version["billing"].n, by_version["billing"].parts["cost"]) == (1, 1)


def test_only_the_decision_that_stands_counts():
    case = desk.case(resolved_after=60, labels={"failure_primary": "integration"})
    transitions.reopen(case_id=case.id, operator=desk.person(), reason="again")
    assert figure("failure").n == 0
    factories.decide(factories.claim(case, desk.person()), failure_primary="cost")
    desk.moved(case, desk.NOON, 30, 60)

    assert {mode: n for mode, n in figure("failure").parts.items() if n} == {"cost": 1}


def test_cost_is_the_agents_and_the_operators():
    case = desk.case(resolved_after=60, usage={"cost_usd": 0.5})
    case.resolutions.update(handle_seconds=100)
    case = desk.case(resolved_after=60)
    case.resolutions.update(handle_seconds=300)

    found = measure(["cost", "people_cost", "agent_cost"], desk.WEEK)

    assert found["people_cost"].mean == pytest.approx(2.0)  # 100 s and 300 s at $36 an hour
    assert found["agent_cost"].mean == pytest.approx(0.25)
    assert found["cost"].mean == pytest.approx(2.25)
    assert found["cost"].parts == {"reported": 1}


def test_expired_and_abandoned_are_counted_when_they_ended():
    desk.expired(after=60)
    desk.expired(desk.WEEK.since - timedelta(days=1), after=90)
    desk.withdrawn(after=60)
    desk.withdrawn(after=3)  # too soon to blame the desk
    picked = desk.withdrawn(after=60)
    Escalation.objects.filter(id=picked.id).update(first_claimed_at=desk.NOON + timedelta(seconds=5))

    assert figure("expiry").n == 1
    assert figure("abandonment").n == 1


@pytest.fixture
def a_week():
    """Some of everything, on several days."""
    for day in range(6):
        noon = desk.NOON - timedelta(days=day)
        desk.case(noon, picked_up_after=60, resolved_after=600, usage={"cost_usd": 0.2})
        desk.case(noon, resolved_after=90_000, decision="reject", labels={"failure_primary": "cost"})
        desk.case(noon, picked_up_after=5_000)
        desk.withdrawn(noon, after=30)
    desk.expired(after=60)
    factories.make_case()


def test_the_rows_behind_a_figure_are_as_many_as_it_says(a_week):
    for name, found in measure(METRICS, desk.WEEK).items():
        metric = METRICS[name]
        assert len(list(all_rows(metric, desk.WEEK))) == found.n, name
        for part in metric.parts:
            behind = rows(metric, desk.WEEK, part=part.name, limit=100)
            assert len(behind) == found.parts[part.name], (name, part.name)
        of_cases = len({row.case_id for row in rows(metric, desk.WEEK, limit=100) if row.case_id})
        assert cases(metric, desk.WEEK).count() == of_cases, name


def test_the_figures_of_the_days_and_of_all_else_add_up(a_week):
    flows = [name for name, metric in METRICS.items() if not metric.is_now]
    whole = measure(flows, desk.WEEK)

    for name, days in series(flows, desk.WEEK).items():
        for told_apart in (days, *(breakdown([name], desk.WEEK, by)[name] for by in BY)):
            assert Figure.total(METRICS[name], told_apart.values()).n == whole[name].n, name
            assert Figure.total(METRICS[name], told_apart.values()).parts == whole[name].parts, name


def test_filters_narrow_to_agent_version_and_queue(a_week):
    travel = factories.make_queue("travel")
    desk.case(agent=factories.make_agent("travel", queue=travel))

    def intake(**names: str) -> int:
        return measure(["intake"], replace(desk.WEEK, **names))["intake"].n

    assert intake(agent="travel") == intake(queue="travel") == intake(agent="travel", version="2.3") == 1
    assert intake(agent="travel", version="9") == 0
    assert intake(queue="support") == intake(agent="support") == intake() - 1


def test_all_metrics_together_cost_a_query_and_one_that_asks_how_many_cases_there_are(
    a_week, django_assert_num_queries
):
    with django_assert_num_queries(2):
        measure(METRICS, desk.WEEK)

"""What each kind of alert measures, now and at past times, and what becomes of it."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now

from agents_api.models import WebhookDelivery, WebhookEndpoint
from escalations import sweeps, transitions
from escalations.alerts import kinds, trial, watching
from escalations.alerts.episodes import Reading
from escalations.metrics import rolling, wilson
from escalations.models import (
    Agent,
    AgentVersion,
    Alert,
    AlertKind,
    AlertRule,
    Claim,
    Escalation,
    Notice,
    Queue,
    Resolution,
    Role,
    Run,
    Stay,
)
from escalations.sla import clocks
from tests.agents_api.webhooks.conftest import decided, make_endpoint
from tests.factories import claim, decide, make_agent, make_case, make_operator, make_queue, make_skill
from tests.threads import at_once

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def rule(kind, **fields):
    default = kinds.KINDS[kind]
    made = {"threshold": default.threshold, "hours": default.hours or 1} | fields
    return AlertRule.objects.create(kind=kind, **made)


def measured(one, ago=timedelta(0)):
    [reading] = kinds.of(one).read(one, [clocks.database_now() - ago])
    return reading


def resolved(ago, count=1, agent=None, **labels):
    """Cases that were received, taken after a second and decided so long ago."""
    operator = make_operator(queues=[make_queue(), make_queue("returns")])
    for _ in range(count):
        case = make_case(agent or make_agent())
        decide(claim(case, operator), **labels)
        moved(case, ago)


def moved(case, ago):
    seconds = timedelta(seconds=1)
    Escalation.objects.filter(id=case.id).update(
        received_at=Now() - ago - seconds, first_claimed_at=Now() - ago, closed_at=F("closed_at") - ago
    )
    Resolution.objects.filter(case=case).update(created_at=F("created_at") - ago)


def test_the_service_level_is_that_of_the_hours_of_the_rule_and_of_its_queue():
    one = rule(AlertKind.SERVICE_LEVEL, queue=make_queue())
    other = rule(AlertKind.SERVICE_LEVEL, queue=make_queue("returns"))
    resolved(timedelta(minutes=10), count=8)
    assert measured(one).value is None  # too few to say anything
    for _ in range(4):
        case = make_case()
        decide(claim(case, make_operator()))
        moved(case, timedelta(minutes=5))
        Escalation.objects.filter(id=case.id).update(first_claimed_at=F("received_at") + timedelta(minutes=4))
    assert (measured(one).value, measured(one).n) == (8 / 12, 12)
    assert measured(one, ago=2 * HOUR).n == measured(other).n == 0


def test_the_oldest_case_is_the_oldest_that_was_open_at_that_time():
    one = rule(AlertKind.OLDEST_CASE)
    assert measured(one).value == 0
    moved_case = make_case()
    Escalation.objects.filter(id=moved_case.id).update(received_at=Now() - 5 * HOUR)
    resolved(2 * HOUR)
    Escalation.objects.filter(state="resolved").update(received_at=Now() - 7 * HOUR)
    audit = make_case(kind="review")
    Escalation.objects.filter(id=audit.id).update(received_at=Now() - 90 * HOUR)
    assert measured(one).value == pytest.approx(5 * 3600, abs=60)
    assert measured(one, ago=3 * HOUR).value == pytest.approx(4 * 3600, abs=60)
    assert measured(rule(AlertKind.AUDIT_BACKLOG)).value == pytest.approx(90 * 3600, abs=60)


def test_nobody_is_eligible_where_nobody_who_was_there_had_the_skill():
    one = rule(AlertKind.NO_ELIGIBLE)
    make_skill("french")
    case = make_case(routing={"skills": ["french"]})
    Escalation.objects.filter(id=case.id).update(received_at=Now() - 2 * HOUR)
    english, french = make_operator(), make_operator(skills=["french"])
    Stay.objects.create(operator=english, availability="available", started_at=Now() - DAY, ended_at=Now())
    assert measured(one).value == pytest.approx(2 * 3600, abs=60)
    Stay.objects.create(
        operator=french, availability="available", started_at=Now() - DAY, ended_at=Now() - HOUR
    )
    assert measured(one, ago=timedelta(minutes=90)).value == 0
    assert measured(one).value == pytest.approx(2 * 3600, abs=60)
    Stay.objects.filter(operator=french).update(ended_at=Now())
    assert measured(one).value == 0


def test_what_was_given_back_waits_for_somebody_again():
    one = rule(AlertKind.NO_ELIGIBLE)
    make_skill("french")
    french = make_operator(skills=["french"])
    case = make_case(routing={"skills": ["french"]})
    lease = claim(case, french)
    Claim.objects.update(started_at=Now() - 5 * HOUR)
    Escalation.objects.update(received_at=Now() - 6 * HOUR, first_claimed_at=Now() - 5 * HOUR)
    assert measured(one).value == 0
    transitions.release(lease=lease)
    Claim.objects.update(ended_at=Now() - 2 * HOUR)
    Escalation.objects.update(clock_started_at=Now() - 6 * HOUR)
    assert (measured(one).value, measured(one).n) == (pytest.approx(2 * 3600, abs=60), 1)
    assert measured(one, ago=3 * HOUR).value == 0

    claim(case, french)
    assert measured(one).value == 0
    assert measured(one, ago=HOUR).value == pytest.approx(3600, abs=60)
    assert measured(one, ago=timedelta(hours=5, minutes=30)).value == pytest.approx(1800, abs=60)


def report_runs(count, ago, *, confidence=None, cases=(), drawn=False):
    version, _ = AgentVersion.objects.get_or_create(agent=make_agent(), name="2.3")
    for number in range(count):
        Run.objects.create(
            agent=version.agent,
            agent_version=version,
            run_id=f"{ago}{number}{confidence}{drawn}",
            confidence=confidence,
            finished_at=Now() - ago,
            received_at=Now() - ago,
            sampling_probability=1,
            drawn=drawn,
            case=cases[number] if cases else None,
        )


def test_the_escalation_rate_is_held_against_the_four_weeks_before():
    one = rule(AlertKind.ESCALATION_RATE, agent=make_agent())
    report_runs(90, 3 * DAY)
    resolved(3 * DAY, count=10)
    report_runs(6, HOUR)
    resolved(HOUR, count=4)
    assert measured(one).value == pytest.approx(wilson(4, 10)[0] / 0.1)
    Escalation.objects.filter(received_at__gt=Now() - DAY).update(received_at=Now() - 40 * DAY)
    report_runs(54, 2 * HOUR)
    assert measured(one).value == pytest.approx((10 / 100) / wilson(0, 60)[1])


def test_a_failure_mode_spikes_by_its_own_baseline_and_is_named():
    one = rule(AlertKind.FAILURE_SPIKE)
    resolved(5 * DAY, count=2, failure_primary="cost")
    resolved(5 * DAY, count=18, failure_primary="none")
    resolved(HOUR, count=5, failure_primary="cost")
    resolved(HOUR, count=5, failure_primary="none")
    reading = measured(one)
    assert (reading.value, reading.detail) == (pytest.approx(wilson(5, 10)[0] / 0.1), "cost")


def test_overrides_and_cost_are_those_of_the_metrics():
    resolved(HOUR, count=12)
    Resolution.objects.update(overrode=False, handle_seconds=3600)
    Resolution.objects.filter(pk__in=Resolution.objects.values("pk")[:3]).update(overrode=True)
    assert measured(rule(AlertKind.OVERRIDE)).value == pytest.approx(3 / 12)
    assert measured(rule(AlertKind.COST)).value == pytest.approx(36.0)


@pytest.mark.parametrize("narrowed", [{}, {"agent": "support"}, {"queue": "support"}])
def test_a_baseline_comes_out_of_what_was_counted_ahead_and_is_the_same(narrowed):
    for days in range(2, 12):
        resolved(days * DAY, 2, failure_primary="none")
    resolved(DAY + HOUR / 3, 3, failure_primary="cost", agent_correct="no")
    resolved(HOUR, 10, failure_primary="cost", agent_correct="no")
    resolved(HOUR, 5, agent=make_agent("other", queue=make_queue("returns")), failure_primary="none")
    found = {"agent": Agent, "queue": Queue}
    scope = {name: found[name].objects.get(name=value) for name, value in narrowed.items()}
    one = rule(AlertKind.FAILURE_SPIKE, hours=24, **scope)
    at = clocks.database_now()
    [counted] = kinds.of(one).read(one, [at])
    assert counted.value > 2
    rolling.roll_up()
    # No event says so: only who reads the old facts would see it.
    Resolution.objects.filter(created_at__lt=Now() - 2 * DAY).update(failure_primary="cost")
    assert kinds.of(one).read(one, [at]) == [counted]
    rolling.begin_anew()
    assert kinds.of(one).read(one, [at])[0].value < 1


def test_calibration_drifts_where_audits_find_more_errors_of_sure_runs():
    one = rule(AlertKind.CALIBRATION)
    for ago, correct in ((10 * DAY, "yes"), (DAY, "no")):
        cases = [make_case(kind="review") for _ in range(10)]
        for case in cases:
            decide(claim(case, make_operator()), decision="respond", agent_correct=correct)
            moved(case, ago)
        report_runs(10, ago, confidence=0.9, cases=cases, drawn=True)
    assert measured(one).value == pytest.approx(0.81 - 0.01)


def test_webhooks_that_fail_are_counted():
    make_endpoint("https://one.example/")
    decided()
    WebhookDelivery.objects.update(state="failed")
    assert measured(rule(AlertKind.DELIVERY)).value == 1


def test_a_sweep_tells_supervisors_once_and_keeps_when_it_began_and_ended():
    boss, colleague = make_operator(role=Role.REVIEWER), make_operator()
    one = rule(AlertKind.OLDEST_CASE, queue=make_queue(), threshold=3600)
    sweeps.sweep_alerts()
    assert not Alert.objects.exists()
    case = make_case()
    Escalation.objects.filter(id=case.id).update(received_at=Now() - 2 * HOUR)
    assert sweeps.sweep_alerts() == 0  # it was looked at less than a minute ago
    for _ in range(3):
        AlertRule.objects.update(looked_at=None)
        sweeps.sweep_alerts()
    alert = Alert.objects.get()
    assert (alert.rule, alert.threshold, alert.ended_at) == (one, 3600, None)
    notice = Notice.objects.get(kind="alert")
    assert (notice.operator, notice.text) == (boss, "Oldest case (support): 2 h, more than 60 min")
    assert not colleague.notices.exists()
    Escalation.objects.update(state="cancelled", closed_at=Now())
    AlertRule.objects.update(looked_at=None)
    assert sweeps.sweep_alerts() == 1
    alert.refresh_from_db()
    assert alert.ended_at
    assert Notice.objects.filter(kind="alert").count() == 1


def test_an_alert_of_a_rule_that_is_turned_off_is_over_and_the_desks_endpoints_are_told():
    one = rule(AlertKind.COST, is_active=False)
    Alert.objects.create(rule=one, threshold=1, value=2, worst=2, began_at=Now())
    endpoint = make_endpoint("https://desk.example/")
    WebhookEndpoint.objects.update(agent=None)
    assert (watching.watch(), watching.watch()) == (1, 0)
    assert Alert.objects.get().ended_at
    told = WebhookDelivery.objects.get()
    assert (told.endpoint, told.event_type) == (endpoint, "alert.ended")


@pytest.mark.django_db(transaction=True)
def test_workers_that_look_at_once_begin_one_alert():
    one = rule(AlertKind.COST)
    make_operator(role=Role.ADMIN)
    reading = Reading(clocks.database_now(), 99.0, 20)
    told = at_once([lambda: watching.look(AlertRule.objects.get(pk=one.pk), reading)] * 4)
    assert sorted(told) == ["", "", "", "began"]
    assert Alert.objects.count() == Notice.objects.count() == 1


def test_the_desks_own_endpoints_are_told_of_both_ends_and_agents_are_not():
    endpoint = make_endpoint("https://desk.example/")
    make_endpoint("https://agent.example/")
    endpoint.agent = None
    endpoint.save()
    one = rule(AlertKind.COST, threshold=10)
    now = clocks.database_now()
    watching.look(one, Reading(now - HOUR, 12.5, 20))
    watching.look(one, Reading(now, 9.0, 20))
    told = [(row.endpoint_id, row.event_type) for row in WebhookDelivery.objects.order_by("created_at")]
    assert told == [(endpoint.pk, "alert.began"), (endpoint.pk, "alert.ended")]
    assert '"kind":"cost"' in WebhookDelivery.objects.first().body


@pytest.mark.parametrize("kind", AlertKind)
def test_what_would_have_fired_is_measured_as_it_is_measured_now(kind):
    agent = make_agent() if kinds.KINDS[kind].needs_agent else None
    one = rule(kind, agent=agent)
    report_runs(30, 50 * HOUR)
    resolved(50 * HOUR, count=12, failure_primary="cost")
    Escalation.objects.filter(id=make_case().id).update(received_at=Now() - 60 * HOUR)
    now = clocks.database_now()
    moments = trial.moments_until(now, kinds.of(one).step)
    many = kinds.of(one).read(one, moments)
    assert [reading.at for reading in many] == moments
    for back in (0, 48, 52, 200):
        [alone] = kinds.of(one).read(one, [moments[-1 - back]])
        assert many[-1 - back] == alone


def test_the_trial_finds_the_episodes_of_the_month_and_keeps_nothing():
    resolved(50 * HOUR, count=12)
    Resolution.objects.update(handle_seconds=3600)
    found = trial.last_month(AlertRule(kind=AlertKind.COST, threshold=30, hours=4, cooldown_minutes=60))
    [episode] = found.episodes
    assert episode.worst == pytest.approx(36.0)
    assert episode.worst_at == episode.began.at
    assert episode.ended_at - episode.began.at == 4 * HOUR
    assert not Alert.objects.exists()

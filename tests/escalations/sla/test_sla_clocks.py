"""The clocks of a case: targets, warnings, breaches, pauses. Each test says what time it is."""

from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from django.db.models import F
from django.db.models.functions import Now

from escalations import sweeps, transitions
from escalations.models import (
    Clock,
    Escalation,
    Event,
    Notice,
    NoticeKind,
    Priority,
    Queue,
    Ring,
    SlaTarget,
    State,
    Timer,
    WaitingFor,
)
from escalations.routing import eligibility
from escalations.sla import clocks, timers
from operators.templatetags import desk
from tests import factories
from tests.escalations.sla.test_business_time import at, make_calendar, office
from tests.factories import reread

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
# From the start of a case with the targets of `started_at`: 10 minutes to pickup, an hour to resolution.
PICKUP, RESOLUTION = timedelta(minutes=10), HOUR


def start_at(case, moment):
    """Start the clocks of the case anew, as a reopening at that time would."""
    fields = clocks.started(case.queue, case.priority, moment)
    Escalation.objects.filter(id=case.id).update(**fields, received_at=moment)
    clocks.restart_timers(case.id, moment)
    return reread(case)


def started_at(moment, **overrides):
    factories.make_queue(sla={Priority.NORMAL: (PICKUP.seconds, RESOLUTION.seconds)})
    return start_at(factories.make_case(**overrides), moment)


def hold(case):
    """Somebody takes it, which stops the clock of the pickup."""
    return factories.claim(case, factories.make_operator())


def wait_from(case, moment):
    Escalation.objects.filter(id=case.id).update(
        state=State.WAITING,
        waiting_for=WaitingFor.USER,
        holder=None,
        lease_expires_at=None,
        **clocks.paused() | {"paused_at": moment},
    )


def go_on_at(case, moment):
    fields = clocks.resumed(reread(case), moment)
    Escalation.objects.filter(id=case.id).update(state=State.QUEUED, waiting_for="", **fields)
    clocks.restart_timers(case.id, moment)
    return reread(case)


def told(case):
    """What was said of its clocks, in order: warnings by percent, breaches as 100."""
    events = Event.objects.filter(case=case, kind__in=["sla_warning", "breached"]).order_by("id")
    return [(event.data["clock"], event.data.get("percent", 100)) for event in events]


def due_timers(case):
    """The timers that have not fired: clock, percent and time."""
    rows = Timer.objects.filter(case=case, fired_at=None).order_by("kind", "due_at")
    return [(timer.kind, timer.percent, timer.due_at) for timer in rows]


def test_intake_sets_each_clock_by_the_targets_of_its_queue():
    factories.make_queue(sla={Priority.NORMAL: (600, 3600)})
    case = factories.make_case()

    assert case.clock_started_at == case.received_at
    assert case.pickup_due_at == case.received_at + timedelta(seconds=600)
    assert case.due_at == case.received_at + timedelta(seconds=3600)
    assert due_timers(case) == [
        ("pickup", 50, case.received_at + timedelta(seconds=300)),
        ("resolution", 50, case.received_at + timedelta(seconds=1800)),
    ]


def test_intake_counts_business_time_where_the_queue_has_a_calendar():
    calendar = make_calendar("Asia/Kathmandu", [(day, time(9), time(17)) for day in range(7)])
    Queue.objects.filter(id=factories.make_queue(sla={Priority.NORMAL: (600, 30_000)}).id).update(
        calendar=calendar
    )
    case = factories.make_case()

    assert case.pickup_due_at == clocks.business_deadline(calendar.pk, case.received_at, 600)
    assert case.due_at == clocks.business_deadline(calendar.pk, case.received_at, 30_000)
    assert due_timers(case) == [
        ("pickup", 50, clocks.business_deadline(calendar.pk, case.received_at, 300)),
        ("resolution", 50, clocks.business_deadline(calendar.pk, case.received_at, 15_000)),
    ]


def test_each_step_is_told_once_and_sets_the_next():
    case = started_at(NOON)
    hold(case)
    Timer.objects.filter(kind="pickup").delete()
    for minutes, percent in ((30, 50), (45, 75), (54, 90), (60, 100)):
        moment = NOON + timedelta(minutes=minutes)
        assert due_timers(case) == [("resolution", percent, moment)]
        assert timers.fire(limit=10, now=moment - SECOND) == 0
        assert timers.fire(limit=10, now=moment) == 1
        assert told(case)[-1] == ("resolution", percent)
    assert due_timers(case) == []
    assert len(told(case)) == 4


def test_pickup_and_resolution_run_apart():
    case = started_at(NOON)
    for minutes in range(61):
        timers.fire(limit=10, now=NOON + timedelta(minutes=minutes))
    assert [percent for clock, percent in told(case) if clock == "pickup"] == [50, 75, 90, 100]
    assert [percent for clock, percent in told(case) if clock == "resolution"] == [50, 75, 90, 100]


def test_a_late_sweep_tells_of_the_newest_step_only():
    case = started_at(NOON)
    timers.fire(limit=10, now=NOON + timedelta(minutes=55))
    assert told(case) == [("pickup", 100), ("resolution", 90)]
    assert due_timers(case) == [("resolution", 100, NOON + HOUR)]


def test_a_clock_that_stopped_tells_of_nothing():
    taken = started_at(NOON)
    closed = start_at(factories.make_case(), NOON)
    hold(taken)
    factories.decide(hold(closed))

    timers.fire(limit=10, now=NOON + timedelta(days=1))

    assert told(taken) == [("resolution", 100)]
    assert told(closed) == []
    assert due_timers(closed) == []


def test_a_breach_pages_each_active_admin_once():
    boss = factories.make_admin("boss")
    factories.make_admin("gone", is_active=False)
    case = started_at(NOON, question="Refund?")
    hold(case)

    for hours in (1, 2):
        timers.fire(limit=10, now=NOON + hours * HOUR)

    notice = Notice.objects.get()
    assert (notice.operator, notice.case, notice.kind) == (boss, case, NoticeKind.BREACHED)
    assert notice.text == "Past due: Refund?"


def told_people():
    """Who was warned and has not read it, and of what."""
    notices = Notice.objects.filter(kind=NoticeKind.AT_RISK, read_at=None)
    return {(notice.operator.username, notice.text) for notice in notices.select_related("operator")}


def test_warnings_reach_the_holder_and_then_the_supervisors():
    factories.make_admin("boss")
    factories.make_operator("ruth", role="reviewer", queues=[])
    factories.make_operator("noor")
    case = started_at(NOON, question="Refund?")
    factories.claim(case, factories.make_operator("holder"))

    timers.fire(limit=10, now=NOON + timedelta(minutes=30))
    assert told_people() == set()
    timers.fire(limit=10, now=NOON + timedelta(minutes=45))
    assert told_people() == {("holder", "A quarter of the time to decide it is left: Refund?")}
    timers.fire(limit=10, now=NOON + timedelta(minutes=54))
    words = "A tenth of the time to decide it is left: Refund?"
    assert told_people() == {("holder", words), ("ruth", words), ("boss", words)}
    timers.fire(limit=10, now=NOON + HOUR)
    assert told_people() == {("holder", words)}
    late = Notice.objects.filter(kind=NoticeKind.BREACHED, read_at=None)
    assert {notice.operator.username for notice in late} == {"ruth", "boss"}


def test_a_case_that_nobody_takes_is_told_to_the_supervisors_before_it_is_late():
    factories.make_admin("boss")
    started_at(NOON, question="Refund?")
    for percent in (50, 75, 90):
        timers.fire(limit=10, now=NOON + PICKUP * percent / 100)
    words = "Nobody took it yet, and a tenth of the time for that is left: Refund?"
    assert told_people() == {("boss", words)}


def test_reopening_is_a_new_cycle_that_can_breach_again():
    factories.make_admin("boss")
    case = started_at(NOON)
    lease = hold(case)
    timers.fire(limit=10, now=NOON + HOUR)
    factories.decide(lease)
    again = transitions.reopen(case_id=case.id, operator=lease.operator, reason="It came back")

    assert again.clock_started_at == again.due_at - RESOLUTION
    assert due_timers(case) == [
        ("pickup", 50, again.clock_started_at + PICKUP / 2),
        ("resolution", 50, again.due_at - RESOLUTION / 2),
    ]
    timers.fire(limit=10, now=again.due_at)
    assert sorted(told(case)) == [("pickup", 100), ("resolution", 100), ("resolution", 100)]
    assert Notice.objects.count() == 3


def test_the_first_claim_of_a_cycle_ends_its_pickup_and_a_release_does_not_start_it_again():
    factories.make_queue(sla={Priority.NORMAL: (PICKUP.seconds, RESOLUTION.seconds)})
    case = factories.make_case()
    lease = hold(case)
    factories.decide(lease)
    again = transitions.reopen(case_id=case.id, operator=lease.operator, reason="It came back")
    transitions.release(lease=factories.claim(case, lease.operator))
    clocks.restart_timers(case.id)

    assert [clock for clock, _, _ in due_timers(case)] == ["resolution"]
    timers.fire(limit=10, now=again.pickup_due_at)
    assert told(case) == []


def test_a_pause_moves_what_was_left_and_nothing_is_told_in_it():
    case = started_at(NOON)
    hold(case)
    timers.fire(limit=10, now=NOON + timedelta(minutes=30))
    wait_from(case, NOON + timedelta(minutes=40))
    assert timers.fire(limit=10, now=NOON + 3 * HOUR) == 1

    case = go_on_at(case, NOON + 4 * HOUR)

    assert told(case) == [("resolution", 50)]
    assert case.due_at == NOON + 4 * HOUR + timedelta(minutes=20)
    assert case.waited_seconds == 200 * 60
    assert due_timers(case) == [("resolution", 75, NOON + 4 * HOUR + timedelta(minutes=5))]
    # And once more: two pauses add up.
    wait_from(case, NOON + 4 * HOUR + timedelta(minutes=10))
    case = go_on_at(case, NOON + 10 * HOUR)
    assert case.due_at == NOON + 10 * HOUR + timedelta(minutes=10)
    assert due_timers(case) == [("resolution", 75, NOON + 10 * HOUR - timedelta(minutes=5))]
    timers.fire(limit=10, now=NOON + 10 * HOUR)
    assert due_timers(case) == [("resolution", 90, NOON + 10 * HOUR + timedelta(minutes=4))]


def test_a_pause_after_the_due_time_does_not_undo_the_breach():
    case = started_at(NOON)
    hold(case)
    wait_from(case, NOON + 2 * HOUR)
    case = go_on_at(case, NOON + 3 * HOUR)
    assert case.due_at == NOON + HOUR
    timers.fire(limit=10, now=NOON + 3 * HOUR)
    assert told(case) == [("resolution", 100)]


def test_the_hard_limit_of_the_agent_never_moves():
    expires_at = clocks.database_now() + 24 * HOUR
    case = started_at(NOON, sla={"expires_at": expires_at.isoformat()})
    hold(case)
    wait_from(case, NOON)
    assert "expires_at" not in clocks.resumed(reread(case), NOON + HOUR)
    assert "expires_at" not in clocks.reprioritised(reread(case), Priority.URGENT)


def test_a_case_that_waits_is_neither_at_risk_nor_breached_by_waiting():
    safe, risky, late = (factories.make_case() for _ in range(3))
    for case, minutes in ((safe, 10), (risky, 55), (late, 70)):
        case.queue.sla_targets.all().delete()
        hold(case)
        Escalation.objects.filter(id=case.id).update(
            clock_started_at=Now() - 24 * HOUR, due_at=Now() - 23 * HOUR
        )
        wait_from(case, reread(case).clock_started_at + timedelta(minutes=minutes))

    assert list(Escalation.objects.at_risk()) == [risky]
    assert list(Escalation.objects.breached()) == [late]


def test_time_at_risk_is_counted_from_the_start_of_the_cycle():
    case = factories.make_case()
    Escalation.objects.filter(id=case.id).update(
        received_at=Now() - 1000 * HOUR, clock_started_at=Now() - HOUR, due_at=Now() + HOUR
    )
    assert not Escalation.objects.at_risk().exists()
    Escalation.objects.filter(id=case.id).update(clock_started_at=Now() - 5 * HOUR)
    assert Escalation.objects.at_risk().exists()


def test_a_pause_is_no_time_that_was_used_up():
    case = factories.make_case()
    hold(case)
    now = clocks.database_now()
    Escalation.objects.filter(id=case.id).update(
        clock_started_at=now - 10 * HOUR, due_at=now - 9 * HOUR, pickup_due_at=now - 9 * HOUR
    )
    wait_from(case, now - 10 * HOUR + timedelta(minutes=10))
    case = go_on_at(case, now)  # fifty of sixty minutes are left

    assert not Escalation.objects.at_risk().exists()
    assert 'class=""' in desk.due(case, now)
    assert eligibility.ring_by_time(case, now) < Ring.SEVERAL
    later = now + timedelta(minutes=39)
    assert 'class="warn"' in desk.due(case, later)
    assert eligibility.ring_by_time(case, later) == Ring.SEVERAL
    Escalation.objects.update(
        clock_started_at=F("clock_started_at") - HOUR, due_at=now + timedelta(minutes=11)
    )
    assert Escalation.objects.at_risk().exists()


def test_the_clock_that_runs_out_next_is_known_whatever_moves_it():
    factories.make_queue(sla={Priority.NORMAL: (PICKUP.seconds, RESOLUTION.seconds)})
    SlaTarget.objects.update(response_seconds=120)

    def clock():
        now = reread(case)
        assert now.next_due_at == {
            Clock.PICKUP: now.pickup_due_at,
            Clock.RESOLUTION: now.due_at,
            Clock.RESPONSE: now.response_due_at,
        }.get(now.next_clock)
        return now.next_clock

    case = factories.make_case()
    assert clock() == Clock.PICKUP
    assert case.at_risk_at == case.clock_started_at + PICKUP * 4 / 5
    lease = hold(case)
    assert clock() == Clock.RESOLUTION
    assert reread(case).at_risk_at == case.clock_started_at + RESOLUTION * 4 / 5
    transitions.add_message(case_id=case.id, messages=[factories.USER_ASKS], actor="agent:support")
    assert clock() == Clock.RESPONSE
    transitions.release(lease=lease)
    assert clock() == Clock.RESPONSE  # picked up once, it is not to be picked up again
    lease = hold(case)
    transitions.say(lease=lease, text="I look into it.")
    assert clock() == Clock.RESOLUTION
    factories.decide(lease)
    transitions.reopen(case_id=case.id, operator=lease.operator, reason="It came back")
    assert clock() == Clock.PICKUP
    hold(case)
    assert clock() == Clock.RESOLUTION
    assert reread(case).picked_up_at > reread(case).first_claimed_at


def test_lists_count_each_clock_that_runs():
    unclaimed, claimed, owed = (factories.make_case() for _ in range(3))
    hold(claimed)
    hold(owed)
    Escalation.objects.update(pickup_due_at=Now() - SECOND)
    Escalation.objects.filter(id=owed.id).update(response_due_at=Now() - SECOND)
    assert set(Escalation.objects.breached()) == {unclaimed, owed}
    Escalation.objects.update(response_due_at=None)
    Escalation.objects.filter(id=unclaimed.id).update(
        clock_started_at=Now() - 9 * SECOND, pickup_due_at=Now() + SECOND
    )
    assert list(Escalation.objects.at_risk()) == [unclaimed]
    assert not Escalation.objects.breached().exists()


def at_risk_at(calendar, start, seconds):
    """When a case is at risk that is taken as it starts in a queue with that calendar, and when it is due."""
    Queue.objects.filter(id=factories.make_queue().id).update(calendar=calendar)
    SlaTarget.objects.update_or_create(
        queue=Queue.objects.get(),
        priority=Priority.NORMAL,
        defaults={"pickup_seconds": 60, "resolution_seconds": seconds},
    )
    case = start_at(factories.make_case(), start)
    hold(case)
    case = reread(case)
    return case, case.at_risk_at, case.due_at


def test_closed_hours_bring_no_case_to_risk():
    calendar = office(holidays=[date(2026, 6, 8)])
    # Ten hours of work, from Friday at four over the weekend and a holiday: one, seven on Tuesday, two more.
    case, amber, due = at_risk_at(calendar, at("2026-06-05 16:00"), 10 * 3600)
    assert (amber, due) == (at("2026-06-09 17:00"), at("2026-06-10 11:00"))
    for moment, tone in ((at("2026-06-08 12:00"), ""), (amber - SECOND, ""), (amber, "warn"), (due, "bad")):
        assert f'class="{tone}"' in desk.due(case, moment)
    # All but half an hour of it on Friday: at risk before the weekend.
    _, amber, due = at_risk_at(calendar, at("2026-06-05 09:00"), 7.5 * 3600)
    assert (amber, due) == (at("2026-06-05 16:00"), at("2026-06-09 09:30"))


def test_who_waits_is_at_risk_later_by_the_business_time_of_the_pause():
    case, amber, due = at_risk_at(office(), at("2026-06-05 09:00"), 5 * 3600)
    assert (amber, due) == (at("2026-06-05 14:00"), at("2026-06-05 15:00"))
    wait_from(case, at("2026-06-05 13:30"))
    case = go_on_at(case, at("2026-06-08 09:30"))
    assert (case.at_risk_at, case.due_at) == (at("2026-06-08 10:00"), at("2026-06-08 11:00"))


def test_another_priority_counts_from_where_the_clocks_started():
    case = started_at(NOON)
    hold(case)
    wait_from(case, NOON + timedelta(minutes=10))
    case = go_on_at(case, NOON + timedelta(minutes=30))

    fields = clocks.reprioritised(case, Priority.LOW)

    pickup, resolution = clocks.DEFAULT_TARGETS[Priority.LOW]
    assert fields["pickup_due_at"] == NOON + timedelta(seconds=pickup)
    assert fields["due_at"] == NOON + timedelta(seconds=resolution, minutes=20)
    assert fields["rank"] == clocks.rank(case.queue, Priority.LOW, NOON, clocks.database_now())


def test_another_priority_keeps_the_time_that_the_agent_asked_for():
    asked = NOON + timedelta(minutes=50)
    for text in (asked.isoformat(), str(int(asked.timestamp()))):
        case = start_at(factories.make_case(sla={"respond_by": text}), NOON)
        assert clocks.reprioritised(case, Priority.LOW)["due_at"] == asked
        assert clocks.reprioritised(case, Priority.URGENT)["due_at"] < asked


def test_the_users_turn_has_a_clock_of_its_own_where_the_queue_says_so():
    factories.make_admin("boss")
    case = started_at(NOON)
    hold(case)
    assert clocks.response_due(case, NOON) is None
    SlaTarget.objects.update(response_seconds=120)

    for minutes in (1, 20):
        asked_at = NOON + timedelta(minutes=minutes)
        Escalation.objects.filter(id=case.id).update(response_due_at=None)
        case = reread(case)
        due_at = clocks.response_due(case, asked_at)
        assert due_at == asked_at + timedelta(minutes=2)
        Escalation.objects.filter(id=case.id).update(response_due_at=due_at)
        assert clocks.response_due(reread(case), asked_at + SECOND) == due_at
        clocks.restart_timers(case.id, asked_at)
        timers.fire(limit=10, now=due_at - SECOND)
        timers.fire(limit=10, now=due_at)

    assert told(case) == [("response", 100), ("response", 100)]
    assert Notice.objects.count() == 1


def test_the_user_who_writes_to_a_holder_starts_that_clock_and_the_answer_stops_it():
    case = started_at(NOON)
    SlaTarget.objects.update(response_seconds=120)
    write = partial(
        transitions.add_message, case_id=case.id, messages=[factories.USER_ASKS], actor="agent:support"
    )
    assert write().response_due_at is None  # nobody holds it yet
    lease = hold(case)
    agents = {"role": "assistant", "content": "A person will answer you."}
    transitions.add_message(case_id=case.id, messages=[agents], actor="agent:support")
    assert reread(case).response_due_at is None

    first, second = write().response_due_at, write().response_due_at

    assert first == second
    assert ("response", 100, first) in due_timers(case)
    transitions.say(lease=lease, text="I look into it.")
    assert reread(case).response_due_at is None
    timers.fire(limit=10, now=first)
    assert ("response", 100) not in told(case)


def test_the_reply_to_a_question_starts_the_clock_of_the_next_answer_though_nobody_holds_the_case():
    factories.make_queue(sla={Priority.NORMAL: (PICKUP.seconds, RESOLUTION.seconds)})
    SlaTarget.objects.update(response_seconds=120)
    case = factories.make_case()
    write = partial(
        transitions.add_message, case_id=case.id, messages=[factories.USER_ASKS], actor="agent:support"
    )
    transitions.ask(lease=hold(case), whom=WaitingFor.USER, question="Which card?", reply_within=HOUR)
    replied = write()

    assert replied.state == State.QUEUED
    assert replied.response_due_at is not None
    assert ("response", 100, replied.response_due_at) in due_timers(case)

    lease = hold(case)
    factories.decide(lease)
    transitions.reopen(case_id=case.id, operator=lease.operator, reason="It came back")
    assert write().response_due_at is None  # a new cycle, in which nobody spoke yet


def test_an_answer_in_time_leaves_nothing_to_tell():
    case = started_at(NOON)
    hold(case)
    Escalation.objects.filter(id=case.id).update(response_due_at=NOON + timedelta(minutes=1))
    clocks.restart_timers(case.id, NOON)
    Escalation.objects.filter(id=case.id).update(response_due_at=None)
    timers.fire(limit=10, now=NOON + timedelta(minutes=2))
    assert told(case) == []


def test_a_whole_life_over_a_weekend_in_which_summer_time_ends():
    berlin = make_calendar(
        "Europe/Berlin",
        [(day, *stretch) for day in range(5) for stretch in ((time(9), time(12)), (time(13), time(17)))],
    )
    queue = factories.make_queue(sla={Priority.NORMAL: (1800, 2 * 3600)})
    Queue.objects.filter(id=queue.id).update(calendar=berlin)
    case = start_at(factories.make_case(), at("2026-10-23T15:45"))
    assert case.pickup_due_at == at("2026-10-23T16:15")
    assert case.due_at == at("2026-10-26T09:45")  # Monday, in winter time
    hold(case)

    wait_from(case, at("2026-10-23T16:30"))  # 45 minutes were used
    case = go_on_at(case, at("2026-10-26T10:00"))

    assert case.waited_seconds == 90 * 60  # half an hour on Friday, an hour on Monday
    assert case.waited_calendar_seconds == 66.5 * 3600  # with the hour that comes twice
    assert case.due_at == at("2026-10-26T11:15") == datetime(2026, 10, 26, 10, 15, tzinfo=UTC)
    assert due_timers(case) == [("resolution", 50, at("2026-10-26T10:15"))]
    steps = {"10:15": 50, "10:45": 75, "11:03": 90, "11:15": 100}
    for text, percent in steps.items():
        moment = at(f"2026-10-26T{text}")
        assert timers.fire(limit=10, now=moment - SECOND) == 0
        assert timers.fire(limit=10, now=moment) == 1
        assert told(case)[-1] == ("resolution", percent)


def test_a_wish_that_lies_in_closed_hours_is_never_moved_to_before_itself():
    office = make_calendar("UTC", [(day, time(9), time(17)) for day in range(5)])
    Queue.objects.filter(id=factories.make_queue().id).update(calendar=office)
    case = start_at(factories.make_case(), datetime(2026, 6, 5, 16, tzinfo=UTC))
    saturday = datetime(2026, 6, 6, 12, tzinfo=UTC)
    hold(case)
    Escalation.objects.filter(id=case.id).update(due_at=saturday)
    wait_from(case, datetime(2026, 6, 5, 17, 5, tzinfo=UTC))
    assert clocks.resumed(reread(case), datetime(2026, 6, 5, 17, 30, tzinfo=UTC))["due_at"] == saturday


def test_the_sweep_finds_what_is_late_by_the_databases_clock():
    case = factories.make_case()
    past = timedelta(days=1)
    Escalation.objects.update(
        **{name: F(name) - past for name in ("received_at", "clock_started_at", "pickup_due_at", "due_at")}
    )
    Timer.objects.update(due_at=F("due_at") - past)

    assert [sweeps.sweep_timers(), sweeps.sweep_timers()] == [2, 0]

    assert sorted(told(case)) == [("pickup", 100), ("resolution", 100)]
    assert list(Escalation.objects.breached()) == [reread(case)]


def test_the_timer_that_an_older_release_set_still_tells_of_the_breach():
    case = started_at(NOON)
    Timer.objects.all().delete()
    Timer.objects.create(case=case, kind="due", due_at=NOON + HOUR)
    timers.fire(limit=10, now=NOON + HOUR)
    assert told(case) == [("resolution", 100)]


def test_times_are_those_of_the_zone_of_the_calendar():
    zone = ZoneInfo("America/New_York")
    calendar = make_calendar("America/New_York", [(day, time(9), time(17)) for day in range(5)])
    Queue.objects.filter(id=factories.make_queue().id).update(calendar=calendar)
    friday = datetime(2026, 3, 6, 16, tzinfo=zone)  # summer time starts on Sunday
    case = start_at(factories.make_case(), friday)
    assert case.due_at == datetime(2026, 3, 9, 12, tzinfo=zone)
    assert case.due_at - friday.astimezone(UTC) == 67 * HOUR

"""What only kept the desk going is forgotten in time; what was decided and said is not."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models import F
from django.db.models.functions import Now

from escalations import sweeps, transitions
from escalations.live import measuring
from escalations.models import (
    AgentVersion,
    Bookmark,
    Checkpoint,
    Dataset,
    Escalation,
    Event,
    Kept,
    LiveMinute,
    Notice,
    Offer,
    OfferOutcome,
    Ring,
    Run,
    Timer,
    VersionState,
)
from escalations.retention import forgetting, keeping
from tests.factories import make_agent, make_case, make_operator, make_resolved
from tests.plans import copy_case, copy_rows, read_by_named
from tests.threads import at_once

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(days=31)
# Ids in the order in which the rows are written, as UUIDs made of the time are.
_ID = "('{size:08}-0000-7000-8000-' || lpad(number::text, 12, '0'))::uuid"


def closed(ago=LONG_AGO):
    """A case that was offered, decided and closed, as long ago as that."""
    case = make_resolved()
    Offer.objects.create(
        case=case,
        operator=make_operator(),
        ring=Ring.EXACT,
        weight=1,
        expires_at=Now(),
        ended_at=Now(),
        outcome=OfferOutcome.MISSED,
    )
    Timer.objects.create(case=case, kind="resolution", percent=100, due_at=Now(), fired_at=Now())
    Escalation.objects.filter(id=case.id).update(closed_at=F("closed_at") - ago)
    return case


def leftovers(case):
    return Timer.objects.filter(case=case).count(), Offer.objects.filter(case=case).count()


def test_timers_and_offers_of_cases_that_closed_long_ago_are_forgotten_in_steps():
    old = [closed() for _ in range(5)]
    recent, open_one = closed(timedelta(days=29)), make_case()
    events = Event.objects.count()
    assert [forgetting.forget_closed(limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert {leftovers(case) for case in old} == {(0, 0)}
    assert leftovers(recent)[1] == 1
    assert leftovers(open_one)[0] > 0
    assert Event.objects.count() == events
    assert sweeps.sweep_closed() == 0


def test_a_case_that_is_reopened_keeps_its_new_timers_and_is_forgotten_after_it_closed_again():
    case = closed()
    transitions.reopen(case_id=case.id, operator=make_operator(), reason="Wrong")
    before = leftovers(case)
    assert forgetting.forget_closed(limit=10) == 0
    assert leftovers(case) == before
    Escalation.objects.filter(id=case.id).update(state="cancelled", closed_at=Now() - LONG_AGO)
    assert forgetting.forget_closed(limit=10) == 1
    assert leftovers(case) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_workers_that_forget_at_once_forget_everything_once():
    cases = [closed() for _ in range(12)]

    def forget():
        return sum(forgetting.forget_closed(limit=2) for _ in range(12))

    counts = at_once([forget] * 3)
    while (more := forgetting.forget_closed(limit=2)) > 0:
        counts.append(more)
    assert sum(counts) == 12
    assert {leftovers(case) for case in cases} == {(0, 0)}


def test_a_long_build_of_a_dataset_is_not_disturbed_by_what_has_waited_for_less_than_a_day():
    for days in (10.5, 11.5):
        closed(timedelta(days=days))
    keeping.save({(Kept.CONVERSATIONS, None): 10}, actor="x")
    versions = Dataset.objects.create(name="all").versions
    versions.create(number=1, state=VersionState.BUILDING)
    assert sweeps.sweep_conversations() == 1
    assert versions.get().state == VersionState.WAITING
    versions.update(state=VersionState.BUILDING)
    assert sweeps.sweep_conversations() == 0
    assert versions.get().state == VersionState.BUILDING
    versions.update(state=VersionState.FAILED)
    assert sweeps.sweep_conversations() == 1


def test_notices_are_kept_for_ninety_days_and_what_live_processes_measured_as_long_as_stays():
    person = make_operator()
    for days in (29, 31):
        measuring.keep(uuid4(), measuring.Meter())
        LiveMinute.objects.filter(minute__gte=Now() - timedelta(hours=1)).update(
            minute=Now() - timedelta(days=days)
        )
    for days in (89, 91, 92, 93):
        Notice.objects.create(
            operator=person, kind="reply", text=f"{days}", created_at=Now() - timedelta(days=days)
        )
    assert sweeps.sweep_notices() == 3 + 1
    assert Notice.objects.get().text == "89"


def test_a_step_reads_no_more_rows_where_the_history_is_long():
    case = closed()
    counts = []
    for size in (2_000, 20_000):
        copy_case(case.id, size, closed_at="closed_at - number * interval '1 minute'")
        Bookmark.objects.update_or_create(name="forgotten", defaults={"place": forgetting._START})
        read = read_by_named("forget_closed", bookmark="forgotten", kept=timedelta(days=30), limit=100)
        counts.append(read["escalations_escalation"])
    assert counts[0] == counts[1] <= 101


def report(number, *, days, case=None):
    """A finished run and a checkpoint of so many days ago."""
    version, _ = AgentVersion.objects.get_or_create(agent=make_agent(), name="2.3")
    then = Now() - timedelta(days=days)
    Run.objects.create(
        agent=version.agent,
        agent_version=version,
        run_id=f"run_{number}",
        finished_at=then,
        received_at=then,
        sampling_probability=1,
        drawn=True,
        case=case,
    )
    Checkpoint.objects.create(
        agent_version=version, step=str(number), fault="empty", passed=False, created_at=then, case=case
    )


def left():
    steps = Checkpoint.objects.order_by("id").values_list("step", flat=True)
    return list(Run.objects.order_by("id").values_list("run_id", flat=True)), list(steps)


def test_runs_and_checkpoints_are_kept_as_long_as_the_setting_says(settings):
    settings.RUNS_KEPT_DAYS = 30
    case = make_case()
    for number, days in enumerate((40, 39, 38, 31, 29, 28)):
        report(number, days=days, case=case if number == 1 else None)
    assert [forgetting.forget_runs(limit=3) for _ in range(3)] == [3, 1, 0]
    assert [forgetting.forget_checkpoints(limit=3) for _ in range(3)] == [3, 1, 0]
    assert left() == (["run_1", "run_4", "run_5"], ["1", "4", "5"])
    settings.RUNS_KEPT_DAYS = 0
    assert sweeps.sweep_runs() == 0
    settings.RUNS_KEPT_DAYS = 5
    assert sweeps.sweep_runs() == 4
    assert left() == (["run_1"], ["1"])


def test_no_row_is_left_behind_by_a_clock_that_was_wrong(settings):
    settings.RUNS_KEPT_DAYS = 30
    for number, days in enumerate((40, 1, 40)):
        report(number, days=days)
    assert forgetting.forget_runs(limit=10) == 1
    Run.objects.filter(run_id="run_1").update(received_at=Now() - LONG_AGO)
    assert forgetting.forget_runs(limit=10) == 2
    assert not Run.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_workers_that_forget_runs_at_once_pass_each_run_once():
    for number in range(40):
        report(number, days=100)
    counts = at_once([lambda: [forgetting.forget_runs(limit=5) for _ in range(12)]] * 3)
    assert sum(map(sum, counts)) == 40
    assert not Run.objects.exists()


def test_forgetting_runs_reads_no_more_rows_where_many_are_kept():
    report(0, days=100)
    counts = []
    for size in (2_000, 20_000):
        copy_rows(Run, size, id=_ID, run_id="'run of ' || {size} || '.' || number")
        copy_rows(Checkpoint, size, id="{size} + number")
        Bookmark.objects.all().delete()
        Bookmark.objects.create(name="runs", place=forgetting._FIRST_RUN)
        Bookmark.objects.create(name="checkpoints", place="0")
        run = read_by_named("forget_runs", bookmark="runs", kept=timedelta(days=90), limit=100)
        one = read_by_named("forget_checkpoints", bookmark="checkpoints", kept=timedelta(days=90), limit=100)
        counts.append((run["escalations_run"], one["escalations_checkpoint"]))
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 400

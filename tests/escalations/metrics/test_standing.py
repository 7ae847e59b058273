"""How many cases were open at other times is what a recount of the events says, whatever happened to them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db.models import F
from django.db.models.functions import Now

from escalations import transitions
from escalations.metrics import Scope, measure, open_cases, rolling, series
from escalations.models import Escalation, Event, Resolution, Role, State
from escalations.retention import erasing
from escalations.sla import clocks
from escalations.transitions import LeaseToken
from tests import factories
from tests.escalations.transitions.playing import live
from tests.plans import read_while

from . import desk
from .test_growth import BIG, HISTORY, add_history

pytestmark = pytest.mark.django_db

_OPENED, _CLOSED = {"opened", "reopened", "undone"}, {"resolved", "expired", "cancelled"}
# Of the history, cases a day.
A_DAY = 144
_TIMES = ("received_at", "first_claimed_at", "picked_up_at", "closed_at")
_ZONE = ZoneInfo("Europe/Berlin")


def recounted(scope: Scope) -> dict[datetime, int]:
    """How many cases were open at the end of each bucket, by the last event before it of each."""
    events = defaultdict(list)
    narrowed = {"case__queue__name": scope.queue} if scope.queue else {}
    if scope.agent:
        narrowed["case__agent__name"] = scope.agent
    for event in Event.objects.filter(kind__in=_OPENED | _CLOSED, **narrowed).order_by("id"):
        events[event.case_id].append(event)
    return {
        start: sum(_is_open(one, min(scope.after(start), scope.until)) for one in events.values())
        for start in scope.buckets()
    }


def _is_open(events: list[Event], moment: datetime) -> bool:
    last = [event for event in events if event.created_at < moment][-1:]
    return bool(last) and last[0].kind in _OPENED


def course(scope: Scope, *, ahead: bool | None = None) -> dict[datetime, int]:
    found = series(["backlog"], scope, ahead=ahead)["backlog"]
    return {start: figure.n for start, figure in found.items()}


def listed(scope: Scope) -> dict[datetime, int]:
    """How many cases the lists behind the course have."""
    ends = {start: min(scope.after(start), scope.until) for start in scope.buckets()}
    return {start: open_cases(scope, end).count() for start, end in ends.items()}


class LongDesk:
    """A desk whose cases began and went on at earlier times. `seen` is what happened to them."""

    seen: ClassVar[set[str]] = set()

    def __init__(self) -> None:
        self.person = factories.make_operator(role=Role.REVIEWER)
        self.other = factories.make_agent("billing", queue=factories.make_queue("billing"))
        self.cases: list[UUID] = []

    def hand_off(self, number: int, _: int) -> None:
        limit = {"expires_at": "2099-01-01T00:00:00Z"}
        case = factories.make_case(self.other if number % 3 == 2 else None, sla=limit)
        self.cases.append(case.id)

    def close(self, number: int, other: int) -> None:
        if not (case := self.chosen(number)) or not case.is_open:
            return
        if other % 6 == 0:
            transitions.cancel(case_id=case.id, actor="agent:support")
        elif other % 6 == 1:
            Escalation.objects.filter(id=case.id).update(expires_at=F("received_at"))
            assert transitions.expire() == 1
        elif case.state == State.QUEUED:
            factories.decide(factories.claim(case, self.person))
        else:
            factories.decide(LeaseToken(case.id, self.person, case.lease_token))

    def open_again(self, number: int, other: int) -> None:
        case = self.chosen(number)
        if not case or case.state != State.RESOLVED or case.erased_at:
            return
        dispatch = Now() + timedelta(minutes=1 if other % 2 else -1)
        Escalation.objects.filter(id=case.id).update(dispatch_at=dispatch)
        if other % 2:
            transitions.undo(resolution_id=case.resolutions.current().get().id, operator=self.person)
        else:
            transitions.reopen(case_id=case.id, operator=self.person, reason="again")

    def erase(self, number: int, _: int) -> None:
        if case := self.chosen(number):
            erasing.let_go(case.id, actor="system")

    def let_pass(self, _: int, other: int) -> None:
        """All that was so far is earlier."""
        earlier = timedelta(minutes=37 * (other + 1))
        for model, names in (
            (Escalation, _TIMES),
            (Resolution, ("created_at", "superseded_at")),
            (Event, ("created_at",)),
        ):
            model.objects.update(**{name: F(name) - earlier for name in names})

    def chosen(self, number: int) -> Escalation | None:
        return Escalation.objects.get(id=self.cases[number % len(self.cases)]) if self.cases else None


def is_as_recounted(played: Any) -> None:
    now = clocks.database_now()
    days = Scope(now - timedelta(days=3), now, _ZONE)
    hours = replace(days, since=now - timedelta(hours=20), until=now - timedelta(minutes=50))
    scopes = [days, hours, replace(days, zone=ZoneInfo("Asia/Kathmandu")), replace(days, queue="support")]
    expected = [recounted(scope) for scope in scopes]
    assert [course(scope, ahead=False) for scope in scopes] == expected
    assert [listed(scope) for scope in scopes] == expected
    rolling.roll_up()
    assert [course(scope, ahead=False) for scope in scopes] == expected
    whole = replace(days, until=now, since=now.replace(minute=0, second=0, microsecond=0) - timedelta(days=3))
    assert course(whole, ahead=True) == recounted(whole)
    rolling.begin_anew()
    played.seen.update(Event.objects.values_list("kind", flat=True))
    open_now = Escalation.objects.open().count()
    assert list(course(days).values())[-1] == measure(["backlog"], days)["backlog"].n == open_now


def test_whatever_happens_to_cases_the_backlog_of_any_time_is_that_of_a_recount(settings):
    settings.UNDO_SECONDS = 600
    moves = ["hand_off", "close", "close", "open_again", "open_again", "let_pass"]
    live(4, kind=LongDesk, moves=[*moves, *moves, "erase"], checked=is_as_recounted, most_moves=40)
    assert _OPENED | _CLOSED | {"erased"} <= LongDesk.seen


def test_a_case_that_came_back_was_closed_in_between():
    case = desk.case(desk.NOON - timedelta(days=4), resolved_after=3_600)
    transitions.reopen(case_id=case.id, operator=desk.person(), reason="again")
    Resolution.objects.update(superseded_at=desk.NOON - timedelta(days=2))
    desk.expired(desk.NOON - timedelta(days=5), after=100_000)
    desk.withdrawn(desk.NOON - timedelta(days=1), after=90_000)
    desk.case(desk.NOON - timedelta(days=90))
    assert list(course(desk.WEEK).values()) == [1, 2, 1, 1, 2, 3, 2, 2]
    assert list(course(replace(desk.WEEK, agent="nobody")).values()) == [0] * 8
    assert list(listed(desk.WEEK).values()) == [1, 2, 1, 1, 2, 3, 2, 2]
    assert list(listed(replace(desk.WEEK, agent="nobody")).values()) == [0] * 8
    rolling.roll_up()
    assert list(course(desk.WEEK).values()) == [1, 2, 1, 1, 2, 3, 2, 2]
    assert list(course(desk.WEEK, ahead=True).values()) == [1, 2, 1, 1, 2, 3, 2, 2]


def test_what_a_pass_has_still_to_come_to_is_not_missed():
    now = clocks.database_now()
    older, _ = factories.make_case(), factories.make_case()
    Escalation.objects.filter(id=older.id).update(received_at=now - timedelta(hours=10))
    rolling.roll_up()
    transitions.cancel(case_id=older.id, actor="agent:support")
    day = Scope(now - timedelta(hours=20), clocks.database_now(), ZoneInfo("UTC"))
    *earlier, last = course(day).values()
    assert (earlier[:20], last) == ([0] * 10 + [1] * 10, 1)


def test_no_course_reads_the_history():
    add_history(HISTORY)
    for _ in range(12):
        desk.case(resolved_after=90)
    for scope in (desk.WEEK, replace(desk.WEEK, queue="support")):
        assert most_read(scope) < 100
    rolling.roll_up(limit=2 * HISTORY)
    assert rolling.is_ready()
    long_past = replace(desk.WEEK, since=desk.NOON - timedelta(days=50), until=desk.NOON - timedelta(days=49))
    assert sum(figure.n for figure in series(["closed"], long_past)["closed"].values()) == A_DAY
    for scope, limit in ((desk.WEEK, 100), (long_past, 5 * A_DAY)):
        assert most_read(scope) < limit
    for scope in (desk.WEEK, replace(desk.WEEK, queue="support")):
        assert most(read_while(lambda scope=scope: open_cases(scope, desk.WEEK.since).count())) < 100


def most_read(scope: Scope) -> int:
    return most(read_while(lambda: series(["backlog"], scope)))


def most(read: Mapping[str, int]) -> int:
    return max(read[table] for table in BIG)

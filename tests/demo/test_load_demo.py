"""What `manage.py load_demo` leaves behind, and what it leaves alone."""

import json
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Count, F, Max, Min, Q

from agents_api import auth
from agents_api.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from escalations.calibration import looks
from escalations.models import (
    Agent,
    AgentVersion,
    ApiKey,
    AuditEntry,
    Claim,
    ConfidenceSource,
    DatasetVersion,
    Delivery,
    Escalation,
    Event,
    FailureMode,
    How,
    Kind,
    LabelSuggestion,
    Notice,
    NoticeKind,
    Offer,
    OfferOutcome,
    Operator,
    Outcome,
    Presence,
    Queue,
    Resolution,
    Review,
    Role,
    State,
    Timer,
)
from escalations.models.case_queries import AT_RISK_DURING, LATE_FROM
from escalations.people import notices
from escalations.sla import clocks
from tests.factories import make_case, make_operator

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "var" / "demo.json"


@pytest.fixture(autouse=True)
def _quick_hashes(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def load(file: Path, cases: int = 5) -> str:
    output = StringIO()
    call_command("load_demo", file=file, cases=cases, stdout=output)
    return output.getvalue()


def test_a_month_of_history_is_there_and_says_something(file: Path) -> None:
    began = clocks.database_now()
    assert "430" in load(file, cases=400)
    _times_are_in_order()
    _all_that_can_happen_has_happened()
    _versions_differ()
    _targets_are_mostly_met()
    _handling_is_the_time_in_which_somebody_had_the_case()
    _open_cases_are_ranked_as_if_they_had_waited(began)
    _audit_entries_say_when_they_were_really_written()
    _there_are_audits_to_look_at()
    _clocks_have_told_what_was_to_tell()
    _others_looked_again()
    _cases_were_offered_and_passed_on()
    _one_agent_was_told_by_webhooks()
    assert DatasetVersion.objects.get().dataset.name == "billing-decisions"


def _cases_were_offered_and_passed_on() -> None:
    outcomes = dict(Offer.objects.values_list("outcome").annotate(Count("id")))
    assert outcomes.keys() == {OfferOutcome.ACCEPTED, OfferOutcome.DECLINED, OfferOutcome.MISSED}
    assert outcomes[OfferOutcome.ACCEPTED] > outcomes[OfferOutcome.DECLINED] > 3
    assert outcomes[OfferOutcome.MISSED] > 3
    wrong = Q(offered_at__lte=F("case__received_at")) | Q(ended_at__gt=F("expires_at"))
    assert not Offer.objects.filter(wrong).exists()
    for offer in Offer.objects.filter(outcome=OfferOutcome.ACCEPTED).prefetch_related("case__claims"):
        assert offer.ended_at == min(claim.started_at for claim in offer.case.claims.all())
    passed = Claim.objects.filter(outcome=Outcome.PASSED)
    assert passed.filter(case__claims__how=How.MOVED).exists()
    assert passed.exclude(case__queue=F("case__agent__default_queue")).exists()
    assert not Claim.objects.filter(ended_at__lte=F("started_at")).exists()
    assert not Presence.objects.connected().exists()


def _one_agent_was_told_by_webhooks() -> None:
    told = WebhookDelivery.objects.all()
    assert told.filter(attempts=1).count() > told.filter(attempts__gt=1).count() > 0
    late = ~Q(delivered_at=F("case__delivered_at")) | Q(created_at__gte=F("delivered_at"))
    assert not told.filter(late).exists()
    # Nothing of it, and nothing that the desk decides from now on, goes out.
    assert not WebhookEndpoint.objects.filter(is_active=True).exists()
    assert not told.exclude(state=DeliveryState.DELIVERED).exists()


def _others_looked_again() -> None:
    states = dict(Review.objects.filter(gold=None).values_list("state").annotate(Count("id")))
    assert states.keys() == {"waiting", "differs", "settled", "agreed"}
    assert states["agreed"] > states["differs"] + states["settled"] > 5
    assert Review.objects.filter(gold__isnull=False).exclude(submitted_at=None).exists()
    assert not Review.objects.filter(submitted_at__gt=clocks.database_now()).exists()
    assert LabelSuggestion.objects.filter(accepted=True).exists()
    assert LabelSuggestion.objects.filter(accepted=False).exists()


def _there_are_audits_to_look_at() -> None:
    version = AgentVersion.objects.get(agent__name="billing", name="2.3")
    standing = looks.standing(version, ConfidenceSource.SELF_REPORT)
    assert standing.judged > 60
    assert standing.goal.alpha == 0.15
    sam = Operator.objects.get(username="sam")
    looks.look(version=version, source=ConfidenceSource.SELF_REPORT, operator=sam)
    findings = looks.standing(version, ConfidenceSource.SELF_REPORT).findings
    assert findings is not None
    assert findings.choice.chosen


def _times_are_in_order() -> None:
    cases, now = Escalation.objects.all(), clocks.database_now()
    assert timedelta(days=25) < now - min(case.received_at for case in cases) < timedelta(days=31)
    assert not cases.filter(Q(first_claimed_at__lt=F("received_at")) | Q(closed_at__gt=now)).exists()
    assert not cases.filter(closed_at__lt=F("first_claimed_at")).exists()
    assert not cases.filter(delivered_at__lt=F("closed_at")).exists()
    assert not Claim.objects.filter(ended_at=None).exists()
    assert not Event.objects.filter(Q(created_at__gt=now) | Q(created_at__lt=F("case__received_at"))).exists()


def _all_that_can_happen_has_happened() -> None:
    states = dict(Escalation.objects.values_list("state").annotate(Count("id")))
    assert states.keys() == {State.QUEUED, State.RESOLVED, State.CANCELLED, State.EXPIRED}
    assert states[State.QUEUED] == 30
    assert set(Escalation.objects.open().values_list("kind", flat=True)) == set(Kind)
    failures = set(Resolution.objects.values_list("failure_primary", flat=True))
    assert failures >= set(FailureMode) - {FailureMode.OTHER}
    assert Escalation.objects.filter(cycle=2).exists()
    assert {Delivery.APPLIED, Delivery.LATE} < set(Escalation.objects.values_list("delivery", flat=True))


def _versions_differ() -> None:
    rows = Resolution.objects.exclude(overrode=None).values("case__agent_version__name")
    counted = rows.annotate(overridden=Count("id", filter=Q(overrode=True)), proposed=Count("id"))
    rates = {row["case__agent_version__name"]: row["overridden"] / row["proposed"] for row in counted}
    assert rates["2.3"] < rates["2.2"] - 0.1


def _targets_are_mostly_met() -> None:
    picked_up = Escalation.objects.filter(first_claimed_at__isnull=False)
    late = picked_up.filter(picked_up_at__gt=F("pickup_due_at")).count()
    assert 0 < late < picked_up.count() / 8
    resolved_late = Escalation.objects.filter(state=State.RESOLVED, closed_at__gt=F("due_at")).count()
    assert 0 < resolved_late < picked_up.count() / 20


def _handling_is_the_time_in_which_somebody_had_the_case() -> None:
    for resolution in Resolution.objects.filter(decided_by="human", cycle=1).prefetch_related("case__claims"):
        claims = [claim for claim in resolution.case.claims.all() if claim.started_at < resolution.created_at]
        held = sum((claim.ended_at - claim.started_at).total_seconds() for claim in claims if claim.ended_at)
        assert resolution.handle_seconds == pytest.approx(held)
        assert resolution.opened_at == max(claim.started_at for claim in claims)


def _open_cases_are_ranked_as_if_they_had_waited(began: datetime) -> None:
    # Steps may have passed, and a case at risk may be late, since it was loaded.
    now = clocks.database_now()
    for case in Escalation.objects.open().select_related("queue"):
        first, last = (clocks.rank(case.queue, case.priority, case.received_at, at) for at in (began, now))
        assert last <= case.rank <= first
    assert Escalation.objects.breached().exists()
    at_risk = Escalation.objects.open().alias(during=AT_RISK_DURING)
    assert at_risk.filter(during__overlap=DateTimeTZRange(began, now)).exists()


def _audit_entries_say_when_they_were_really_written() -> None:
    first_event = Event.objects.aggregate(first=Min("created_at"))["first"]
    first_entry = AuditEntry.objects.aggregate(first=Min("created_at"))["first"]
    assert first_entry > first_event + timedelta(days=20)


def _clocks_have_told_what_was_to_tell() -> None:
    # What has come due since then is told by the sweeps.
    told_at = Timer.objects.aggregate(last=Max("fired_at"))["last"]
    assert not Timer.objects.filter(fired_at=None, due_at__lte=told_at).exists()
    late = Escalation.objects.open().alias(late_from=LATE_FROM).filter(late_from__lte=told_at)
    unread = Notice.objects.filter(kind=NoticeKind.BREACHED, read_at=None)
    assert {notice.case for notice in unread} == set(late)
    assert unread.count() == late.count() * notices.supervisors().count()
    assert Queue.objects.get(name="overflow").calendar.hours.count() == 10


def test_the_file_lets_everybody_in(file: Path, client: Any) -> None:
    load(file)
    assert file.stat().st_mode & 0o777 == 0o600
    way_in = json.loads(file.read_text())
    assert way_in["url"].startswith("http")
    assert sorted(user["role"] for user in way_in["users"]) == sorted(
        [*[Role.OPERATOR] * 6, Role.REVIEWER, Role.ADMIN]
    )
    assert all(client.login(username=u["username"], password=u["password"]) for u in way_in["users"])
    for agent, key in way_in["api_keys"].items():
        credentials = auth.parse(key)
        assert credentials is not None
        assert auth.identify(credentials).agent_name == agent


def test_a_second_load_changes_nothing(file: Path) -> None:
    load(file)
    before = file.read_text(), Event.objects.count(), ApiKey.objects.count()
    assert load(file) == ""
    assert (file.read_text(), Event.objects.count(), ApiKey.objects.count()) == before


def test_a_lost_file_is_made_anew_and_old_keys_stop_working(file: Path, client: Any) -> None:
    load(file)
    before = json.loads(file.read_text())
    file.unlink()
    load(file)
    after = json.loads(file.read_text())
    assert not client.login(username="sam", password=before["users"][0]["password"])
    assert client.login(username="sam", password=after["users"][0]["password"])
    assert ApiKey.objects.valid().count() == 3
    assert set(before["api_keys"].values()).isdisjoint(after["api_keys"].values())


def test_a_new_database_takes_the_password_of_the_file_and_new_keys(file: Path, client: Any) -> None:
    load(file)
    way_in = json.loads(file.read_text())
    Operator.objects.update(password="")
    ApiKey.objects.all().delete()
    load(file)
    assert client.login(username="kim", password=way_in["users"][0]["password"])
    assert auth.parse(json.loads(file.read_text())["api_keys"]["travel"]) is not None
    assert ApiKey.objects.valid().count() == 3


def test_a_damaged_file_counts_as_lost(file: Path, client: Any) -> None:
    file.parent.mkdir()
    file.write_text('{"users": [')
    load(file)
    assert client.login(username="mei", password=json.loads(file.read_text())["users"][0]["password"])


def test_a_desk_in_use_is_left_alone(file: Path) -> None:
    make_operator("real person")
    make_case()
    assert "in use" in load(file)
    assert not file.exists()
    assert Agent.objects.count() == Operator.objects.count() == 1

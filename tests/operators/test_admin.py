"""Settings: Django's administration behind the desk's own sign-in."""

import re
from datetime import date, time

import pytest
from django.test import Client
from django.urls import reverse

from agents_api import auth
from agents_api.models import WebhookEndpoint
from escalations.models import (
    Agent,
    AgentVersion,
    ApiKey,
    AuditEntry,
    Calendar,
    OpeningHours,
    Operator,
    Policy,
    Queue,
    ReportKey,
    Role,
)
from escalations.reviews import runs
from escalations.reviews.runs import FinishedRun
from escalations.sla.clocks import database_now
from escalations.validation import checkpoints
from tests import factories

pytestmark = pytest.mark.django_db

PAGES = [
    "escalations_agent",
    "escalations_agentversion",
    "escalations_apikey",
    "escalations_reportkey",
    "escalations_queue",
    "escalations_calendar",
    "escalations_skill",
    "escalations_operator",
    "escalations_checkpointschema",
    "escalations_run",
    "agents_api_webhookendpoint",
    "agents_api_webhookdelivery",
]
READ_ONLY = [
    "escalations_agentversion",
    "escalations_checkpointschema",
    "escalations_run",
    "agents_api_webhookdelivery",
]


@pytest.fixture
def boss(client: Client) -> Operator:
    operator = factories.make_admin("boss")
    client.force_login(operator)
    return operator


@pytest.fixture
def agent() -> Agent:
    return factories.make_agent()


def actions(target: str) -> list[str]:
    return list(AuditEntry.objects.filter(target=target).order_by("id").values_list("action", flat=True))


def shown_once(client: Client, answer, pattern: str) -> str:
    """The secret in the message that follows a POST; it is on no page after that."""
    assert answer.status_code == 302
    page = client.get(answer["Location"]).content.decode()
    secret = re.search(pattern, page)
    assert secret, page
    assert secret[0] not in client.get(answer["Location"]).content.decode()
    return secret[0]


@pytest.mark.parametrize("page", PAGES)
def test_admins_see_every_list(page, boss, agent, client):
    factories.make_resolved(agent=agent)

    assert client.get(reverse(f"admin:{page}_changelist")).status_code == 200


def test_admins_see_the_schemas_of_steps_and_the_runs_that_are_owed(boss, agent, client):
    schema = {"properties": {"order": {"type": "string"}}}
    row, _ = checkpoints.register(agent_id=agent.pk, step="find_order", schema=schema, actor="agent:support")
    page = client.get(reverse("admin:escalations_checkpointschema_change", args=[row.pk])).content.decode()
    assert "find_order" in page
    assert "&quot;properties&quot;" in page
    for rate in (0, 1):
        Policy.objects.create(agent=agent, number=rate + 1, rules={"audit_rate": rate})
        run = FinishedRun(run_id=f"run at {rate}", agent_version="2.3", finished_at=database_now())
        runs.report(agent_id=agent.pk, runs=[run])
    listed = client.get(reverse("admin:escalations_run_changelist")).content.decode()
    assert "run at 1" in listed
    assert "run at 0" not in listed


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.REVIEWER])
@pytest.mark.parametrize("page", PAGES)
def test_nobody_else_does(page, role, client):
    client.force_login(factories.make_operator(role=role))

    answer = client.get(reverse(f"admin:{page}_changelist"))

    assert answer.status_code in (302, 403)


def test_the_sign_in_is_the_desks_own(client):
    answer = client.get(reverse("admin:index"), follow=True)

    assert answer.redirect_chain[-1][0].startswith(reverse("account_login"))


@pytest.mark.parametrize("page", READ_ONLY)
def test_records_cannot_be_added(page, boss, client):
    assert client.get(reverse(f"admin:{page}_add")).status_code == 403


@pytest.mark.parametrize(
    "page",
    ["escalations_agent", "escalations_apikey", "escalations_operator"],
)
def test_what_others_refer_to_cannot_be_deleted(page, boss, agent, client):
    key = {
        "escalations_agent": agent.pk,
        "escalations_apikey": agent.api_keys.get().pk,
        "escalations_operator": boss.pk,
    }[page]

    assert client.post(reverse(f"admin:{page}_delete", args=[key]), {"post": "yes"}).status_code == 403


# --- keys -------------------------------------------------------------------------------


def test_a_key_is_shown_once_and_only_its_hash_is_kept(boss, agent, client):
    answer = client.post(
        reverse("admin:escalations_apikey_add"),
        {
            "agent": agent.pk,
            "name": "laptop",
            "scopes": ["checks", "runs"],
            "expires_at_0": "",
            "expires_at_1": "",
        },
    )

    plaintext = shown_once(client, answer, r"hr_live_\w+")
    key = ApiKey.objects.get(name="laptop")
    assert key.digest == auth.digest_of(plaintext)
    assert auth.identify(auth.parse(plaintext)).agent_name == agent.name
    assert key.scopes == ["checks", "runs"]
    assert key.created_by == boss
    assert actions(f"apikey:{key.pk}") == ["admin.add"]
    page = client.get(reverse("admin:escalations_apikey_change", args=[key.pk])).content.decode()
    assert key.digest not in page
    assert plaintext not in page
    assert "checks, runs" in page
    assert "checks, runs" in client.get(reverse("admin:escalations_apikey_changelist")).content.decode()


def test_a_key_has_every_scope_unless_some_are_unticked_and_never_none(boss, agent, client):
    address = reverse("admin:escalations_apikey_add")
    ticked = re.findall(r'value="(\w+)"[^>]* checked', client.get(address).content.decode())
    assert ticked == ["handoffs", "checks", "runs"]
    client.post(address, {"agent": agent.pk, "name": "none", "expires_at_0": "", "expires_at_1": ""})
    assert not ApiKey.objects.filter(name="none").exists()


def test_a_key_is_revoked_by_its_button_at_once(boss, agent, client):
    key = agent.api_keys.get()
    page = client.get(reverse("admin:escalations_apikey_change", args=[key.pk])).content.decode()
    revoke = reverse("admin:escalations_apikey_revoke", args=[key.pk])
    assert revoke in page

    assert client.get(revoke).status_code == 405
    client.post(revoke)

    assert not ApiKey.objects.valid().filter(pk=key.pk).exists()
    assert actions(f"apikey:{key.pk}") == ["key.revoke"]
    client.post(revoke)
    assert actions(f"apikey:{key.pk}") == ["key.revoke"]


def test_keys_are_revoked_from_the_list(boss, agent, client):
    factories.make_key(agent)
    keys = list(agent.api_keys.values_list("pk", flat=True))

    client.post(
        reverse("admin:escalations_apikey_changelist"),
        {"action": "revoke_selected", "_selected_action": keys},
    )

    assert not ApiKey.objects.valid().filter(pk__in=keys).exists()


def test_a_report_key_is_shown_once_has_what_was_ticked_and_is_revoked(boss, client):
    address = reverse("admin:escalations_reportkey_add")
    assert not re.findall(r'value="(\w+)"[^>]* checked', client.get(address).content.decode())
    chosen = {"name": "grafana", "scopes": ["metrics"], "expires_at_0": "", "expires_at_1": ""}
    plaintext = shown_once(client, client.post(address, chosen), r"hr_report_\w+")

    key = ReportKey.objects.get(name="grafana")
    assert auth.recognise(auth.parse(plaintext, auth.OF_REPORTS)).key_id == key.pk
    assert (key.scopes, key.created_by) == (["metrics"], boss)
    page = client.get(reverse("admin:escalations_reportkey_change", args=[key.pk])).content.decode()
    assert key.digest not in page
    revoke = reverse("admin:escalations_reportkey_revoke", args=[key.pk])
    assert revoke in page
    client.post(revoke)
    assert not ReportKey.objects.valid().exists()
    assert actions(f"reportkey:{key.pk}") == ["admin.add", "key.revoke"]


def test_a_key_cannot_be_changed(boss, agent, client):
    key = agent.api_keys.get()

    client.post(reverse("admin:escalations_apikey_change", args=[key.pk]), {"agent": agent.pk, "name": "x"})

    assert ApiKey.objects.get(pk=key.pk).name != "x"


# --- policies ---------------------------------------------------------------------------


def test_policies_have_pages_of_their_own_that_the_settings_lead_to(boss, agent, client):
    version = AgentVersion.objects.create(agent=agent, name="2.3")
    found = {
        "admin:index": reverse("policies"),
        "admin:escalations_agent_changelist": reverse("policy", args=[agent.pk]),
        "admin:escalations_agentversion_changelist": f"/policies/{agent.pk}/?version={version.pk}",
    }
    for page, address in found.items():
        assert f'href="{address}"' in client.get(reverse(page)).content.decode(), page
    assert client.get("/admin/escalations/policy/").status_code == 404


# --- queues, people, webhooks -----------------------------------------------------------


def test_a_queue_has_its_targets_beside_it(boss, client):
    client.post(
        reverse("admin:escalations_queue_add"),
        {
            "name": "travel",
            "description": "",
            "aging_seconds": 600,
            "sla_targets-TOTAL_FORMS": 1,
            "sla_targets-INITIAL_FORMS": 0,
            "sla_targets-0-priority": 1,
            "sla_targets-0-pickup_seconds": 60,
            "sla_targets-0-resolution_seconds": 600,
        },
    )

    queue = factories.make_queue("travel")
    assert queue.sla_targets.get().resolution_seconds == 600
    assert actions(f"queue:{queue.pk}") == ["admin.add"]


def queue_form(queue: Queue, **changes):
    return {
        "name": queue.name,
        "description": "",
        "aging_seconds": 600,
        "sla_targets-TOTAL_FORMS": 0,
        "sla_targets-INITIAL_FORMS": 0,
    } | changes


def test_a_queue_gets_a_calendar_and_one_that_helps_out_but_not_itself(boss, client):
    queue, other = factories.make_queue("travel"), factories.make_queue("overflow")
    calendar = Calendar.objects.create(name="Office")
    change = reverse("admin:escalations_queue_change", args=[queue.pk])

    refused = client.post(change, queue_form(queue, overflow=queue.pk))
    assert "cannot help itself" in str(refused.context["adminform"].form.errors["overflow"])
    client.post(change, queue_form(queue, overflow=other.pk, calendar=calendar.pk))
    client.post(
        reverse("admin:escalations_queue_change", args=[other.pk]), queue_form(other, overflow=queue.pk)
    )

    queue.refresh_from_db()
    other.refresh_from_db()
    assert (queue.calendar, queue.overflow, other.overflow) == (calendar, other, queue)


def calendar_form(*hours: tuple[int, str, str], zone: str = "Europe/Berlin", holiday: str = ""):
    fields = {"name": "Office", "timezone": zone}
    for prefix, count in (("hours", len(hours)), ("holidays", int(bool(holiday)))):
        fields |= {f"{prefix}-TOTAL_FORMS": count, f"{prefix}-INITIAL_FORMS": 0}
    for number, (weekday, opens, closes) in enumerate(hours):
        fields |= {f"hours-{number}-weekday": weekday, f"hours-{number}-opens": opens}
        fields |= {f"hours-{number}-closes": closes}
    return fields | ({"holidays-0-day": holiday, "holidays-0-name": "Rest"} if holiday else {})


def test_a_calendar_has_several_hours_a_day_overlaps_and_holidays(boss, client):
    hours = [(0, "09:00", "12:00"), (0, "11:00", "17:00"), (6, "20:00", "00:00")]
    add = reverse("admin:escalations_calendar_add")

    assert client.post(add, calendar_form(*hours, holiday="2026-12-25")).status_code == 302

    calendar = Calendar.objects.get(timezone="Europe/Berlin")
    assert [str(row) for row in calendar.hours.all()][:2] == [
        "Monday 09:00 to 12:00",
        "Monday 11:00 to 17:00",
    ]
    sunday = calendar.hours.get(weekday=6)
    assert (sunday.closes, str(sunday)) == (time.max, "Sunday 20:00 to 24:00")
    assert calendar.holidays.get().day == date(2026, 12, 25)
    assert actions(f"calendar:{calendar.pk}") == ["admin.add"]


def test_the_end_of_the_day_stays_what_it_is_when_a_calendar_is_saved_again(boss, client):
    calendar = Calendar.objects.create(name="Night")
    row = OpeningHours.objects.create(calendar=calendar, weekday=0, opens=time(20), closes=time.max)
    change = reverse("admin:escalations_calendar_change", args=[calendar.pk])
    page = client.get(change).content.decode()
    assert 'name="hours-0-closes" value="00:00"' in page

    saved = client.post(
        change,
        calendar_form((0, "21:00", "00:00"))
        | {"hours-INITIAL_FORMS": 1, "hours-0-id": row.pk, "hours-0-calendar": calendar.pk},
    )

    assert saved.status_code == 302
    row.refresh_from_db()
    assert (row.opens, row.closes) == (time(21), time.max)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (calendar_form((0, "12:00", "09:00")), "must close after it opens"),
        (calendar_form((0, "12:00", "12:00")), "must close after it opens"),
        (calendar_form((0, "09:00", "12:00"), zone="Middle/Earth"), "Middle/Earth"),
        (calendar_form(), "at least 1"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused(fields, words, boss, client):
    answer = client.post(reverse("admin:escalations_calendar_add"), fields)

    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert not Calendar.objects.exists()


def person(operator: Operator, **changes):
    return {
        "username": operator.username,
        "first_name": "",
        "last_name": "",
        "email": "",
        "timezone": "Europe/Oslo",
        "role": operator.role,
        "queues": [factories.make_queue().pk],
        "skills": [],
        "capacity": 6,
        "hourly_cost_usd": "40",
        "is_active": "on",
    } | changes


def test_a_persons_queues_skills_and_role_are_set(boss, client):
    operator = factories.make_operator("kim", queues=[])
    factories.make_skill("refunds")
    change = reverse("admin:escalations_operator_change", args=[operator.pk])

    answer = client.post(change, person(operator, skills=["refunds"], role="admin"))

    assert answer.status_code == 302
    operator = Operator.objects.get(username="kim")
    assert (operator.skills, operator.timezone) == (["refunds"], "Europe/Oslo")
    assert operator.queues.get() == factories.make_queue()
    assert operator.capacity == 6
    assert operator.is_staff
    assert operator.is_superuser
    assert actions(f"operator:{operator.pk}") == ["admin.change"]


def test_a_skill_that_is_not_in_the_catalogue_is_refused(boss, client):
    operator = factories.make_operator("kim")
    change = reverse("admin:escalations_operator_change", args=[operator.pk])

    answer = client.post(change, person(operator, skills=["flying"]))

    assert answer.context["adminform"].form.errors["skills"]


def test_a_role_that_is_taken_away_closes_the_settings(boss, client):
    other = factories.make_admin("second")
    client.post(reverse("admin:escalations_operator_change", args=[other.pk]), person(other, role="operator"))

    client.force_login(Operator.objects.get(username="second"))

    assert client.get(reverse("admin:index")).status_code in (302, 403)


def test_nobody_takes_the_role_from_themselves(boss, client):
    client.post(reverse("admin:escalations_operator_change", args=[boss.pk]), person(boss, role="operator"))

    boss.refresh_from_db()
    assert boss.role == Role.ADMIN
    assert boss.is_active


def test_the_role_alone_decides_who_is_staff():
    operator = factories.make_operator(is_staff=True)
    assert not operator.is_staff
    operator.role = Role.ADMIN
    operator.save(update_fields=["role"])
    operator.refresh_from_db()
    assert operator.is_staff
    assert operator.is_superuser
    assert Operator.objects.create_superuser("root").role == Role.ADMIN


def test_an_endpoints_secret_is_shown_once(boss, agent, client):
    answer = client.post(
        reverse("admin:agents_api_webhookendpoint_add"),
        {"agent": agent.pk, "url": "https://agent.example/hooks", "events": [], "is_active": "on"},
    )

    secret = shown_once(client, answer, r"whsec_[\w+/=]+")
    endpoint = WebhookEndpoint.objects.get()
    assert endpoint.secret == secret
    change = reverse("admin:agents_api_webhookendpoint_change", args=[endpoint.pk])
    client.post(
        change,
        {"agent": agent.pk, "url": endpoint.url, "events": ["handoff.claimed"], "is_active": "on"},
    )
    endpoint.refresh_from_db()
    assert (endpoint.secret, endpoint.events) == (secret, ["handoff.claimed"])
    assert secret not in client.get(change).content.decode()


def test_endpoints_are_web_addresses(boss, agent, client):
    answer = client.post(
        reverse("admin:agents_api_webhookendpoint_add"), {"agent": agent.pk, "url": "ftp://agent.example/x"}
    )

    assert answer.context["adminform"].form.errors["url"]

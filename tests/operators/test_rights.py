"""Who may reach which page: every address of this door has a line here, or the tests fail."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from escalations import replay
from escalations.labels import label_import
from escalations.models import (
    AlertRule,
    Dataset,
    DatasetVersion,
    Guideline,
    Replay,
    Role,
    Taxonomy,
    VersionState,
)
from escalations.policy import trial
from operators.models import Dashboard, Macro, SavedView
from operators.urls import urlpatterns
from tests.escalations.reviews.audits import drawn, make_audit
from tests.escalations.transitions.playing import taken_back
from tests.factories import claim, make_admin, make_agent, make_case, make_operator, make_queue

pytestmark = pytest.mark.django_db

MEMBER, STRANGER, REVIEWER, ADMIN = "member", "stranger", "reviewer", "admin"
EVERYONE = {MEMBER: 200, STRANGER: 200, REVIEWER: 200, ADMIN: 200}
WHO_SEES_THE_CASE = {MEMBER: 200, STRANGER: 404, REVIEWER: 200, ADMIN: 200}
FIGURES = {MEMBER: 403, STRANGER: 403, REVIEWER: 200, ADMIN: 200}
ADMINS = {MEMBER: 403, STRANGER: 403, REVIEWER: 403, ADMIN: 200}


def moves(on_success, **others):
    """A POST on a case: what it answers to those who see it, 404 to those who do not."""
    return {MEMBER: on_success, STRANGER: 404, REVIEWER: on_success, ADMIN: on_success} | others


# Address: method, answer by role. What is not the holder's to do answers 409, or leads back with a message.
TABLE = {
    "queue": ("GET", EVERYONE),
    "own_views": ("GET", EVERYONE),
    # Without a name there is nothing to keep; a view of somebody else is an admin's to change.
    "save_view": ("POST", dict.fromkeys(EVERYONE, 422)),
    "rename_view": ("POST", dict.fromkeys(EVERYONE, 403) | {ADMIN: 422}),
    "delete_view": ("POST", dict.fromkeys(EVERYONE, 403) | {ADMIN: 200}),
    "restore_view": ("POST", dict.fromkeys(EVERYONE, 404)),
    # Of what is done with many, the one that is for supervisors.
    "bulk_preview": ("POST", FIGURES),
    "bulk": ("POST", {MEMBER: 403, STRANGER: 403, REVIEWER: 422, ADMIN: 422}),
    "claim_next": ("POST", dict.fromkeys(EVERYONE, 302)),
    "case": ("GET", WHO_SEES_THE_CASE),
    # Nobody has it yet: nothing waits for them, for the case of the table is held.
    "case_ahead": ("GET", dict.fromkeys(EVERYONE, 204)),
    "peek": ("GET", WHO_SEES_THE_CASE),
    "case_routing": ("GET", WHO_SEES_THE_CASE),
    "case_panel": ("GET", WHO_SEES_THE_CASE),
    "case_status": ("GET", WHO_SEES_THE_CASE),
    "conversation": ("GET", WHO_SEES_THE_CASE),
    "case_text": ("GET", WHO_SEES_THE_CASE),
    "claim": ("POST", moves(302)),
    "release": ("POST", moves(302)),
    "heartbeat": ("POST", moves(409)),
    "draft": ("POST", moves(204)),
    "begun": ("POST", moves(302)),
    "note_draft": ("POST", moves(204)),
    "check_arguments": ("POST", moves(200)),
    "decide": ("POST", moves(409)),
    "say": ("POST", moves(302)),
    "talk_text": ("GET", WHO_SEES_THE_CASE),
    "add_note": ("POST", moves(302)),
    "mentionable": ("GET", WHO_SEES_THE_CASE),
    "reopen": ("POST", moves(302, member=403)),
    # Nothing is decided yet that could be corrected.
    "correct_labels": ("GET", dict.fromkeys(EVERYONE, 404)),
    "correction_draft": ("POST", dict.fromkeys(EVERYONE, 404)),
    # Of the moves, the one that is for supervisors.
    "move": ("GET", WHO_SEES_THE_CASE | {MEMBER: 403}),
    "take_over": ("POST", moves(302)),
    "take_back": ("POST", moves(302)),
    "undo": ("POST", dict.fromkeys(EVERYONE, 404)),
    # Each takes back their own decisions alone: of nobody else's any comes back.
    "undo_many": ("POST", EVERYONE),
    "desk": ("GET", EVERYONE),
    "set_availability": ("POST", dict.fromkeys(EVERYONE, 302)),
    "accept_offer": ("POST", dict.fromkeys(EVERYONE, 302)),
    "decline_offer": ("POST", dict.fromkeys(EVERYONE, 302)),
    "notices": ("GET", EVERYONE),
    "latest_notices": ("GET", EVERYONE),
    "mark_notices_read": ("POST", dict.fromkeys(EVERYONE, 302)),
    "palette": ("GET", EVERYONE),
    "me": ("GET", EVERYONE),
    "my_decisions": ("GET", EVERYONE),
    "preferences": ("GET", EVERYONE),
    "set_keys": ("POST", dict.fromkeys(EVERYONE, 302)),
    "set_single_keys": ("POST", dict.fromkeys(EVERYONE, 302)),
    "case_macros": ("GET", WHO_SEES_THE_CASE),
    "similar_cases": ("GET", WHO_SEES_THE_CASE),
    "macros": ("GET", EVERYONE),
    "new_macro": ("GET", EVERYONE),
    "preview_macro": ("POST", dict.fromkeys(EVERYONE, 200)),
    "keep_as_macro": ("POST", dict.fromkeys(EVERYONE, 200)),
    "edit_macro": ("GET", {MEMBER: 403, STRANGER: 403, REVIEWER: 200, ADMIN: 200}),
    "delete_macro": ("POST", {MEMBER: 403, STRANGER: 403, REVIEWER: 302, ADMIN: 302}),
    "set_theme": ("POST", dict.fromkeys(EVERYONE, 302)),
    "set_timezone": ("POST", dict.fromkeys(EVERYONE, 302)),
    "cases": ("GET", EVERYONE),
    "metrics": ("GET", FIGURES),
    "all_metrics": ("GET", FIGURES),
    "all_metrics_csv": ("GET", FIGURES),
    # Only of a metric that there is.
    "metric_rows": ("GET", FIGURES | {REVIEWER: 404, ADMIN: 404}),
    "metric_rows_csv": ("GET", FIGURES | {REVIEWER: 404, ADMIN: 404}),
    "wall": ("GET", FIGURES),
    "save_dashboard": ("POST", {MEMBER: 403, STRANGER: 403, REVIEWER: 302, ADMIN: 302}),
    "delete_dashboard": ("POST", {MEMBER: 403, STRANGER: 403, REVIEWER: 403, ADMIN: 302}),
    "rename_dashboard": ("POST", {MEMBER: 403, STRANGER: 403, REVIEWER: 403, ADMIN: 302}),
    "restore_dashboard": ("POST", {MEMBER: 403, STRANGER: 403, REVIEWER: 404, ADMIN: 404}),
    "weekly_report": ("GET", {MEMBER: 403, STRANGER: 403, REVIEWER: 302, ADMIN: 302}),
    "weekly_report_of": ("GET", FIGURES),
    "replays": ("GET", FIGURES),
    "replay": ("GET", FIGURES),
    # A policy has to be chosen.
    "replay_policy": ("POST", ADMINS | {ADMIN: 422}),
    "replay_draft": ("POST", ADMINS | {ADMIN: 302}),
    # Only of a figure that is named.
    "replay_rows": ("GET", FIGURES | {REVIEWER: 404, ADMIN: 404}),
    "policy_replay_rows": ("GET", FIGURES | {REVIEWER: 404, ADMIN: 404}),
    "policy_replay": ("GET", FIGURES),
    "coverage": ("GET", FIGURES),
    "scorecards": ("GET", FIGURES),
    "scorecard": ("GET", FIGURES),
    "failures": ("GET", FIGURES),
    "costs": ("GET", FIGURES),
    "risk": ("GET", FIGURES),
    "calibration": ("GET", FIGURES),
    # Before a look nobody is told.
    "calibration_runs": ("GET", FIGURES | {REVIEWER: 404, ADMIN: 404}),
    # Of no version that was audited.
    "calibration_look": ("POST", ADMINS | {ADMIN: 404}),
    "set_calibration_goal": ("POST", ADMINS | {ADMIN: 404}),
    "reviews": ("GET", FIGURES),
    "next_review": ("POST", {MEMBER: 403, STRANGER: 403, REVIEWER: 302, ADMIN: 302}),
    "review_rates": ("POST", ADMINS | {ADMIN: 422}),
    # What somebody else has on their screen is not shown.
    "review": ("GET", {MEMBER: 403, STRANGER: 403, REVIEWER: 302, ADMIN: 302}),
    "submit_review": ("GET", {MEMBER: 403, STRANGER: 403, REVIEWER: 302, ADMIN: 302}),
    # Nor is it theirs to keep words about.
    "review_draft": ("POST", {MEMBER: 403, STRANGER: 403, REVIEWER: 409, ADMIN: 409}),
    "settle_review": ("GET", {MEMBER: 403, STRANGER: 403, REVIEWER: 302, ADMIN: 302}),
    "put_review_back": ("POST", {MEMBER: 403, STRANGER: 403, REVIEWER: 302, ADMIN: 302}),
    "gold": ("GET", ADMINS),
    "met_gold": ("GET", ADMINS),
    # Only a decision that there is.
    "make_gold": ("GET", ADMINS | {ADMIN: 404}),
    "gold_draft": ("POST", ADMINS | {ADMIN: 404}),
    "retire_gold": ("POST", ADMINS | {ADMIN: 302}),
    "agreement": ("GET", FIGURES),
    "pairs": ("GET", FIGURES),
    "policies": ("GET", ADMINS),
    "policy": ("GET", ADMINS),
    "policy_trial": ("POST", ADMINS),
    "policy_number": ("GET", ADMINS),
    "alerts": ("GET", FIGURES),
    # Only at a moment that is named.
    "alert_stood": ("GET", FIGURES | {REVIEWER: 404, ADMIN: 404}),
    "add_usual_alerts": ("POST", {MEMBER: 403, STRANGER: 403, REVIEWER: 403, ADMIN: 302}),
    "new_alert": ("GET", ADMINS),
    "alert_trial": ("POST", ADMINS),
    "edit_alert": ("GET", ADMINS),
    "delete_alert": ("POST", {MEMBER: 403, STRANGER: 403, REVIEWER: 403, ADMIN: 302}),
    "retention": ("GET", ADMINS),
    "retention_trial": ("POST", ADMINS),
    "audit_log": ("GET", ADMINS),
    "audit_log_csv": ("GET", ADMINS),
    "check_audit_log": ("POST", {MEMBER: 403, STRANGER: 403, REVIEWER: 403, ADMIN: 302}),
    "audit_check": ("GET", ADMINS),
    "taxonomy": ("GET", FIGURES),
    "taxonomy_number": ("GET", FIGURES),
    "guidelines": ("GET", FIGURES),
    "guideline_number": ("GET", FIGURES),
    "how_to_label": ("GET", EVERYONE),
    "preview_guideline": ("POST", EVERYONE),
    "exports": ("GET", dict.fromkeys(EVERYONE, 301)),
    "datasets": ("GET", ADMINS),
    "label_imports": ("GET", ADMINS),
    "label_schema": ("GET", ADMINS),
    "label_import": ("GET", ADMINS),
    "label_import_state": ("GET", ADMINS),
    "label_import_refusals": ("GET", ADMINS),
    "new_dataset": ("GET", ADMINS),
    "preview_dataset": ("GET", ADMINS),
    "dataset_decisions": ("GET", ADMINS),
    "dataset": ("GET", ADMINS),
    "edit_dataset": ("GET", ADMINS),
    "build_version": ("POST", ADMINS | {ADMIN: 302}),
    "dataset_version": ("GET", ADMINS),
    "version_state": ("GET", ADMINS),
    # The version of the table left nothing out.
    "version_left_out": ("GET", ADMINS | {ADMIN: 404}),
    # The version of the table has no files, and there is no other.
    "version_changes": ("GET", ADMINS | {ADMIN: 404}),
    "version_file": ("GET", ADMINS | {ADMIN: 404}),
    "erasures": ("GET", ADMINS),
    "erasures_asked": ("GET", ADMINS),
}
FIELDS = {
    "message": "0",
    "action": "0",
    "theme": "dark",
    "timezone": "UTC",
    "single_keys": "on",
    "availability": "available",
}
PEOPLE = {
    MEMBER: make_operator,
    STRANGER: lambda: make_operator(queues=[make_queue("elsewhere")]),
    REVIEWER: lambda: make_operator(queues=[], role=Role.REVIEWER),
    ADMIN: lambda: make_operator(queues=[], role=Role.ADMIN),
}
CHANGES = [name for name, (method, _) in TABLE.items() if method == "POST"]


def address(name):
    [pattern] = [pattern for pattern in urlpatterns if pattern.name == name]
    wanted = pattern.pattern.converters
    arguments = {
        "case_id": lambda: make_case().id,
        "offer_id": lambda: 1,
        "view_id": lambda: SavedView.objects.create(owner=make_operator(), name="Theirs", is_shared=True).pk,
        "kind": lambda: "override",
        "rule_id": lambda: AlertRule.objects.create(kind="override", threshold=1).pk,
        "macro_id": lambda: Macro.objects.create(name="For all", fields={}).pk,
        "name": lambda: "priority",
        "agent_id": lambda: make_agent(rules={"turns": 20}).pk,
        "number": lambda: 1,
        "dashboard_id": lambda: (
            Dashboard.objects.create(owner=make_operator(), name="Theirs", is_shared=True, page="costs").pk
        ),
        "year": lambda: 2026,
        "week": lambda: 2,
        "replay_id": make_policy_replay if "policy" in name else lambda: Replay.objects.create().pk,
        "version_id": lambda: make_case().agent_version_id,
        "resolution_id": uuid4,
        "review_id": lambda: drawn(make_audit(agent_correct="no", failure_primary="other")).id,
        "item_id": lambda: 1,
        "file": lambda: "sft/train.jsonl",
        "why": lambda: "near",
        "import_id": lambda: label_import.start(b"{}", operator=make_admin(), actor="test").pk,
    }
    if "datasets/<slug:name>/" in str(pattern.pattern):
        dataset = Dataset.objects.create(name="priority")
        DatasetVersion.objects.create(dataset=dataset, number=1, state=VersionState.FAILED)
    if name in ("taxonomy_number", "guideline_number"):
        Taxonomy.objects.create(number=1)
        Guideline.objects.create(number=1, text="Look twice.")
    return reverse(name, kwargs={argument: arguments[argument]() for argument in wanted})


def make_policy_replay():
    asked = replay.policies.start(
        operator=make_admin(), agent=make_agent(), version=None, tried={}, during=trial.last_days(7)
    )
    return asked.pk


def ask(client, name, method=None, at=""):
    method = method or TABLE[name][0]
    return getattr(client, method.lower())(at or address(name), FIELDS)


def test_every_address_has_a_line_and_every_line_an_address():
    assert set(TABLE) == {pattern.name for pattern in urlpatterns}


@pytest.mark.parametrize("name", TABLE)
def test_each_role_gets_what_the_table_says(name):
    at = address(name)
    answers = {}
    for role, make in PEOPLE.items():
        client = Client()
        with taken_back():
            client.force_login(make())
            answers[role] = ask(client, name, at=at).status_code
    assert answers == {role: TABLE[name][1][role] for role in PEOPLE}


def test_operators_marked_so_review_and_may_do_nothing_else_of_it(client):
    client.force_login(make_operator(can_review=True))
    opened = ("reviews", "next_review", "review", "submit_review", "put_review_back", "review_draft")
    of_reviews = [name for name in TABLE if "review" in name or "gold" in name]
    for name in [*of_reviews, "agreement", "pairs", "correct_labels", "metrics"]:
        as_role = REVIEWER if name in opened else MEMBER
        assert ask(client, name).status_code == TABLE[name][1][as_role], name
    assert client.post(reverse("next_review"), {"state": "differs"}).status_code == 403


@pytest.mark.parametrize("name", TABLE)
def test_who_is_not_signed_in_is_led_to_the_door(client, name):
    answer = ask(client, name)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/?next=/")


@pytest.mark.parametrize("name", TABLE)
def test_who_was_disabled_is_led_to_the_door(client, name):
    operator = make_operator(role=Role.ADMIN)
    client.force_login(operator)
    operator.is_active = False
    operator.save(update_fields=["is_active"])
    assert ask(client, name).headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("name", CHANGES)
def test_nothing_changes_on_get(client, name):
    client.force_login(make_operator())
    assert ask(client, name, "GET").status_code == 405


@pytest.mark.parametrize("name", CHANGES)
def test_nothing_changes_without_the_token_of_the_page(name):
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_operator())
    assert ask(client, name).status_code == 403


def test_a_colleague_cannot_act_under_somebody_elses_claim(client):
    case, holder = make_case(), make_operator()
    lease = claim(case, holder)
    client.force_login(make_operator())
    form = {
        "lease_token": lease.token,
        "decision": "approve",
        "agent_correct": "yes",
        "failure_primary": "none",
    }
    assert client.post(f"/cases/{case.id}/heartbeat/", form).status_code == 409
    assert client.post(f"/cases/{case.id}/decide/", form).status_code == 409
    client.post(f"/cases/{case.id}/release/", form)
    case.refresh_from_db()
    assert case.holder == holder

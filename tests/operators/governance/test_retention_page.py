"""How long what is kept is set on a page that first says what would go; then the sweeps do just that."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now

from agents_api.models import WebhookDelivery
from agents_api.retention import forget_idempotency_keys, forget_webhooks
from escalations import sweeps
from escalations.models import (
    AgentVersion,
    AuditEntry,
    Checkpoint,
    Escalation,
    IdempotencyRecord,
    Kept,
    Notice,
    Resolution,
    RetentionRule,
    RoutingDecision,
    Run,
    Stay,
)
from escalations.retention import forgetting, keeping
from tests.agents_api.webhooks.conftest import decided, make_endpoint
from tests.factories import (
    claim,
    decide,
    make_admin,
    make_agent,
    make_case,
    make_operator,
    make_queue,
    make_resolved,
)

PAGE, TRIAL = "/retention/", "/retention/trial/"
TEN_DAYS = timedelta(days=10)
pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client):
    operator = make_admin("boss")
    client.force_login(operator)
    return operator


def typed(**days):
    """What the form holds, with some fields changed."""
    present = {kept.value: days for (kept, queue), days in keeping.rules().items() if queue is None}
    return present | days


@pytest.fixture
def old_rows():
    """Of each kind one row that is ten days old, and one of today."""
    then = Now() - TEN_DAYS
    person, version = make_operator(), AgentVersion.objects.create(agent=make_agent(), name="2.3")
    for at in (then, Now()):
        Notice.objects.create(operator=person, kind="reply", text="1", created_at=at)
        Stay.objects.create(operator=person, availability="available", started_at=at, ended_at=at)
        Checkpoint.objects.create(agent_version=version, step="1", fault="ok", passed=True, created_at=at)
        RoutingDecision.objects.create(case=make_case(), ring=0, created_at=at)
    for number, at in enumerate((then, Now())):
        run = {"run_id": str(number), "finished_at": at, "received_at": at}
        Run.objects.create(
            agent=version.agent, agent_version=version, sampling_probability=1, drawn=True, **run
        )
    make_resolved()
    Escalation.objects.filter(id=make_resolved().id).update(closed_at=F("closed_at") - TEN_DAYS)
    make_endpoint("https://one.example/")
    oldest = decided()[1].pk
    WebhookDelivery.objects.update(state="delivered")
    WebhookDelivery.objects.filter(pk=oldest).update(created_at=then)
    IdempotencyRecord.objects.filter(pk=IdempotencyRecord.objects.earliest("id").pk).update(created_at=then)


SWEEPS = {
    Kept.RUNS: lambda: forgetting.forget_runs(limit=9) + forgetting.forget_checkpoints(limit=9),
    Kept.CLOSED: lambda: forgetting.forget_closed(limit=9),
    Kept.ROUTING: lambda: forgetting.forget_looks(limit=9),
    Kept.NOTICES: lambda: forgetting.forget_notices(limit=9),
    Kept.STAYS: lambda: forgetting.forget_stays(limit=9),
    Kept.WEBHOOKS: forget_webhooks,
    Kept.RETRIES: forget_idempotency_keys,
}


@pytest.mark.parametrize("kept", SWEEPS)
def test_what_would_go_goes_once_it_is_set_and_not_before(kept, old_rows):
    keeping.save({(kept, None): 0}, actor="test")
    assert SWEEPS[kept]() == 0
    keeping.save({(kept, None): 11}, actor="test")
    assert SWEEPS[kept]() == keeping.would_go((kept, None), 11) == 0
    promised = keeping.would_go((kept, None), 9)
    assert SWEEPS[kept]() == 0
    keeping.save({(kept, None): 9}, actor="test")
    assert SWEEPS[kept]() == promised == (2 if kept == Kept.RUNS else 1)
    assert keeping.would_go((kept, None), 9) == SWEEPS[kept]() == 0


def test_what_was_said_goes_after_the_time_of_its_queue_and_the_decision_stays():
    returns = make_agent("returns", queue=make_queue("returns"))
    ages = {}
    for agent in (make_agent(), returns):
        for days in (5, 15):
            case = make_case(agent, question="[erased]")  # which nothing is, whatever it asks
            decide(claim(case, make_operator(queues=[case.queue])))
            Escalation.objects.filter(id=case.id).update(closed_at=F("closed_at") - timedelta(days=days))
            ages[case.id] = (agent.name, days)
    keeping.save(
        {(Kept.CONVERSATIONS, None): 30, (Kept.CONVERSATIONS, returns.default_queue_id): 10}, actor="x"
    )
    assert keeping.would_go((Kept.CONVERSATIONS, returns.default_queue_id), 10) == 1
    assert sweeps.sweep_conversations() == 1
    keeping.save({(Kept.CONVERSATIONS, None): 4}, actor="x")
    assert keeping.would_go((Kept.CONVERSATIONS, None), 4) == 2
    assert sweeps.sweep_conversations() == 2
    assert sweeps.sweep_conversations() == 0
    left = Escalation.objects.filter(erased_at=None).values_list("id", flat=True)
    assert [ages[case_id] for case_id in left] == [("returns", 5)]
    assert Resolution.objects.count() == 4


def test_what_is_saved_is_on_record_and_what_is_not_changed_is_not(boss, client):
    queue = make_queue("returns")
    answer = client.post(PAGE, typed(notices="120", **{f"conversations-{queue.pk}": "400"}), follow=True)
    assert "2 settings were changed." in answer.content.decode()
    assert keeping.days(Kept.NOTICES) == 120
    targets = AuditEntry.objects.filter(action="retention.save").values_list("target", "actor")
    me = f"operator:{boss.pk}"
    assert set(targets) == {("retention:notices", me), (f"retention:conversations:{queue.pk}", me)}
    answer = client.post(PAGE, typed(**{f"conversations-{queue.pk}": ""}), follow=True)
    assert "1 setting was changed." in answer.content.decode()
    assert not RetentionRule.objects.filter(queue=queue).exists()
    assert "Nothing was changed." in client.post(PAGE, typed(), follow=True).content.decode()


def test_the_trial_says_what_is_new_and_what_it_would_delete(boss, client, old_rows):
    page = client.post(TRIAL, typed(notices="5")).context["rows"]
    told = {line.kind.kept: (days, is_new, count) for line, days, is_new, count in page}
    assert told[Kept.NOTICES] == (5, True, 1)
    assert told[Kept.CONVERSATIONS][:2] == (0, False)
    assert Notice.objects.count() == 2
    sweeps.sweep_notices()
    assert Notice.objects.count() == 2


def test_too_few_days_and_no_numbers_are_refused_beside_their_field(boss, client):
    page = client.post(PAGE, typed(stays="3", notices="soon", runs=""))
    assert page.status_code == 422
    errors = page.context["form"].errors
    assert errors["stays"] == ["At least 8 days, or 0 for ever."]
    assert set(errors) == {"stays", "notices", "runs"}
    assert not RetentionRule.objects.exists()
    assert "It is counted once all are." in client.post(TRIAL, typed(stays="3")).content.decode()


def test_the_default_of_runs_is_the_deployments(settings):
    settings.RUNS_KEPT_DAYS = 12
    assert keeping.days(Kept.RUNS) == 12
    keeping.save({(Kept.RUNS, None): 40}, actor="test")
    assert keeping.days(Kept.RUNS) == 40

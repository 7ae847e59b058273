"""The life of a case, move by move."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now

from escalations import signals, sweeps, transitions
from escalations.models import (
    AuditEntry,
    Claim,
    Delivery,
    Escalation,
    Event,
    Outcome,
    Resolution,
    Role,
    State,
)
from escalations.transitions import (
    CaseClosed,
    InvalidDecision,
    LeaseLost,
    NotAllowed,
    NotClaimable,
    decisions,
)
from tests import factories
from tests.factories import reread

pytestmark = pytest.mark.django_db


def kinds(case):
    return list(Event.objects.filter(case=case).order_by("id").values_list("kind", flat=True))


def test_a_case_goes_from_handoff_to_resolution():
    operator = factories.make_operator()
    case = factories.make_case()
    assert (case.state, case.version, case.holder) == (State.QUEUED, 1, None)

    lease = transitions.claim_next(operator=operator).lease
    assert (reread(case).state, reread(case).holder) == (State.CLAIMED, operator)

    resolution = factories.decide(lease)
    done = reread(case)
    assert (done.state, done.version, done.delivery) == (State.RESOLVED, 3, Delivery.UNDELIVERED)
    assert done.closed_at is not None
    assert resolution.operator == operator
    assert resolution.overrode is False
    assert kinds(case) == ["opened", "claimed", "resolved"]
    assert list(AuditEntry.objects.filter(target=f"case:{case.id}").values_list("action", flat=True)) == [
        "open",
        "claim",
        "resolve",
    ]


def test_release_puts_the_case_back_where_it_stood():
    first, second = factories.make_case(), factories.make_case()
    lease = factories.claim(first, factories.make_operator())

    transitions.release(lease=lease)

    assert list(factories.in_line(lease.operator)) == [reread(first), reread(second)]
    assert Claim.objects.get(case=first).outcome == Outcome.RELEASED


def test_heartbeat_prolongs_the_lease_and_is_no_change():
    case = factories.make_case()
    lease = factories.claim(case, factories.make_operator())
    Escalation.objects.filter(id=case.id).update(lease_expires_at=Now() + timedelta(seconds=5))

    until = transitions.heartbeat(lease=lease)

    assert until == reread(case).lease_expires_at
    assert until > reread(case).received_at + timedelta(seconds=100)
    assert reread(case).version == 2


def test_the_fence_grows_with_every_claim():
    case, operator = factories.make_case(), factories.make_operator()
    tokens = []
    for _ in range(3):
        lease = factories.claim(case, operator)
        tokens.append(lease.token)
        transitions.release(lease=lease)
    assert tokens == [1, 2, 3]


def test_a_held_case_says_who_has_it():
    case = factories.make_case()
    factories.claim(case, factories.make_operator(first_name="Noor"))
    with pytest.raises(NotClaimable, match="Noor has this case now"):
        factories.claim(case, factories.make_operator())


@pytest.mark.parametrize(
    ("queues", "skills"), [(["travel"], ["fr"]), (["support"], [])], ids=["wrong queue", "missing skill"]
)
def test_operators_get_only_what_they_may_work(queues, skills):
    case = factories.make_case(routing={"skills": ["fr"]})
    operator = factories.make_operator(queues=map(factories.make_queue, queues), skills=skills)

    assert transitions.claim_next(operator=operator) is None
    with pytest.raises(NotAllowed):
        factories.claim(case, operator)


def test_an_admin_may_pick_any_case():
    case = factories.make_case(routing={"skills": ["fr"]})
    admin = factories.make_operator(queues=[], role=Role.ADMIN)
    assert factories.claim(case, admin).token == 1


def test_resolving_twice_is_refused():
    lease = factories.claim(factories.make_case(), factories.make_operator())
    factories.decide(lease)
    with pytest.raises(LeaseLost, match="resolved"):
        factories.decide(lease)
    assert Resolution.objects.count() == 1


def test_an_edit_must_fit_the_input_schema_and_changes_nothing_if_not():
    case = factories.make_case()
    lease = factories.claim(case, factories.make_operator())
    seen = decisions.digest(factories.REFUND["arguments"])

    def edit(arguments):
        return transitions.resolve(
            lease=lease,
            decision=transitions.DecisionInput(
                "edit", [transitions.ActionDecision("call_1", "edit", arguments, digest_seen=seen)]
            ),
            labels=transitions.Labels("edit", "no", "edge_case"),
        )

    with pytest.raises(InvalidDecision) as refused:
        edit(factories.REFUND["arguments"] | {"amount": "a lot"})
    assert [flaw.pointer for flaw in refused.value.flaws] == ["/actions/0/arguments/amount"]
    assert reread(case).state == State.CLAIMED

    edit(factories.REFUND["arguments"] | {"amount": 100})
    [action] = Resolution.objects.get().actions
    assert action["arguments"]["amount"] == 100
    assert action["digest_seen"] == seen
    assert Resolution.objects.get().overrode is True


def test_a_decision_about_other_arguments_than_proposed_is_refused():
    lease = factories.claim(factories.make_case(), factories.make_operator())
    with pytest.raises(InvalidDecision, match="not the arguments"):
        transitions.resolve(
            lease=lease,
            decision=transitions.DecisionInput(
                "approve", [transitions.ActionDecision("call_1", "approve", digest_seen="sha-256=0000")]
            ),
            labels=transitions.Labels("approve", "yes", "none"),
        )


@pytest.mark.parametrize("decision", ["approve", "edit"])
def test_nothing_is_approved_whose_arguments_were_not_seen(decision):
    lease = factories.claim(factories.make_case(), factories.make_operator())
    action = transitions.ActionDecision("call_1", decision, factories.REFUND["arguments"])
    with pytest.raises(InvalidDecision, match="nothing is approved unseen"):
        transitions.resolve(
            lease=lease,
            decision=transitions.DecisionInput(decision, [action]),
            labels=transitions.Labels("approve", "yes", "none"),
        )


def test_a_denial_keeps_no_digest_but_the_one_that_was_seen():
    lease = factories.claim(factories.make_case(), factories.make_operator())
    transitions.resolve(
        lease=lease,
        decision=transitions.DecisionInput("reject", [transitions.ActionDecision("call_1", "reject")]),
        labels=transitions.Labels("replace", "no", "edge_case"),
    )
    assert Resolution.objects.get().actions[0]["digest_seen"] == ""


def test_a_response_must_fit_the_schema_the_agent_gave():
    schema = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
    case = factories.make_case(kind="question", reason="low_confidence", response_schema=schema)
    lease = factories.claim(case, factories.make_operator())

    def answer(response):
        return transitions.resolve(
            lease=lease,
            decision=transitions.DecisionInput("respond", response=response),
            labels=transitions.Labels("replace", "no", "edge_case"),
        )

    with pytest.raises(InvalidDecision, match="required"):
        answer({})
    answer({"ok": True})
    assert Resolution.objects.get().response == {"ok": True}


def test_labels_are_required():
    lease = factories.claim(factories.make_case(), factories.make_operator())
    with pytest.raises(InvalidDecision) as refused:
        factories.decide(lease, disposition="", agent_correct="maybe")
    assert {flaw.pointer for flaw in refused.value.flaws} == {"/labels/disposition", "/labels/agent_correct"}


def test_cancel_tells_the_holder_and_is_final():
    case = factories.make_case()
    lease = factories.claim(case, factories.make_operator())

    transitions.cancel(case_id=case.id, actor="agent:support", reason="the user left")

    assert reread(case).state == State.CANCELLED
    assert Claim.objects.get(case=case).outcome == Outcome.CLOSED
    with pytest.raises(LeaseLost, match="cancelled"):
        factories.decide(lease)
    with pytest.raises(CaseClosed):
        transitions.cancel(case_id=case.id, actor="agent:support")


@pytest.mark.parametrize(
    ("sla", "decision"),
    [
        ({"on_expiry": "reject"}, "reject"),
        ({"on_expiry": "fail"}, "cancel"),
        (
            {"on_expiry": "default", "default_resolution": {"decision": "respond", "message": "No."}},
            "respond",
        ),
    ],
)
def test_a_case_past_its_hard_limit_gets_its_default(sla, decision):
    case = factories.make_case(sla=sla | {"expires_at": "2999-01-01T00:00:00Z"})
    lease = factories.claim(case, factories.make_operator())
    Escalation.objects.filter(id=case.id).update(expires_at=Now() - timedelta(seconds=1))

    with pytest.raises(LeaseLost):
        factories.decide(lease)
    assert sweeps.sweep_expired() == 1
    assert sweeps.sweep_expired() == 0

    resolution = Resolution.objects.get(case=case)
    assert (reread(case).state, reread(case).delivery) == (State.EXPIRED, Delivery.UNDELIVERED)
    assert (resolution.decision, resolution.decided_by, resolution.operator) == (decision, "timeout", None)
    assert transitions.claim_next(operator=factories.make_operator()) is None


def test_a_case_past_its_hard_limit_is_over_before_any_sweep():
    case = factories.make_case(sla={"expires_at": "2999-01-01T00:00:00Z"})
    Escalation.objects.filter(id=case.id).update(expires_at=Now() - timedelta(seconds=1))
    operator = factories.make_operator()

    assert not Escalation.objects.waiting().exists()
    assert transitions.claim_next(operator=operator) is None
    with pytest.raises(NotClaimable, match="expired"):
        factories.claim(case, operator)


def test_reopening_starts_a_cycle_and_supersedes_the_resolution():
    operator = factories.make_operator()
    case = factories.make_resolved(operator)

    again = transitions.reopen(case_id=case.id, operator=operator, reason="wrong card")

    assert (again.state, again.cycle, again.closed_at, again.delivery) == (State.QUEUED, 2, None, "")
    assert Resolution.objects.get(case=case).superseded_at is not None
    factories.decide(factories.claim(again, operator), "reject")
    assert [r.decision for r in Resolution.objects.current()] == ["reject"]
    with pytest.raises(CaseClosed):
        transitions.reopen(case_id=factories.make_case().id, operator=operator, reason="still open")


def test_turns_arrive_while_the_case_is_open_only():
    case = factories.make_case()
    turn = {"role": "user", "content": "Are you there?"}

    transitions.add_message(case_id=case.id, messages=[turn], actor="agent:support")

    assert [row.message for row in case.turns_since.all()] == [turn]
    assert reread(case).version == 2
    transitions.cancel(case_id=case.id, actor="agent:support")
    with pytest.raises(CaseClosed):
        transitions.add_message(case_id=case.id, messages=[turn], actor="agent:support")


def test_delivery_is_an_axis_of_its_own():
    case = factories.make_resolved()
    version = case.version

    assert transitions.mark_delivered(case_id=case.id, how="get") is True
    assert transitions.mark_delivered(case_id=case.id, how="webhook") is False
    for _ in range(2):
        transitions.acknowledge(case_id=case.id, outcome=Delivery.APPLIED, detail="", actor="agent:support")

    assert (reread(case).delivery, reread(case).version) == (Delivery.APPLIED, version)
    with pytest.raises(CaseClosed):
        transitions.acknowledge(case_id=case.id, outcome=Delivery.LATE, detail="", actor="agent:support")
    with pytest.raises(CaseClosed):
        transitions.acknowledge(
            case_id=factories.make_case().id, outcome=Delivery.APPLIED, detail="", actor="agent:support"
        )


def test_what_was_acknowledged_unfetched_counts_as_delivered_only_then():
    case = factories.make_resolved()
    hour = timedelta(hours=1)
    Escalation.objects.filter(id=case.id).update(received_at=F("received_at") - hour, closed_at=Now() - hour)
    transitions.acknowledge(case_id=case.id, outcome=Delivery.APPLIED, detail="", actor="agent:support")

    case = reread(case)
    assert case.delivered_at - case.closed_at >= hour


def test_queues_learn_their_handle_time():
    operator = factories.make_operator()
    case = factories.make_resolved(operator)
    Resolution.objects.filter(case=case).update(handle_seconds=42)

    sweeps.measure_queues()

    case.queue.refresh_from_db()
    assert case.queue.mean_handle_seconds == 42


def test_the_database_itself_refuses_impossible_rows():
    case = factories.make_case()
    operator = factories.make_operator()
    impossible = [
        {"state": State.CLAIMED},
        {"state": State.RESOLVED},
        {"holder": operator},
        {"confidence": 1.5},
        {"state": "lost"},
    ]
    for fields in impossible:
        with pytest.raises(IntegrityError), transaction.atomic():
            Escalation.objects.filter(id=case.id).update(**fields)


def test_audit_entries_cannot_be_changed_or_deleted():
    factories.make_case()
    for change in (lambda rows: rows.update(actor="nobody"), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic():
            change(AuditEntry.objects.all())


def test_a_receiver_that_fails_rolls_the_whole_move_back():
    def refuse(**_):
        raise RuntimeError("the outbox is full")

    lease = factories.claim(factories.make_case(), factories.make_operator())
    signals.recorded.connect(refuse)
    try:
        with pytest.raises(RuntimeError):
            factories.decide(lease)
    finally:
        signals.recorded.disconnect(refuse)
    assert Escalation.objects.get(id=lease.case_id).state == State.CLAIMED
    assert not Resolution.objects.exists()

"""One thing done with many cases: what is told before, what is done, and what is told after."""

import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models.functions import Now

from escalations import transitions
from escalations.models import Claim, Escalation, Operator, Presence, Resolution, Ring, State
from escalations.transitions.decisions import digest
from operators.bulk import plans
from operators.bulk.forms import BULKS
from operators.models import Draft
from tests.factories import (
    REFUND,
    claim,
    make_admin,
    make_agent,
    make_case,
    make_operator,
    make_queue,
    make_resolved,
    make_skill,
)

pytestmark = pytest.mark.django_db
ALIKE = {"decision": "approve", "message": "", "agent_correct": "yes", "failure_primary": "none"}


def send(client, operator, name, cases, **fields):
    """Do it as the dialog does: with what its preview says back, unless `seen` is something else."""
    client.force_login(operator)
    ids = ",".join(str(getattr(case, "id", case)) for case in cases)
    fields = {"seen": seen_in(preview(client, name, ids, **fields))} | fields
    return client.post(f"/bulk/{name}/", {"cases": ids} | filled(fields))


def filled(fields):
    return {"filled": "1"} | {f"bulk-{field}": value for field, value in fields.items()}


def preview(client, name, ids, **fields):
    return client.post(
        f"/bulk/{name}/preview/", {"cases": ids} | (filled(fields) if fields else {})
    ).content.decode()


def seen_in(html):
    return re.findall(r'name="bulk-seen" value="([^"]+)"', html)


def look(client, operator, name, cases, **fields):
    """The preview as text."""
    client.force_login(operator)
    html = preview(client, name, ",".join(str(case.id) for case in cases), **fields)
    plan = re.search(r'id="bulk-plan".*?>(.*)</form>', html, re.DOTALL)[1]
    return " ".join(re.sub(r"<[^>]+>", " ", plan).split())


def told(answer):
    assert answer.status_code == 204
    return json.loads(answer.headers["HX-Trigger"])["handrail:toast"]


def states(*cases):
    known = dict(Escalation.objects.values_list("id", "state"))
    return [known[case.id] for case in cases]


def test_a_preview_says_what_will_happen_and_changes_nothing(client):
    operator, noor = make_operator(), make_operator(first_name="Noor")
    free, held, done = make_case(question="Free?"), make_case(question="Held?"), make_resolved()
    claim(held, noor)
    before = list(Escalation.objects.order_by("id").values())
    text = look(client, operator, "claim", [free, held, done])
    assert "1 of 3 cases will be yours now." in text
    assert "Held? Noor has it." in text
    assert "It is resolved." in text
    assert list(Escalation.objects.order_by("id").values()) == before


def test_cases_are_claimed_up_to_what_fits(client):
    operator = make_operator(capacity=2)
    cases = [make_case(question=f"Case {number}?") for number in range(3)]
    answer = told(send(client, operator, "claim", cases))
    assert states(*cases) == [State.CLAIMED, State.CLAIMED, State.QUEUED]
    assert answer["tone"] == "warn"
    assert answer["text"].startswith("2 of 3 cases yours now. Not: Case 2?: ")


def test_a_preview_lists_what_it_will_be_done_with_and_no_more_than_fits(client):
    operator = make_operator(capacity=2)
    cases = [make_case(question=f"Case {number}?") for number in range(4)]
    claim(cases[0], operator)
    text = look(client, operator, "claim", cases)
    assert "1 of 4 cases will be yours now. These cases Case 1? normal · support" in text
    assert "Case 0? You have it already." in text
    assert "Case 2? You hold 2 of 2 already." in text
    told(send(client, operator, "claim", cases))
    assert states(*cases) == [State.CLAIMED, State.CLAIMED, State.QUEUED, State.QUEUED]


def test_a_preview_of_giving_looks_at_the_desk_the_queues_and_the_skills_of_the_person(client):
    make_skill("refunds")
    admin, mei = make_admin(), make_operator(first_name="Mei", capacity=1)
    billing = make_agent("billing", queue=make_queue("billing"))
    cases = [
        make_case(billing, question="Billed?"),
        make_case(question="Skilled?", routing={"skills": ["refunds"]}),
        make_case(question="First?"),
        make_case(question="Second?"),
    ]
    Presence.objects.update(seen_at=Now())
    text = look(client, admin, "assign", cases, person=mei.pk)
    assert "1 of 4 cases will be given. These cases First?" in text
    assert "Billed? Mei is not in the queue billing or lacks a skill that it requires." in text
    assert "Skilled? Mei is not in the queue support or lacks a skill that it requires." in text
    assert "Second? Mei has no room: 1 of 1 is in use." in text
    assert told(send(client, admin, "assign", cases, person=mei.pk))["text"].startswith("1 of 4 cases given.")
    Presence.objects.filter(operator=mei).update(availability="away")
    assert "Second? Mei is away." in look(client, admin, "assign", cases[3:], person=mei.pk)


def test_giving_to_somebody_without_a_page_open_says_so_before(client):
    admin, mei = make_admin(), make_operator(first_name="Mei")
    case = make_case(question="First?")
    text = look(client, admin, "assign", [case], person=mei.pk)
    assert (
        "Mei has no page open. What they do not open within 10 minutes waits again. These cases First?"
        in text
    )
    assert "Mei · has no page open" in str(BULKS["assign"](admin)["person"])

    Presence.objects.update(seen_at=Now())
    assert "no page open" not in look(client, admin, "assign", [case], person=mei.pk)
    assert "no page open" not in str(BULKS["assign"](admin)["person"])


@pytest.mark.parametrize(("first", "count"), [("mine", 2), ("free", 1)])
def test_a_preview_knows_that_a_decided_case_makes_room_for_the_next(client, first, count):
    operator = make_operator(capacity=1)
    mine, free = make_case(question="Mine?"), make_case(question="Free?")
    claim(mine, operator)
    cases = [mine, free] if first == "mine" else [free, mine]
    assert f"{count} of 2 cases will be snoozed." in look(client, operator, "snooze", cases, minutes="30")
    told(send(client, operator, "snooze", cases, minutes="30"))
    assert states(mine, free).count(State.SNOOZED) == count


def test_what_is_offered_to_a_person_takes_no_room_twice(client):
    operator = make_operator(capacity=1)
    offered, other = make_case(question="Offered?"), make_case(question="Other?")
    Presence.objects.filter(operator=operator).update(seen_at=Now())
    assert transitions.offer(case_id=offered.id, operator_ids=[operator.pk], ring=Ring.EXACT)
    assert "Other? You hold 1 of 1 already." in look(client, operator, "claim", [other])
    assert "1 of 2 cases will be yours now. These cases Offered?" in look(
        client, operator, "claim", [offered, other]
    )


def test_a_case_past_its_hard_limit_is_left_out(client):
    case = make_case(question="Over?")
    Escalation.objects.filter(id=case.id).update(expires_at=Now() - timedelta(seconds=1))
    assert "Over? It is expired." in look(client, make_operator(), "claim", [case])


def test_an_admin_gives_cases_to_somebody_and_operators_cannot(client):
    operator, admin = make_operator(), make_admin()
    cases = [make_case(), make_case()]
    assert send(client, operator, "assign", cases, person=operator.pk).status_code == 403
    answer = told(send(client, admin, "assign", cases, person=operator.pk))
    assert answer == {"tone": "good", "text": "2 of 2 cases given."}
    assert set(Escalation.objects.values_list("holder", flat=True)) == {operator.pk}


def test_priorities_are_changed_by_supervisors_only(client):
    cases = [make_case(question="Normal?"), make_case(question="Urgent?", routing={"priority": "urgent"})]
    assert send(client, make_operator(), "priority", cases, priority="0").status_code == 403
    assert "Urgent? It has this priority." in look(client, make_admin(), "priority", cases, priority="0")
    assert told(send(client, make_admin(), "priority", cases, priority="0"))["text"].startswith("1 of 2")
    assert set(Escalation.objects.values_list("priority", flat=True)) == {0}


def test_cases_are_snoozed_whether_held_or_free_but_not_past_their_due_time(client):
    operator = make_operator()
    free, mine, short = make_case(), make_case(), make_case(question="Short?")
    claim(mine, operator)
    Escalation.objects.filter(id=short.id).update(due_at=Now() + timedelta(minutes=10))
    assert "Short? It must be decided by" in look(
        client, operator, "snooze", [free, mine, short], minutes="60"
    )
    answer = told(send(client, operator, "snooze", [free, mine, short], minutes="60"))
    assert states(free, mine, short) == [State.SNOOZED, State.SNOOZED, State.QUEUED]
    assert answer["text"].startswith("2 of 3 cases snoozed. Not: Short?: It must be decided by")


def test_cases_are_resolved_alike_each_with_its_own_decision(client):
    operator = make_operator(capacity=1)
    free, mine = make_case(), make_case()
    claim(mine, operator)
    Draft.objects.create(case=mine, operator=operator, fields={"message": ["half"]})
    answer = told(send(client, operator, "resolve", [mine, free], **ALIKE))
    assert answer == {"tone": "good", "text": "2 of 2 cases resolved."}
    for case in (free, mine):
        resolution = Resolution.objects.get(case=case)
        assert (resolution.decision, resolution.operator, resolution.agent_correct) == (
            "approve",
            operator,
            "yes",
        )
        assert [action["decision"] for action in resolution.actions] == ["approve"]
        assert resolution.actions[0]["digest_seen"] == digest(REFUND["arguments"])
    assert not Draft.objects.exists()


def test_what_would_be_approved_is_shown_with_its_arguments_and_risk(client):
    action = REFUND | {"risk": "low", "current": {"amount": 0}}
    text = look(client, make_operator(), "resolve", [make_case(pending_actions=[action])], **ALIKE)
    assert "issue_refund low risk sha-256" in text
    assert "− &quot;amount&quot;: 0, " in text
    assert "+ &quot;amount&quot;: 912, " in text
    words = make_case(kind="review", suggestions=[{"content": "Dear Mia, done."}])
    assert "“Dear Mia, done.”" in look(client, make_operator(), "resolve", [words], **ALIKE)


@pytest.mark.parametrize("risk", ["high", "critical"])
def test_what_is_risky_is_not_approved_among_others_but_may_be_denied(client, risk):
    operator = make_operator()
    risky = make_case(question="Risky?", pending_actions=[REFUND | {"risk": risk}])
    text = look(client, operator, "resolve", [risky], **ALIKE)
    assert "0 of 1 case will be resolved." in text
    assert f"Risky? issue_refund is of {risk} risk. Decide it by itself." in text
    assert "0 of 1" in told(send(client, operator, "resolve", [risky], **ALIKE))["text"]
    assert states(risky) == [State.QUEUED]
    denied = ALIKE | {"decision": "reject", "message": "Never."}
    assert "1 of 1" in told(send(client, operator, "resolve", [risky], **denied))["text"]
    assert Resolution.objects.get().actions[0]["digest_seen"] == digest(REFUND["arguments"])


def test_what_is_too_long_to_take_in_is_not_approved_among_others(client):
    action = REFUND | {"input_schema": None, "arguments": {"note": "x" * 3_000}}
    text = look(client, make_operator(), "resolve", [make_case(pending_actions=[action])], **ALIKE)
    assert "It proposes too much to see at a glance. Decide it by itself." in text


def test_only_what_was_shown_is_approved(client):
    operator, noor = make_operator(), make_operator(first_name="Noor")
    shown, held = make_case(question="Shown?"), make_case(question="Held?")
    lease = claim(held, noor)
    client.force_login(operator)
    seen = seen_in(preview(client, "resolve", f"{shown.id},{held.id}", **ALIKE))
    transitions.release(lease=lease)
    answer = told(send(client, operator, "resolve", [shown, held], **ALIKE, seen=seen))
    assert answer["text"] == "1 of 2 cases resolved. Not: Held?: You were not shown what it proposes."
    assert states(shown, held) == [State.RESOLVED, State.QUEUED]


@pytest.mark.parametrize("wrong", ["", "sha-256=" + "0" * 64])
def test_an_approval_is_bound_to_the_digests_that_were_shown(client, wrong):
    case = make_case(question="Which?")
    answer = send(client, make_operator(), "resolve", [case], **ALIKE, seen=[f"{case.id} {wrong}"])
    assert told(answer)["text"].endswith("Not: Which?: You were not shown what it proposes.")
    assert states(case) == [State.QUEUED]
    denied = ALIKE | {"decision": "reject", "message": "No."}
    told(send(client, make_operator(), "resolve", [case], **denied, seen=[]))
    assert Resolution.objects.get().actions[0]["digest_seen"] == ""


def test_a_decision_that_a_case_does_not_allow_leaves_it_out(client):
    operator = make_operator()
    approval, question = make_case(), make_case(question="Which?", kind="question")
    wants_form = make_case(
        question="Form?", kind="question", response_schema={"type": "object", "properties": {}}
    )
    text = look(client, operator, "resolve", [approval, question], **ALIKE)
    assert "1 of 2 cases will be resolved." in text
    assert "Which? “Approve” is not allowed here." in text
    answers = ALIKE | {"decision": "respond", "message": "The blue one."}
    text = look(client, operator, "resolve", [question, wants_form], **answers)
    assert "Form? Its answer is a form of its own." in text
    told(send(client, operator, "resolve", [question, wants_form], **answers))
    assert states(question, wants_form) == [State.RESOLVED, State.QUEUED]


def test_what_a_transition_refuses_is_put_back_and_told(client, monkeypatch):
    operator = make_operator()
    first, second = make_case(question="First?"), make_case(question="Second?")
    resolve = transitions.resolve

    def refusing(*, lease, **rest):
        if lease.case_id == first.id:
            raise transitions.NotAllowed("The agent changed its mind.")
        return resolve(lease=lease, **rest)

    monkeypatch.setattr(transitions, "resolve", refusing)
    answer = told(send(client, operator, "resolve", [first, second], **ALIKE))
    assert answer["text"] == "1 of 2 cases resolved. Not: First?: The agent changed its mind."
    assert states(first, second) == [State.QUEUED, State.RESOLVED]
    assert not Claim.objects.filter(case=first, ended_at=None).exists()


def test_labels_and_answers_are_asked_for_before_anything_is_done(client):
    case = make_case()
    answer = send(client, make_operator(), "resolve", [case], **ALIKE | {"agent_correct": ""})
    assert answer.status_code == 422
    answer = send(client, make_operator(), "resolve", [case], **ALIKE | {"agent_correct": "no"})
    assert "The agent was not right, so something went wrong." in answer.content.decode()
    answer = send(client, make_operator(), "resolve", [case], **ALIKE | {"decision": "respond"})
    assert "Write the answer." in answer.content.decode()
    assert states(case) == [State.QUEUED]


@pytest.mark.parametrize("name", ["claim", "snooze", "resolve"])
def test_nobody_reaches_cases_of_queues_that_are_not_theirs(client, name):
    case = make_case(make_agent("other", queue=make_queue("billing")), question="Secret?")
    operator = make_operator()
    text = look(client, operator, name, [case])
    assert "Secret?" not in text
    assert "0 of 1 case" in text
    fields = ALIKE if name == "resolve" else {"minutes": "60"}
    assert "1 not there any more" in told(send(client, operator, name, [case], **fields))["text"]
    assert states(case) == [State.QUEUED]


def test_nonsense_is_left_out_and_the_choice_is_bounded(client, monkeypatch):
    monkeypatch.setattr(plans, "MOST", 2)
    cases = [make_case() for _ in range(3)]
    answer = told(send(client, make_operator(), "claim", ["nonsense", cases[0], cases[0], uuid4(), *cases]))
    assert answer["text"].startswith("1 of 2")
    client.force_login(Operator.objects.first())
    assert client.post("/bulk/delete/", {"cases": ""}).status_code == 404
    assert client.get("/bulk/claim/").status_code == 405


def test_rows_can_be_chosen_on_the_queue_page_but_not_when_closed_or_beside_a_case(client):
    case, done = make_case(), make_resolved()
    client.force_login(make_operator())
    assert f'data-pick value="{case.id}"' in client.get("/?view=all").content.decode()
    assert "data-pick" not in client.get(f"/cases/{done.id}/").content.decode()


def test_a_preview_costs_the_same_for_few_and_for_many(client, django_assert_num_queries):
    operator = make_operator()
    client.force_login(operator)
    for size in (3, 20):
        ids = ",".join(str(make_case().id) for _ in range(size))
        with django_assert_num_queries(3):  # session, person, cases
            client.post("/bulk/resolve/preview/", {"cases": ids})

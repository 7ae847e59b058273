"""Labels in the decision form: what is said is kept, what is suggested is marked and kept apart."""

import pytest

from escalations.labels import taxonomy
from escalations.models import Resolution
from escalations.transitions import Labels
from operators.labels.forms.labels import LabelsForm
from tests.factories import claim, make_case, make_operator

pytestmark = pytest.mark.django_db

STEPS = [{"name": "find payment", "status": "failed"}, {"name": "refund", "status": "ok"}]
HTML = [
    {"role": "user", "content": "Where is my money?"},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": "a", "type": "function", "function": {"name": "get_payment", "arguments": "{}"}}
        ],
    },
    {"role": "tool", "tool_call_id": "a", "content": "<html><title>502 Bad Gateway</title></html>"},
]
SAID = {
    "agent_correct": "no",
    "failure_primary": "integration",
    "failure_modes": ["cost", "integration"],
    "first_error_index": "0",
    "root_cause_index": "1",
    "step-0": "bad",
    "step-1": "neutral",
    "external_codes": ["MAST-1.1", "AgentRx-misread-output"],
    "responsible": "tool",
    "missed_checkpoint": "payment is readable",
    "fault_tool": "get_payment",
    "fault_kind": "html_not_json",
    "escalation_needed": "yes",
    "category_correct": "no",
    "deterministic_rule": "Look up the payment by its order",
    "must": "Say when\n\nSay how much\n",
    "must_not": "Promise a date",
    "preference_strength": "2",
    "pair_at_index": "1",
    "note": "Seen twice",
    "active_seconds": "86400",
}
KEPT = {
    "failure_modes": ["integration", "cost"],
    "first_error_index": 0,
    "root_cause_index": 1,
    "step_labels": {"0": "bad", "1": "neutral"},
    "external_codes": ["MAST-1.1", "AgentRx-misread-output"],
    "responsible": "tool",
    "missed_checkpoint": "payment is readable",
    "tool_fault": {"tool": "get_payment", "kind": "html_not_json"},
    "escalation_needed": True,
    "category_correct": False,
    "deterministic_rule": "Look up the payment by its order",
    "must": ["Say when", "Say how much"],
    "must_not": ["Promise a date"],
    "preference_strength": 2,
    "pair_at_index": 1,
    "note": "Seen twice",
    "training_allowed": False,
}


def send(client, case, lease=None, **fields):
    lease = lease or claim(case, make_operator())
    client.force_login(lease.operator)
    form = {"lease_token": lease.token, "decision": "reject", "then": "stay"}
    return client.post(f"/cases/{case.id}/decide/", form | fields)


def test_every_label_that_is_said_is_kept(client):
    case = make_case(steps=STEPS, messages=HTML)
    answer = send(client, case, **SAID)
    assert answer.status_code == 302, answer.context["form"].errors
    [said] = Resolution.objects.get(case=case).revisions.all()
    assert {name: getattr(said, name) for name in KEPT} == KEPT
    # The case was held for no day.
    assert 0 < said.active_seconds < 600


def test_what_is_suggested_is_chosen_marked_and_kept_with_what_the_person_said(client):
    case = make_case(steps=STEPS, messages=HTML, usage={"turns": 20})
    lease = claim(case, make_operator())
    client.force_login(lease.operator)
    html = client.get(f"/cases/{case.id}/").content.decode()
    assert 'name="fault_tool" value="get_payment"' in html
    assert "MAST-1.1 <small>Disobey task specification</small>" in html
    assert html.count('data-guess="suggested"') == 4  # the mode, two more, and the first error
    form = client.get(f"/cases/{case.id}/").context["panel"].form
    assert form["failure_modes"].value() == ["error_cascade", "context_dilution"]
    assert not form.has_more_labels

    said = SAID | {"failure_modes": ["context_dilution"], "fault_kind": "timeout"}
    send(client, case, lease, **said)
    told = Resolution.objects.get(case=case).suggestions.values_list("field", "detector", "accepted")
    assert set(told) == {
        ("failure_primary", "tool_fault", True),
        ("failure_modes", "failed_checkpoint", False),
        ("failure_modes", "long_conversation", True),
        ("tool_fault", "tool_fault", False),
        ("first_error_index", "failed_checkpoint", True),
    }


def test_in_an_audit_nothing_is_suggested(client):
    case = make_case(kind="review", steps=STEPS, messages=HTML)
    lease = claim(case, make_operator())
    client.force_login(lease.operator)
    assert "data-guess" not in client.get(f"/cases/{case.id}/").content.decode()
    said = {"decision": "respond", "message": "No.", "agent_correct": "no", "failure_primary": "cost"}
    assert send(client, case, lease, **said).status_code == 302
    assert not Resolution.objects.get(case=case).suggestions.exists()


def test_where_nothing_went_wrong_nothing_else_did(client):
    case = make_case()
    said = {"agent_correct": "yes", "failure_primary": "none", "failure_modes": ["cost"]}
    assert send(client, case, **said).status_code == 302
    assert Resolution.objects.get(case=case).revisions.get().failure_modes == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"fault_tool": ""}, "Name the tool."),
        ({"fault_kind": ""}, "Choose what was wrong with it."),
        ({"step-0": "good"}, "You called this step good."),
        ({"failure_primary": "none"}, "something went wrong"),
        ({"must": "x" * 2001}, "…” has more than 2000 characters."),
        ({"external_codes": ["MAST-9.9"]}, "not one of the available choices"),
    ],
)
def test_labels_that_contradict_each_other_come_back_with_what_is_wrong(client, wrong, words):
    case = make_case(steps=STEPS, messages=HTML)
    answer = send(client, case, **SAID | wrong)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert words in html
    assert ">Seen twice</textarea>" in html
    assert not Resolution.objects.exists()


def test_a_form_of_labels_holds_what_was_said_before():
    said = Labels(disposition="edit", agent_correct="no", failure_primary="integration", **KEPT)
    form = LabelsForm({"steps": STEPS}, said=said)
    assert {name: form[name].value() for name in SAID if name not in ("active_seconds", "must")} == {
        **{name: value for name, value in SAID.items() if name not in ("active_seconds", "must")},
        "failure_modes": ["cost"],
        "preference_strength": "2",
    }


def test_a_mode_that_is_off_is_offered_only_where_it_was_said():
    meanings = taxonomy.said_by({"modes": {"cost": {"on": False}}})
    plain, old = (
        LabelsForm({}, meanings=meanings, said=said) for said in (None, Labels("approve", "no", "cost"))
    )
    assert ["cost" in [mode.value for mode in form.modes] for form in (plain, old)] == [False, True]

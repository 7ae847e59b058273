import re

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from escalations import transitions
from escalations.models import Availability, Delivery, Escalation, Presence, Resolution, Role, State
from escalations.transitions.decisions import digest
from operators.models import Draft
from tests.factories import REFUND, claim, decide, lapse, make_case, make_operator, make_resolved

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
CHANGED = '{"order_id": "W2378156", "amount": 900, "payment_method": "gift_card_1"}'


def seen(case):
    """What the page says back of the arguments that it shows."""
    actions = enumerate(case.handoff.payload["pending_actions"])
    return {f"action-{index}-digest": digest(action["arguments"]) for index, action in actions}


class Desk:
    """A person with a case in their hands, and the form they send."""

    def __init__(self, client, **payload):
        self.client = client
        self.operator = make_operator()
        client.force_login(self.operator)
        self.case = make_case(**payload)
        self.lease = claim(self.case, self.operator)

    def send(self, headers=None, **fields):
        form = {
            "lease_token": self.lease.token,
            "agent_correct": "no",
            "failure_primary": "edge_case",
            "training_allowed": "on",
            "then": "stay",
            **seen(self.case),
        }
        return self.client.post(f"/cases/{self.case.id}/decide/", form | fields, headers=headers or {})

    @property
    def resolution(self):
        return Resolution.objects.get(case=self.case)

    def lose(self, to=None):
        lapse(self.case)
        if to:
            claim(self.case, to)


@pytest.fixture
def desk(client):
    return Desk(client)


def test_the_page_says_back_which_arguments_it_showed(desk):
    html = desk.client.get(f"/cases/{desk.case.id}/").content.decode()
    [(name, value)] = seen(desk.case).items()
    assert f'<input type="hidden" name="{name}" value="{value}">' in html
    desk.send(decision="reject", **{name: ""})
    assert desk.resolution.actions[0]["digest_seen"] == ""


@pytest.mark.parametrize("digest_seen", ["", "sha-256=" + "0" * 64])
def test_nothing_is_approved_whose_arguments_were_not_on_the_page(desk, digest_seen):
    answer = desk.send(decision="approve", **{"action-0-digest": digest_seen})
    assert answer.status_code == 422
    assert re.search("nothing is approved unseen|not the arguments", answer.content.decode())
    assert desk.send(decision="approve").status_code == 302
    assert desk.resolution.actions[0]["digest_seen"] == digest(REFUND["arguments"])


def test_an_approval_is_recorded_with_its_labels(desk):
    answer = desk.send(decision="approve", agent_correct="yes", failure_primary="none", note="fine")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/cases/{desk.case.id}/")
    found = desk.resolution
    assert found.operator == desk.operator
    assert [action["decision"] for action in found.actions] == ["approve"]
    assert (found.disposition, found.agent_correct, found.failure_primary) == ("approve", "yes", "none")
    assert (found.first_error_index, found.note, found.training_allowed) == (None, "fine", True)


def test_an_edit_is_recorded_with_the_new_arguments(desk):
    desk.send(decision="edit", **{"action-0-arguments": CHANGED})
    [action] = desk.resolution.actions
    assert (action["decision"], action["arguments"]["amount"]) == ("edit", 900)
    assert desk.resolution.disposition == "edit"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("{", "Not JSON"),
        ("[]", "The arguments must be a JSON object."),
        ('{"order_id": "W1", "payment_method": "x"}', "amount"),
        ('{"order_id": "W1", "amount": -1, "payment_method": "x"}', "/amount"),
        (None, "Nothing is changed yet."),
    ],
)
def test_an_edit_that_cannot_be_sent_comes_back_as_it_was(desk, typed, why):
    fields = {} if typed is None else {"action-0-arguments": typed}
    answer = desk.send(decision="edit", message="My words", **fields)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert why in html
    assert ">My words</textarea>" in html
    assert 'aria-invalid="true" autofocus' in html
    assert not Resolution.objects.exists()
    # What was typed survives even a closed window.
    assert ">My words</textarea>" in desk.client.get(f"/cases/{desk.case.id}/").content.decode()


def test_a_denial_gives_the_agent_the_reason(desk):
    desk.send(decision="reject", message="Not their card")
    [action] = desk.resolution.actions
    assert (action["decision"], action["message"]) == ("reject", "Not their card")
    assert desk.resolution.disposition == "replace"


def test_one_of_several_actions_can_be_denied_and_another_changed(client):
    desk = Desk(client, pending_actions=[REFUND | {"tool_call_id": id_} for id_ in ("a", "b", "c")])
    desk.send(decision="edit", **{"action-0-arguments": CHANGED, "action-1-deny": "on"})
    assert [action["decision"] for action in desk.resolution.actions] == ["edit", "reject", "approve"]


def test_an_answer_is_made_of_the_fields_that_the_agent_asked_for(client):
    schema = {
        "type": "object",
        "properties": {"source": {"type": "string", "enum": ["crm", "ledger"]}, "total": {"type": "number"}},
        "required": ["source"],
    }
    desk = Desk(client, kind="question", response_schema=schema)
    missing = desk.send(decision="respond", **{"response-total": "12"})
    assert missing.status_code == 422
    assert "Fill this in." in missing.content.decode()
    desk.send(decision="respond", **{"response-source": "crm", "response-total": "12"})
    assert desk.resolution.response == {"source": "crm", "total": 12.0}


def test_an_answer_that_breaks_the_schema_is_refused_at_its_field(client):
    schema = {"type": "object", "properties": {"code": {"type": "string", "pattern": "^A"}}}
    desk = Desk(client, kind="question", response_schema=schema)
    answer = desk.send(decision="respond", **{"response-code": "B1"})
    assert answer.status_code == 422
    assert 'id="response-code-errors"' in answer.content.decode()


KNOWN = {"facts": {"card": "1"}, "decisions": ["x"], "preferences": {}}
ROWS = {"resume": "1", "fact-name": "card", "fact-value": '"1"', "decided": "x", "resume-summary": "Old"}


def test_what_the_agent_restarts_from_can_be_put_right(client):
    desk = Desk(client, context=KNOWN, summary="Old")
    rows = ROWS | {"fact-name": ["card", "tier"], "fact-value": ["2", "gold"], "resume-summary": "New"}
    desk.send(decision="approve", **rows)
    assert desk.resolution.resume == {"facts": {"card": 2, "tier": "gold"}, "summary": "New"}


def test_rows_that_nobody_touched_change_nothing(client):
    desk = Desk(client, context=KNOWN, summary="Old")
    desk.send(decision="approve", **ROWS)
    assert desk.resolution.resume == {}


def test_rows_that_were_removed_are_gone(client):
    desk = Desk(client, context=KNOWN, summary="Old")
    desk.send(decision="approve", resume="1", **{"resume-summary": "Old"})
    assert desk.resolution.resume == {"facts": {}, "decisions": []}


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ({"fact-value": "{"}, "“{” is not JSON"),
        ({"fact-name": ["card", "card"], "fact-value": ["1", "2"]}, "“card” stands there twice."),
        ({"fact-name": "", "fact-value": "alone"}, "“alone” has no name."),
        ({"decided": '["x'}, "is not JSON"),
    ],
)
def test_a_state_that_no_agent_could_read_is_refused(client, rows, why):
    desk = Desk(client, context=KNOWN, summary="Old")
    answer = desk.send(decision="approve", **(ROWS | rows))
    assert answer.status_code == 422
    assert why in answer.content.decode()


def test_a_case_that_was_reopened_starts_from_what_was_decided_before(client):
    desk = Desk(client, context=KNOWN, summary="Old")
    desk.send(decision="approve", message="Done.")
    transitions.reopen(case_id=desk.case.id, operator=desk.operator, reason="")
    claim(desk.case, desk.operator)
    html = client.get(f"/cases/{desk.case.id}/").content.decode()
    assert re.findall(r'name="decided"[^>]*>([^<]*)<', html) == ["x", "Approve: Done.", ""]


def test_a_question_without_a_schema_is_answered_in_words(client):
    desk = Desk(client, kind="question")
    assert "Write the answer." in desk.send(decision="respond").content.decode()
    desk.send(decision="respond", message="The ledger counts.")
    assert desk.resolution.message == "The ledger counts."


def test_the_words_of_a_draft_can_be_changed(client):
    desk = Desk(client, kind="review", suggestions=[{"content": "Dear customer"}])
    assert "Write what the agent should say." in desk.send(decision="edit", draft=" ").content.decode()
    desk.send(decision="edit", draft="Dear Mia")
    assert desk.resolution.message == "Dear Mia"


def test_labels_are_asked_for_next_to_their_fields(desk):
    html = desk.send(decision="", agent_correct="", failure_primary="").content.decode()
    assert "data-case-form data-open" in html  # on a phone no sheet hides what is wrong
    for words in ("Choose what to do.", "Say whether the agent was right.", "Choose one, or nothing."):
        assert words in html


def test_no_label_is_chosen_for_a_person_unless_the_record_points_to_one(client):
    chosen = r'name="failure_primary" value="([a-z_]+)" required checked'
    plain = Desk(client)
    assert not re.findall(chosen, client.get(f"/cases/{plain.case.id}/").content.decode())
    failed = Desk(client, steps=[{"name": "find", "status": "failed"}])
    html = client.get(f"/cases/{failed.case.id}/").content.decode()
    assert re.findall(chosen, html) == ["error_cascade"]


@pytest.mark.parametrize("agent_correct", ["no", "partial"])
def test_labels_that_contradict_each_other_are_refused(desk, agent_correct):
    answer = desk.send(decision="reject", agent_correct=agent_correct, failure_primary="none")
    assert answer.status_code == 422
    assert "The agent was not right, so something went wrong." in answer.content.decode()
    assert desk.send(decision="reject", agent_correct="unsure", failure_primary="none").status_code == 302


@pytest.mark.parametrize(
    "fields", [{"decision": "cancel"}, {"decision": "approve", "first_error_index": "7"}]
)
def test_what_the_case_does_not_offer_cannot_be_sent(desk, fields):
    assert desk.send(**fields).status_code == 422
    assert not Resolution.objects.exists()


def test_the_first_error_is_a_step_of_the_case(client):
    desk = Desk(client, steps=[{"name": "look"}, {"name": "pay"}])
    desk.send(decision="approve", first_error_index="1", disposition="not_needed", training_allowed="")
    found = desk.resolution
    assert (found.first_error_index, found.disposition, found.training_allowed) == (1, "not_needed", False)


def test_submit_and_next_goes_on_to_the_next_case(desk):
    following = make_case()
    answer = desk.send(decision="approve", then="next")
    assert answer.headers["Location"] == f"/cases/{following.id}/"
    following.refresh_from_db()
    assert following.holder == desk.operator
    assert f'<a href="/cases/{desk.case.id}/">reopen the case</a>' in str(
        next(iter(get_messages(answer.wsgi_request)))
    )


@pytest.mark.parametrize("availability", [Availability.WRAP_UP, Availability.AWAY])
def test_who_wraps_up_or_is_away_gets_what_they_still_hold_and_no_new_case(desk, availability):
    held, following = make_case(), make_case()
    other = claim(held, desk.operator)
    Presence.objects.filter(operator=desk.operator).update(availability=availability)
    assert desk.send(decision="approve", then="next").headers["Location"] == f"/cases/{held.id}/"
    transitions.release(lease=other)

    desk.case, desk.lease = following, claim(following, desk.operator)
    answer = desk.send(decision="approve", then="next")
    assert answer.headers["Location"] == "/"
    assert "no new case came" in str(list(get_messages(answer.wsgi_request))[-1])
    assert not Escalation.objects.held_by(desk.operator).exists()


def test_after_the_last_case_all_is_clear(desk):
    answer = desk.send(decision="approve", then="next", headers=HTMX)
    assert answer.headers["HX-Redirect"] == "/"
    assert "All clear" in desk.client.get("/").content.decode()


def test_a_decision_under_a_lost_claim_changes_nothing_and_keeps_the_draft(desk):
    desk.lose(to=make_operator(username="noor"))
    answer = desk.send(decision="reject", message="My words")
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Your claim has ended. noor has this case now." in html
    assert "My words" in html
    assert not Resolution.objects.exists()
    assert Draft.objects.get().fields["message"] == ["My words"]


def test_a_lost_claim_can_be_taken_again_with_all_that_was_typed(desk):
    desk.lose()
    answer = desk.send(headers=HTMX, decision="reject", message="My words")
    assert answer.status_code == 409
    assert "Claim again" in answer.content.decode()
    html = desk.client.post(f"/cases/{desk.case.id}/claim/", follow=True).content.decode()
    assert ">My words</textarea>" in html
    assert 'value="reject" required checked' in html


def test_a_decision_on_a_withdrawn_case_says_so(desk):
    Escalation.objects.filter(id=desk.case.id).update(
        state=State.CANCELLED, holder=None, lease_expires_at=None, closed_at=timezone.now()
    )
    answer = desk.send(decision="approve")
    assert answer.status_code == 409
    assert "The case is cancelled now." in answer.content.decode()


def test_the_draft_goes_when_the_decision_is_made(desk):
    desk.client.post(f"/cases/{desk.case.id}/draft/", {"message": "My words"})
    desk.send(decision="approve")
    assert not Draft.objects.exists()


# --- checking an edit on the way --------------------------------------------------------


def check(desk, typed, action="0"):
    fields = {"action": action, "action-0-arguments": typed}
    return desk.client.post(f"/cases/{desk.case.id}/arguments/", fields)


def test_an_edit_is_checked_while_it_is_typed(desk):
    html = check(desk, CHANGED).content.decode()
    assert "2 arguments changed, valid" in html
    assert "&quot;amount&quot;: 900" in html.split("<ins>")[1]


def test_what_is_wrong_with_an_edit_is_said_with_its_place(desk):
    html = check(desk, '{"order_id": "W1", "amount": -1, "payment_method": "x"}').content.decode()
    assert "/amount: -1 is less than the minimum of 0" in html


@pytest.mark.parametrize("action", ["1", "", "x", "-1"])
def test_an_action_that_is_not_there_is_not_found(desk, action):
    assert check(desk, "{}", action).status_code == 404


# --- reopening --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "decided_it", "status"),
    [
        (Role.OPERATOR, True, 302),
        (Role.OPERATOR, False, 403),
        (Role.REVIEWER, False, 302),
        (Role.ADMIN, False, 302),
    ],
)
def test_who_may_reopen_a_case(client, role, decided_it, status):
    operator = make_operator(role=role)
    case = make_resolved(operator if decided_it else make_operator())
    client.force_login(operator)
    answer = client.post(f"/cases/{case.id}/reopen/", {"reason": "wrong card"})
    assert answer.status_code == status
    case.refresh_from_db()
    assert case.state == (State.QUEUED if status == 302 else State.RESOLVED)


def test_a_decision_that_the_agent_has_applied_is_reopened_with_a_reason_alone(client):
    reviewer, case = make_operator(role=Role.REVIEWER), make_resolved()
    Escalation.objects.update(delivery=Delivery.APPLIED)
    client.force_login(reviewer)
    answer = client.post(f"/cases/{case.id}/reopen/", {"reason": "  "})
    assert "Say why the case is reopened." in str(next(iter(get_messages(answer.wsgi_request))))
    assert Escalation.objects.get().state == State.RESOLVED
    assert 'maxlength="300" required' in client.get(f"/cases/{case.id}/").content.decode()

    client.post(f"/cases/{case.id}/reopen/", {"reason": "Wrong card"})
    assert Escalation.objects.get().state == State.QUEUED


def test_a_case_that_is_open_cannot_be_reopened(client):
    reviewer, case = make_operator(role=Role.REVIEWER), make_case()
    client.force_login(reviewer)
    answer = client.post(f"/cases/{case.id}/reopen/")
    assert "Only a resolved case can be reopened." in str(next(iter(get_messages(answer.wsgi_request))))


def test_a_second_decision_stands_beside_the_first(client):
    operator = make_operator()
    case = make_resolved(operator)
    client.force_login(operator)
    client.post(f"/cases/{case.id}/reopen/")
    decide(claim(case, operator), "reject")
    html = client.get(f"/cases/{case.id}/").content.decode()
    assert "Decided before: approve" in html
    assert "<h2>Deny</h2>" in html


def test_a_browser_that_shows_a_case_gets_the_next_one_into_its_page(desk):
    following = make_case(question="The next one?")
    answer = desk.send(HTMX | {"HX-Target": "side"}, decision="approve", then="next")
    assert answer.headers["HX-Push-Url"] == f"/cases/{following.id}/"
    assert answer.headers["HX-Retarget"] == "#main"
    html = answer.content.decode()
    assert "<title>The next one? · Handrail</title>" in html
    assert "<html" not in html
    assert "Resolved." in html

"""A person talks to the user through the agent, and hands back so that the agent can go on."""

import re
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from escalations import transitions
from escalations.handoffs.handback import HUMAN_PART_OVER, decision_of
from escalations.models import AuditEntry, Escalation, Event, Handoff, Resolution, Turn
from escalations.transitions import CaseClosed, InvalidTurn, LeaseLost
from tests.factories import claim, decide, lapse, make_agent, make_case, make_operator, make_queue

pytestmark = pytest.mark.django_db

ASKS = {"role": "user", "content": "Refund me, please."}
CALLS = {
    "role": "assistant",
    "content": None,
    "tool_calls": [
        {"id": "call_1", "type": "function", "function": {"name": "issue_refund", "arguments": "{}"}},
        {"id": "call_2", "type": "function", "function": {"name": "close_ticket", "arguments": "{}"}},
    ],
}


def user_says(case, text):
    message = {"role": "user", "content": text}
    transitions.add_message(case_id=case.id, messages=[message], actor="agent:support")


def handed_back(case):
    """The decision as the agent gets it."""
    case = Escalation.objects.get(id=case.id)
    resolution = Resolution.objects.current().select_related("operator").get(case=case)
    return decision_of(case, resolution, Handoff.objects.get(case=case))


def refusals_of_a_model(chat):
    """Why a chat model would not take these messages: what OpenAI's API checks of their order."""
    waiting = set()
    for at, message in enumerate(chat):
        if message["role"] == "tool":
            if message["tool_call_id"] not in waiting:
                yield f"{at}: a result of no open call"
            waiting.discard(message["tool_call_id"])
            continue
        if waiting:
            yield f"{at}: calls without a result: {sorted(waiting)}"
        waiting = {call["id"] for call in message.get("tool_calls") or []}
        if set(message) - {"role", "content", "name", "tool_calls"}:
            yield f"{at}: keys that no model knows"
        if not message.get("content") and not waiting:
            yield f"{at}: nothing said"
    if waiting:
        yield "the end: calls without a result"


def test_what_the_holder_says_is_a_turn_of_the_assistant_with_an_author():
    case, operator = make_case(kind="takeover"), make_operator()
    lease = claim(case, operator)
    Escalation.objects.filter(id=case.id).update(response_due_at=Now() + timedelta(minutes=1))
    owed_until = Escalation.objects.get(id=case.id).response_due_at
    link = {"uri": "https://example.com/label.pdf"}

    turn = transitions.say(lease=lease, text=" I am Noor. \r\nHow can I help?\n", attachments=[link])

    case.refresh_from_db()
    assert (case.version, case.response_due_at) == (3, None)
    assert (turn.author, turn.message) == (
        operator,
        {
            "role": "assistant",
            "content": "I am Noor. \nHow can I help?",
            "attachments": [{"uri": "https://example.com/label.pdf", "mime_type": "application/pdf"}],
        },
    )
    event = Event.objects.latest("id")
    assert (event.kind, event.version) == ("said", 3)
    assert event.data == {"turn": turn.pk, "answer_due_at": owed_until.isoformat()}
    assert AuditEntry.objects.latest("id").action == "said"


@pytest.mark.parametrize("ended", ["lapsed", "taken by another", "past its hard limit", "decided"])
def test_nobody_speaks_under_a_claim_that_has_ended(ended):
    case = make_case(kind="takeover")
    lease = claim(case, make_operator())
    if ended == "past its hard limit":
        Escalation.objects.filter(id=case.id).update(expires_at=Now())
    elif ended == "decided":
        decide(lease, "takeover")
    else:
        lapse(case)
        if ended == "taken by another":
            claim(case, make_operator())
    before = Escalation.objects.get(id=case.id).version
    with pytest.raises(LeaseLost):
        transitions.say(lease=lease, text="Hello?")
    assert not Turn.objects.exists()
    assert Escalation.objects.get(id=case.id).version == before


@pytest.mark.parametrize(
    ("text", "uris"),
    [
        (" \n\0", []),
        ("x" * 20_001, []),
        ("Look:", ["javascript:alert(1)"]),
        ("Look:", ["https:///nowhere"]),
        ("Look:", ["https://example.com/" + "x" * 2_000]),
        ("Look:", ["https://example.com/"] * 21),
    ],
)
def test_what_cannot_be_sent_is_refused_and_nothing_is_kept(text, uris):
    lease = claim(make_case(kind="takeover"), make_operator())
    with pytest.raises(InvalidTurn):
        transitions.say(lease=lease, text=text, attachments=[{"uri": uri} for uri in uris])
    assert not Turn.objects.exists()


def test_only_the_same_words_under_the_same_key_are_the_same_turn():
    case = make_case(kind="takeover")
    lease = claim(case, make_operator())
    for text, key in [
        ("Hello", "a"),
        ("Hello", "a"),
        ("Hello?", "a"),
        ("Hello", "b"),
        ("Hello", ""),
        ("Hello", ""),
    ]:
        transitions.say(lease=lease, text=text, key=key)
    said = [turn.message["content"] for turn in case.turns_since.all()]
    assert said == ["Hello", "Hello?", "Hello", "Hello", "Hello"]
    other = make_case(kind="takeover")
    transitions.say(lease=claim(other, lease.operator), text="Hello", key="a")
    assert other.turns_since.count() == 1


def test_an_answer_in_time_is_no_breach_and_the_next_turn_starts_anew():
    queue = make_queue("support", sla={2: (600, 6000)})
    queue.sla_targets.update(response_seconds=60)
    case = make_case(make_agent(queue=queue), kind="takeover")
    lease = claim(case, make_operator(queues=[queue]))
    pending = case.timers.filter(fired_at=None, kind="response")
    user_says(case, "Hello?")
    assert pending.exists()
    transitions.say(lease=lease, text="Hello.")
    assert not pending.exists()
    user_says(case, "Well?")
    assert pending.exists()


def test_typing_is_no_change_and_costs_one_event_in_three_seconds():
    case = make_case(kind="takeover")
    for _ in range(5):
        transitions.typing(case_id=case.id, actor="agent:support")
    case.refresh_from_db()
    assert case.user_typing_until is not None
    assert case.version == 1
    typed = Event.objects.filter(kind="typing")
    assert [event.version for event in typed] == [1]
    assert not AuditEntry.objects.filter(action="typing").exists()
    Escalation.objects.update(user_typing_until=Now() + timedelta(seconds=2))
    transitions.typing(case_id=case.id, actor="agent:support")
    assert typed.all().count() == 2
    user_says(case, "Here I am.")
    case.refresh_from_db()
    assert case.user_typing_until is None


def test_nobody_types_into_a_closed_case():
    case = make_case(kind="takeover")
    transitions.cancel(case_id=case.id, actor="agent:support")
    with pytest.raises(CaseClosed):
        transitions.typing(case_id=case.id, actor="agent:support")


def test_the_agent_gets_the_whole_human_part_and_can_go_on_behind_it():
    case = make_case(kind="takeover", messages=[ASKS, CALLS])
    lease = claim(case, make_operator())
    user_says(case, "Is anybody there?")
    link = {"uri": "https://example.com/form"}
    transitions.say(lease=lease, text="I am. Fill this in:", attachments=[link])
    photo = {"role": "user", "content": "Done.", "attachments": [{"uri": "https://example.com/photo"}]}
    transitions.add_message(case_id=case.id, messages=[photo], actor="agent:support")
    decide(lease, "takeover", message="All is settled.")

    messages = handed_back(case)["messages"]

    assert messages[2:] == [
        {"role": "user", "content": "Is anybody there?"},
        {"role": "assistant", "content": "I am. Fill this in:\n\nhttps://example.com/form"},
        {"role": "user", "content": "Done.\n\nhttps://example.com/photo"},
        {"role": "assistant", "content": "All is settled."},
        {"role": "system", "content": HUMAN_PART_OVER},
    ]
    conversation = [ASKS, CALLS, *messages]
    assert list(refusals_of_a_model(conversation)) == []
    assert (
        list(refusals_of_a_model([*conversation, {"role": "assistant", "content": "Anything else?"}])) == []
    )


def test_results_that_came_while_the_case_was_open_stand_right_behind_their_calls():
    case = make_case(kind="takeover", messages=[ASKS, CALLS])
    lease = claim(case, make_operator())
    transitions.say(lease=lease, text="One moment.")
    result = {"role": "tool", "tool_call_id": "call_2", "content": "closed"}
    transitions.add_message(case_id=case.id, messages=[result], actor="agent:support")
    decide(lease, "takeover")
    messages = handed_back(case)["messages"]
    assert messages[0] == result
    assert messages[1]["tool_call_id"] == "call_1"
    assert list(refusals_of_a_model([ASKS, CALLS, *messages])) == []


def test_an_approved_call_is_left_for_the_agent_to_make():
    """The results of the calls that it makes come first, then what was said meanwhile."""
    case = make_case(messages=[ASKS, CALLS | {"tool_calls": CALLS["tool_calls"][:1]}])
    lease = claim(case, make_operator())
    user_says(case, "Please hurry.")
    decide(lease)
    assert handed_back(case)["messages"] == [
        {"role": "user", "content": "Please hurry."},
        {"role": "system", "content": HUMAN_PART_OVER},
    ]


def test_the_resume_packet_says_that_a_person_spoke():
    case = make_case(kind="takeover", context={"facts": {"order": "W1"}, "decisions": ["identity checked"]})
    lease = claim(case, make_operator())
    transitions.say(lease=lease, text="Hello.")
    decide(lease, "takeover", message="Sent a new label.")
    decisions = handed_back(case)["resume"]["decisions"]
    assert decisions[0] == "identity checked"
    assert re.fullmatch(r"Take over \(a person wrote to the user, 1 turn\): Sent a new label\.", decisions[1])

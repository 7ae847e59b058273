import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from escalations import transitions
from escalations.models import Checkpoint, Delivery, Role, SlaTarget
from operators.case.views.case import render_status
from tests.factories import (
    REFUND,
    USER_ASKS,
    claim,
    decide,
    make_agent,
    make_case,
    make_operator,
    make_queue,
    make_resolved,
)

pytestmark = pytest.mark.django_db

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)> "
    "![x](https://evil.example/a.png) [b](javascript:alert(1))"
)


def steps(at=0):
    """Three steps, the second of which failed at message `at`."""
    times = {"started_at": "2025-11-22T10:00:00Z", "ended_at": "2025-11-22T10:00:00.8Z"}
    failed = {"passed": False, "errors": ["payment.holder does not match"]}
    return [
        {"name": "identify", "checkpoint": {"passed": True}, **times},
        {"name": "find payment", "message_index": at, "checkpoint": failed},
        {"name": "propose"},
    ]


def page(client, operator, case):
    client.force_login(operator)
    answer = client.get(f"/cases/{case.id}/")
    assert answer.status_code == 200
    return answer.content.decode()


def words(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_the_page_says_what_is_asked_why_and_by_whom(client):
    agent = make_agent(rules={"confidence": {"*": 0.7}, "turns": 20, "approve_tools": ["issue_refund"]})
    case = make_case(
        agent,
        question="Refund $912?",
        summary="A gift was paid by somebody else.",
        confidence=0.41,
        category="refund",
        conversation_id="conv_9",
        usage={"turns": 21, "cost_usd": "2.88", "seconds": 190},
        steps=steps(),
        context={
            "facts": {"identity": "verified"},
            "decisions": ["no receipt"],
            "preferences": {"by": "mail"},
        },
    )
    text = words(page(client, make_operator(), case))
    for expected in (
        "Refund $912?",
        "A gift was paid by somebody else.",
        "Confidence 0.41 is under 0.70",
        "issue_refund needs approval",
        "Turns 21 is over 20",
        "1 identify 0.8 s · checkpoint passed",
        "2 find payment checkpoint failed · first error",
        "3 propose built on step 2",
        "21 / 20",
        "$2.88",
        "identity verified",
        "no receipt",
        "by mail",
        "support handed the case off",
    ):
        assert expected in text


def test_the_proposal_is_compared_with_what_the_agent_knows(client):
    case = make_case(context={"facts": {"payment_method": "gift_card", "order_id": "W2378156"}})
    html = page(client, make_operator(), case)
    assert "<del>−   &quot;payment_method&quot;: &quot;gift_card&quot;</del>" in html
    assert "<ins>+   &quot;payment_method&quot;: &quot;credit_card_9513926&quot;</ins>" in html


def test_a_time_just_over_its_budget_does_not_read_like_the_budget(client):
    agent = make_agent(rules={"seconds": 180})
    html = page(client, make_operator(), make_case(agent, usage={"seconds": 203}))
    assert "3 min 23 s / 3 min" in html
    assert "3 min 23 s / 3 min" not in page(client, make_operator(), make_case(agent, usage={"seconds": 180}))


def test_ones_own_case_is_told_as_ones_own(client):
    kim, case = make_operator(first_name="Kim"), make_case()
    claim(case, kim)

    def told(html):
        return re.findall(r"<span data-(own|others)( hidden)?>([^<]*)", html)

    assert told(page(client, kim, case)) == [("own", "", "yours"), ("others", " hidden", "Kim has it")]
    assert told(page(client, make_operator(), case))[0] == ("own", " hidden", "yours")


def test_the_proposal_is_compared_with_what_the_agent_says_it_is_today(client):
    action = REFUND | {"current": {"payment_method": "gift_card", "amount": 0}}
    case = make_case(pending_actions=[action], context={"facts": {"payment_method": "paypal"}})
    html = page(client, make_operator(), case)
    assert "<del>−   &quot;payment_method&quot;: &quot;gift_card&quot;" in html
    assert "<del>−   &quot;amount&quot;: 0" in html
    assert "<code>payment_method</code> today: as the agent says." in html


def test_the_proposal_is_compared_with_what_a_tool_answered(client):
    call = {"id": "a", "function": {"name": "get_order", "arguments": '{"order_id": "W2378156"}'}}
    messages = [
        {"role": "user", "content": "Money back!"},
        {"role": "assistant", "content": None, "tool_calls": [call | {"type": "function"}]},
        {"role": "tool", "tool_call_id": "a", "content": '{"payment_method": "gift_card"}'},
    ]
    case = make_case(messages=messages, context={"facts": {"payment_method": "paypal"}})
    html = page(client, make_operator(), case)
    assert "<del>−   &quot;payment_method&quot;: &quot;gift_card&quot;</del>" in html
    assert 'today: as <a href="#turn-1">get_order answered in turn 2</a>' in html


def test_the_first_error_of_a_long_conversation_is_shown_between_two_gaps(client):
    messages = [{"role": "user", "content": f"turn number {n} of it"} for n in range(200)]
    html = page(client, make_operator(), make_case(messages=messages, steps=steps(at=80)))
    assert 'id="turn-80"' in html
    assert 'href="#turn-80"' in html
    assert "Show more of the 69 turns" in html
    assert "Show more of the 78 turns" in html
    assert "Step 2: payment.holder does not match" in html


def test_tool_calls_are_folded_and_faults_named(client):
    messages = [
        {"role": "user", "content": "Money back!"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "a",
                    "type": "function",
                    "function": {"name": "get_payment", "arguments": '{"id": "W1"}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "a", "content": "<html><title>502 Bad Gateway</title></html>"},
    ]
    html = page(client, make_operator(), make_case(messages=messages, steps=steps(at=1)))
    assert '<details class="tool bad"><summary>get_payment(W1) → HTML instead of JSON (502)</summary>' in html
    assert 'class="turn first-error"' in html
    assert "get_payment came back with HTML instead of JSON (502), in turn 2" in words(html)
    assert "<html><title>502" not in html


def test_genai_messages_and_their_first_error_are_found(client):
    messages = [
        {"role": "user", "parts": [{"type": "text", "content": "Hello"}]},
        {
            "role": "assistant",
            "parts": [
                {"type": "text", "content": "I look it up"},
                {"type": "tool_call", "id": "a", "name": "look", "arguments": {}},
            ],
        },
    ]
    html = page(client, make_operator(), make_case(messages=messages, steps=steps(at=1)))
    first_error = html.split("first-error")[1]
    assert "I look it up" in first_error


def test_an_unclaimed_case_can_be_read_and_claimed(client):
    html = page(client, make_operator(), make_case())
    assert "Claim <kbd" in html
    assert 'id="decide"' not in html


def test_a_held_case_says_who_has_it(client):
    case = make_case()
    claim(case, make_operator(first_name="Noor", last_name="Haddad"))
    html = page(client, make_operator(), case)
    assert "<b>Noor Haddad</b> has this case" in html
    assert "Claim <kbd" not in html


def test_the_live_part_says_when_it_is_due_that_the_user_waits_and_that_it_comes_too_late(client):
    SlaTarget.objects.create(
        queue=make_queue(), priority=2, pickup_seconds=600, resolution_seconds=3600, response_seconds=120
    )
    case = make_case(sla={"expires_at": (timezone.now() + timedelta(minutes=1)).isoformat()})
    operator = make_operator()
    claim(case, operator)
    transitions.add_message(case_id=case.id, messages=[USER_ASKS], actor="agent:support")

    client.force_login(operator)
    html = client.get(f"/cases/{case.id}/status/").content.decode()

    assert html.count("data-due") == 2
    assert "answer the user: <time" in html
    assert "expires too soon" in html


def test_the_holder_gets_the_form_with_their_lease(client):
    case, operator = make_case(), make_operator()
    lease = claim(case, operator)
    html = page(client, operator, case)
    assert f'name="lease_token" value="{lease.token}"' in html
    assert re.search(r'data-lease-expires="\d{4}-\d\d-\d\dT[^"]+\+00:00"', html)
    assert re.findall(r'name="decision" value="(\w+)"', html) == ["approve", "edit", "reject", "takeover"]


def test_the_record_points_to_labels(client):
    case, operator = make_case(steps=steps()), make_operator()
    claim(case, operator)
    html = page(client, operator, case)
    assert re.search(r'class="chip guess"[^>]*><input [^>]*value="error_cascade" required checked>', html)
    assert re.search(r'name="first_error_index" value="1" checked>', html)


def test_a_question_is_answered_in_the_fields_that_the_agent_asks_for(client):
    schema = {"type": "object", "properties": {"source": {"type": "string", "enum": ["crm", "ledger"]}}}
    case, operator = make_case(kind="question", response_schema=schema), make_operator()
    claim(case, operator)
    html = page(client, operator, case)
    assert re.search(r'name="decision" value="respond" required checked', html)
    assert '<select name="response-source"' in html


def test_a_draft_of_the_agent_is_shown_and_can_be_edited(client):
    case = make_case(kind="review", suggestions=[{"content": "Your **refund** comes.", "confidence": 0.3}])
    operator = make_operator()
    claim(case, operator)
    html = page(client, operator, case)
    assert "Your <strong>refund</strong> comes." in html
    assert '<textarea id="draft" name="draft">Your **refund** comes.</textarea>' in html
    # What was done already is judged; nobody is written to.
    assert "it was wrong: say why" in html
    assert "Message<span" not in html


def test_who_audits_is_not_told_how_sure_the_agent_was(client):
    agent = make_agent(rules={"confidence": {"*": 0.7}})
    draft = {"content": "Your refund is on its way.", "confidence": 0.41}
    for kind, is_told in [("question", True), ("review", False)]:
        case = make_case(agent, kind=kind, confidence=0.41, suggestions=[draft])
        text = words(page(client, make_operator(), case))
        assert "Your refund is on its way." in text
        assert ("0.41" in text) is is_told
        assert ("0.41" in words(client.get("/?view=all").content.decode())) is is_told
        transitions.cancel(case_id=case.id, actor="agent:support")


def test_a_resolved_case_shows_the_decision_and_where_it_is(client):
    operator = make_operator(first_name="Noor", last_name="Haddad")
    case = make_case()
    decide(claim(case, operator), "reject", message="Not your card", agent_correct="no", note="Seen before")
    text = words(page(client, operator, case))
    for expected in ("Deny", "Noor Haddad", "Not your card", "Seen before", "has not got the decision yet"):
        assert expected in text
    assert "Reopen" in text
    transitions.acknowledge(case_id=case.id, outcome=Delivery.LATE, detail="", actor="agent:support")
    assert "the decision came too late" in words(page(client, operator, case))


@pytest.mark.parametrize(
    ("role", "decided_it", "may"),
    [
        (Role.OPERATOR, True, True),
        (Role.OPERATOR, False, False),
        (Role.REVIEWER, False, True),
    ],
)
def test_who_may_reopen_is_offered_it(client, role, decided_it, may):
    operator = make_operator(role=role)
    case = make_resolved(operator if decided_it else make_operator())
    assert ('id="reopen"' in page(client, operator, case)) == may


def test_a_withdrawn_case_says_so(client):
    case = make_case()
    transitions.cancel(case_id=case.id, actor="agent:support", reason="solved itself")
    text = words(page(client, make_operator(), case))
    assert "The agent withdrew this case" in text
    assert "withdrew it: solved itself" in text


def test_turns_that_arrive_later_are_shown_and_live(client):
    case = make_case()
    transitions.add_message(
        case_id=case.id, messages=[{"role": "user", "content": "Are you *there*?"}], actor="agent:support"
    )
    html = page(client, make_operator(), case)
    live = render_status(case.id)
    for part in (html, live):
        assert "Are you <em>there</em>?" in part
        assert "1 turn since it came" in part
    assert re.findall(r'^<\w+ [^>]*id="([\w-]+)"', live, flags=re.M) == [
        "case-status",
        "turns-since",
        "notes",
        "activity",
    ]


def test_what_is_live_names_no_viewer():
    case = make_case()
    assert "csrf" not in render_status(case.id)


def test_a_long_conversation_is_folded_and_fetched_in_parts(client):
    messages = [{"role": "user", "content": f"turn number {n} of it"} for n in range(2000)]
    case, operator = make_case(messages=messages), make_operator()
    html = page(client, operator, case)
    assert len(html) < 200_000
    assert "turn number 9 of it" in html
    assert "turn number 10 of it" not in html
    assert "turn number 1960 of it" in html
    assert "Show more of the 1950 turns" in html
    part = client.get(f"/cases/{case.id}/conversation/?from=10").content.decode()
    assert "turn number 10 of it" in part
    assert "turn number 49 of it" in part
    assert "Show more of the 1910 turns" in part
    last = client.get(f"/cases/{case.id}/conversation/?from=1950").content.decode()
    assert "turn number 1959 of it" in last
    assert "turn number 1960 of it" not in last
    assert "Show more" not in last


def test_a_huge_message_is_clipped_and_can_be_read_as_text(client):
    huge = "x" * 3_900_000
    case, operator = make_case(messages=[{"role": "user", "content": huge}]), make_operator()
    html = page(client, operator, case)
    assert len(html) < 200_000
    assert "3892000 more characters" in html
    answer = client.get(f"/cases/{case.id}/text/?message=0")
    assert answer.content.decode() == huge
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_huge_arguments_do_not_stop_the_page(client):
    action = REFUND | {"arguments": {"note": "y" * 1_000_000}, "input_schema": None}
    case, operator = make_case(pending_actions=[action]), make_operator()
    claim(case, operator)
    assert "too long to show in full" in page(client, operator, case)


@pytest.mark.parametrize(
    "place", ["?message=1", "?message=-1", "?message=", "", "?message=0&call=0", "?message=9999999"]
)
def test_a_text_that_is_not_there_is_not_found(client, place):
    case = make_case()
    client.force_login(make_operator())
    assert client.get(f"/cases/{case.id}/text/{place}").status_code == 404


def test_the_arguments_of_a_call_can_be_read_as_text(client):
    call = {"id": "a", "type": "function", "function": {"name": "look", "arguments": '{"q": 1}'}}
    case = make_case(messages=[{"role": "assistant", "content": None, "tool_calls": [call]}])
    client.force_login(make_operator())
    assert client.get(f"/cases/{case.id}/text/?message=0&call=0").content == b'{"q": 1}'


def test_what_is_hostile_does_nothing(client):
    call = {"id": "a", "type": "function", "function": {"name": HOSTILE, "arguments": HOSTILE}}
    case = make_case(
        kind="review",
        question=HOSTILE,
        summary=HOSTILE,
        category="refund",
        conversation_id=HOSTILE[:100],
        messages=[
            {"role": "user", "content": HOSTILE},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "a", "content": HOSTILE},
        ],
        steps=[{"name": HOSTILE, "checkpoint": {"passed": False, "errors": [HOSTILE]}}],
        suggestions=[{"content": HOSTILE}],
        context={"facts": {HOSTILE: HOSTILE}, "decisions": [HOSTILE], "preferences": {}},
        attachments=[{"uri": "https://evil.example/a.png"}, {"uri": "javascript:alert(1)"}],
        metadata={HOSTILE: HOSTILE},
        response_schema={"type": "object", "properties": {HOSTILE: {"type": "string", "title": HOSTILE}}},
    )
    operator = make_operator()
    transitions.add_message(
        case_id=case.id, messages=[{"role": "user", "content": HOSTILE}], actor="agent:support"
    )
    claim(case, operator)
    html = page(client, operator, case)
    peek = client.get(f"/cases/{case.id}/peek/").content.decode()
    queue = client.get("/?view=mine").content.decode()
    for part in (html, peek, queue):
        assert "<script>alert" not in part
        assert "<img" not in part
        assert not re.search(r'(href|src)="?javascript:', part)


def test_a_look_shows_the_case_and_how_to_claim_it(client):
    case = make_case(summary="A gift.", question="Refund?")
    client.force_login(make_operator())
    text = words(client.get(f"/cases/{case.id}/peek/").content.decode())
    for expected in (
        "Refund?",
        "A gift.",
        "Why it is here",
        "issue_refund",
        "I want my money back",
        "Claim c",
    ):
        assert expected in text


def test_a_look_at_a_held_case_offers_no_claim(client):
    case = make_case()
    claim(case, make_operator(username="noor"))
    client.force_login(make_operator())
    text = words(client.get(f"/cases/{case.id}/peek/").content.decode())
    assert "noor has this case." in text
    assert "Claim c" not in text


def test_the_number_of_queries_does_not_grow_with_the_case(client, django_assert_max_num_queries):
    operator = make_operator(skills=["fr"])
    client.force_login(operator)
    small = make_case()
    client.get(f"/cases/{small.id}/")
    for size in (30, 300):
        messages = [{"role": "user", "content": f"turn {n}"} for n in range(size)]
        case = make_case(messages=messages)
        transitions.add_message(case_id=case.id, messages=messages[: size // 3], actor="agent:support")
        for _ in range(size // 10):
            transitions.release(lease=claim(case, operator))
        for number in range(size):
            make_case(question=f"another {size} {number}")
        claim(case, operator)
        with django_assert_max_num_queries(15):
            assert client.get(f"/cases/{case.id}/").status_code == 200


def test_a_case_of_another_queue_is_not_there(client):
    case = make_case(make_agent("other", queue=make_queue("billing")))
    client.force_login(make_operator())
    answer = client.get(f"/cases/{case.id}/")
    assert answer.status_code == 404
    assert "Refund" not in answer.content.decode()


def checked(*, fault="schema_mismatch", status=None, **given):
    """A case that a failed checkpoint opened."""
    case = make_case(make_agent(rules={"checkpoints": ["*"]}), reason="checkpoint_failed", **given)
    Checkpoint.objects.create(
        agent_version=case.agent_version,
        step="find payment",
        fault=fault,
        passed=False,
        http_status=status,
        errors=[
            {"pointer": "/amount", "detail": 'The value is not of type "number"', "schema_pointer": "/type"}
        ],
        case=case,
    )
    return case


def test_the_checkpoint_that_opened_the_case_stands_among_the_steps(client):
    operator = make_operator()
    told = words(page(client, operator, checked(status=200, steps=[{"name": "identify"}])))
    assert "Checkpoint find payment failed and must pass" in told
    assert "1 identify" in told
    assert "2 find payment checkpoint failed · Does not fit its schema · first error" in told
    assert 'Step 2: /amount: The value is not of type "number"' in unescape(told)
    named = [{"name": "find payment"}, {"name": "propose"}]
    known = words(page(client, operator, checked(fault="http_error", status=502, steps=named)))
    assert "1 find payment checkpoint failed · HTTP error (502) · first error" in known
    assert "2 propose built on step 1" in known
    both = words(page(client, operator, checked(steps=steps())))
    assert "4 find payment" not in both
    assert "payment.holder does not match" in both


@pytest.mark.parametrize(
    ("error", "words_of_it"),
    [
        (
            {"pointer": "/id", "detail": 'The value is not of type "string"'},
            '/id: The value is not of type "string"',
        ),
        ({"pointer": "", "detail": "HTML instead of JSON"}, "HTML instead of JSON"),
        ({"code": 7}, '{"code": 7}'),
    ],
)
def test_what_a_checkpoint_found_is_told_in_words_whoever_checked(client, error, words_of_it):
    failed = {"name": "look up", "checkpoint": {"passed": False, "errors": [error]}}
    told = unescape(words(page(client, make_operator(), make_case(steps=[failed]))))
    assert f"first of the chain: {words_of_it}" in told
    assert f"Step 1: {words_of_it}" in told
    if "detail" in error:
        case = checked(steps=[])
        Checkpoint.objects.update(errors=[error | {"schema_pointer": "/type"}])
        assert f"Step 1: {words_of_it}" in unescape(words(page(client, make_operator("ana"), case)))


def test_a_checkpoint_is_told_in_the_language_of_whoever_reads_it(client):
    told = unescape(words(page(client, make_operator(language="de"), checked())))
    assert "Prüfpunkt nicht bestanden · Passt nicht zu seinem Schema" in told
    assert "/amount: Der Wert" in told

"""The client against the real server: what agents do, and what comes of a cut line."""

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest

from escalations.models import Escalation, Handoff
from handrail_client import InvalidRequest, KeyReused, NotFound, StillOpen, Unauthenticated
from tests.clients.conftest import Connect
from tests.factories import claim, decide, handoff, make_agent, make_key, make_operator
from tests.proxy import proxy_to
from tests.servers import Server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def document(live_server: Server) -> dict[str, Any]:
    return handoff(make_agent())


@pytest.fixture
def desk(live_server: Server, document: dict[str, Any], connect: Connect) -> Any:
    return connect(live_server.url, make_key(make_agent()))


def test_a_case_is_handed_off_decided_waited_for_and_acknowledged(desk, document):
    case = desk.hand_off(**document)
    assert case.is_open
    waited: list[Any] = []
    waiting = Thread(target=_keep(waited, lambda: desk.wait(case, timeout=60)))
    waiting.start()
    decide(claim(case.id, make_operator()), message="Go on.")
    waiting.join(timeout=60)

    [decided] = waited
    assert decided.decision.decision == "approve"
    [action] = decided.decision.actions
    assert (action.tool_call_id, action.decision) == ("call_1", "approve")
    assert not decided.is_open
    assert desk.ack(case).delivery == "applied"
    assert desk.get(str(case.id)).delivery == "applied"


def test_a_decision_comes_as_the_agents_framework_takes_it(desk, document):
    case = desk.hand_off(**document)
    assert desk.get(case, format="agent_inbox").resume_with is None
    decide(claim(case.id, make_operator()))
    assert desk.wait(case, timeout=60, format="agent_inbox").resume_with == [{"type": "accept", "args": None}]
    with pytest.raises(InvalidRequest):
        desk.get(case, format="telepathy")


def test_a_line_that_is_cut_behind_the_request_makes_one_case(live_server, document, connect):
    with proxy_to(live_server.url) as line:
        line.lose_answers(2)
        desk = connect(line.url, make_key(make_agent()))
        case = desk.hand_off(**document)
        assert line.lost == 2
        desk.close()
    assert Escalation.objects.get().id == case.id


def test_a_wait_goes_on_over_more_cuts_than_a_call_bears(desk, live_server, document, connect):
    case = desk.hand_off(**document)
    decide(claim(case.id, make_operator()))
    with proxy_to(live_server.url) as line:
        line.lose_answers(7)
        cut_off = connect(line.url, make_key(make_agent()))
        decided = cut_off.wait(case, timeout=60)
        assert line.lost == 7
        cut_off.close()
    assert decided.decision.decision == "approve"


def test_nothing_decided_in_time_says_how_it_stands(desk, document):
    case = desk.hand_off(**document)
    with pytest.raises(StillOpen) as still:
        desk.wait(case, timeout=1)
    assert still.value.case.id == case.id


def test_a_withdrawn_case_ends_the_wait(desk, document):
    case = desk.hand_off(**document)
    desk.cancel(case, reason="The user left.")
    assert desk.wait(case, timeout=30).state == "cancelled"


def test_what_is_said_since_is_added_once(desk, document):
    case = desk.hand_off(**document)
    words = [{"role": "user", "content": "Hello?"}]
    first = desk.add_messages(case, words, idempotency_key="one")
    assert first.last_turn
    assert desk.add_messages(case, words, idempotency_key="one").last_turn == first.last_turn


def test_what_is_wrong_is_pointed_at(desk, document):
    with pytest.raises(InvalidRequest) as refused:
        desk.hand_off(**document | {"confidence": 7})
    assert [flaw.pointer for flaw in refused.value.errors] == ["/confidence"]
    assert refused.value.problem.request_id


def test_refusals_have_types(desk, document, live_server, connect):
    desk.hand_off(**document, idempotency_key="k")
    with pytest.raises(KeyReused):
        desk.hand_off(**document | {"question": "Another?"}, idempotency_key="k")
    with pytest.raises(NotFound):
        desk.get("0199a0b0-0000-7000-8000-000000000001")
    with pytest.raises(Unauthenticated):
        connect(live_server.url, "hr_wrong").hand_off(**document)
    assert Escalation.objects.count() == 1


def test_the_state_of_the_agent_comes_back_byte_for_byte(desk, document):
    data = '{"b":1.0,  "a": 1e2,"\\u00fc": "é", "a": [12345678901234567890, 0.10] }'.encode()
    state = b'{"media_type":"application/json",\n"data": ' + data.replace(b'"a": 1e2,', b"") + b"}"
    case = desk.hand_off(**document | {"state": state})
    decide(claim(case.id, make_operator()))
    decision = desk.wait(case, timeout=60).decision
    assert decision.state_bytes == state
    assert decision.state["data"]["b"] == 1.0
    with pytest.raises(ValueError, match="JSON"):
        desk.hand_off(**document | {"state": b'{"data": NaN}'})


def test_what_is_redacted_never_reaches_the_desk(live_server, document, connect):
    def redact(body: dict[str, Any]) -> dict[str, Any]:
        body["messages"][0]["content"] = "[removed]"
        return body

    connect(live_server.url, make_key(make_agent()), redact=redact).hand_off(**document)
    assert "money" not in str(Handoff.objects.get().payload)
    assert "money" in document["messages"][0]["content"]


def _keep(found: list[Any], work: Callable[[], Any]) -> Callable[[], None]:
    return lambda: found.append(work())

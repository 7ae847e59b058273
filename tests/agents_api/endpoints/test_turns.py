"""The agent carries a conversation between its user and the desk."""

import pytest

from escalations import transitions
from escalations.models import Escalation, Event
from escalations.transitions import notes
from tests.agents_api.conftest import pointers
from tests.factories import claim, decide

pytestmark = pytest.mark.django_db


def only_case():
    return Escalation.objects.get()


def user_says(caller, address, text):
    message = {"role": "user", "content": text}
    return caller.post(address + "/messages", {"messages": [message]}).json()


def test_the_conversation_is_read_on_from_a_cursor(caller, operator):
    address = caller.opened(kind="takeover")
    lease = claim(only_case(), operator)
    assert caller.get(address).json()["last_turn"] is None
    user_says(caller, address, "Hello?")
    link = {"uri": "https://example.com/label.pdf", "mime_type": None}
    transitions.say(lease=lease, text="I am here.", attachments=[link])

    first = caller.get(address + "/messages?limit=1").json()
    assert (first["has_more"], first["items"][0]["from"], first["items"][0]["content"]) == (
        True,
        "user",
        "Hello?",
    )
    second = caller.get(f"{address}/messages?after={first['cursor']}").json()
    [turn] = second["items"]
    assert (turn["from"], turn["role"], turn["content"], turn["name"]) == (
        "operator",
        "assistant",
        "I am here.",
        str(operator),
    )
    assert turn["attachments"] == [{"uri": "https://example.com/label.pdf", "mime_type": "application/pdf"}]
    assert not second["has_more"]
    assert caller.get(address).json()["last_turn"] == second["cursor"] == turn["id"]
    again = caller.get(f"{address}/messages?after={second['cursor']}").json()
    assert again == {"items": [], "cursor": second["cursor"], "has_more": False}


def test_links_of_a_case_lead_to_its_conversation(caller):
    case = caller.hand_off(kind="takeover").json()
    assert case["last_turn"] is None
    assert case["links"]["typing"].endswith("/typing")
    path = "/api/" + case["links"]["messages"].split("/api/")[1]
    assert caller.get(path).json() == {"items": [], "cursor": "0", "has_more": False}


@pytest.mark.parametrize("query", ["after=x", "after=-1", "limit=0", "limit=201", "page=2"])
def test_a_bad_cursor_is_pointed_at(caller, query):
    response = caller.get(f"{caller.opened()}/messages?{query}")
    assert response.status_code == 422
    assert pointers(response) == [f"/query/{query.split('=')[0]}"]


def test_a_stranger_reads_and_types_nothing(caller, stranger):
    address = caller.opened(kind="takeover")
    assert stranger.get(address + "/messages").status_code == 404
    assert stranger.post(address + "/typing", {}).status_code == 404
    assert only_case().user_typing_until is None


def test_typing_is_told_without_a_new_version(caller):
    address = caller.opened(kind="takeover")
    response = caller.post(address + "/typing", {})
    assert (response.status_code, response.content) == (204, b"")
    assert only_case().user_typing_until is not None
    assert caller.get(address).json()["version"] == 1
    assert Event.objects.latest("id").kind == "typing"


def test_nobody_types_after_the_end(caller):
    address = caller.opened()
    caller.post(address + "/cancel", {})
    assert caller.post(address + "/typing", {}).status_code == 409


def test_private_notes_are_in_no_answer(caller, operator):
    address = caller.opened(kind="takeover")
    lease = claim(only_case(), operator)
    before = caller.get(address).json()["version"]
    notes.add(case=only_case(), author=operator, body="A secret of the desk.")
    decide(lease, "takeover")
    for path in ("", "/messages", "/wait?after_version=1&timeout=0"):
        assert "secret" not in caller.get(address + path).content.decode()
    assert "secret" not in caller.get("/api/v1/handoffs").content.decode()
    assert caller.get(address).json()["version"] == before + 1, "the decision alone"

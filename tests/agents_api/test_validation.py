"""Every fault of a handoff is found and pointed at, and real payloads pass."""

import json
from typing import Any

import pytest
from django.test import RequestFactory

from agents_api import intake
from agents_api.problems import Problem
from agents_api.schemas import HandoffIn
from escalations.transitions.decisions import digest

REFUND = {"tool_call_id": "c1", "name": "refund", "arguments": {"amount": 900}}
SMALL: dict[str, Any] = {
    "agent": {"name": "support", "version": "2.3"},
    "kind": "question",
    "reason": "other",
    "messages": [],
}


def parsed(document: Any) -> HandoffIn:
    request = RequestFactory().post("/", json.dumps(document), content_type="application/json")
    return intake.validate(HandoffIn, intake.read(request))


def refused(document: Any) -> dict[str, str]:
    """Pointer and words of each fault."""
    with pytest.raises(Problem) as problem:
        parsed(document)
    assert problem.value.kind.slug == "invalid-request"
    return {flaw.pointer: flaw.detail for flaw in problem.value.errors}


def test_five_fields_are_enough():
    assert parsed(SMALL).agent.name == "support"


@pytest.mark.parametrize("field", ["agent", "kind", "reason", "messages"])
def test_required_fields_are_missed(field):
    assert refused({key: value for key, value in SMALL.items() if key != field}) == {
        f"/{field}": "This field is required."
    }


def test_several_faults_are_said_together():
    document = SMALL | {"agent": {"name": ""}, "kind": "shout", "colour": "red"}
    assert refused(document).keys() == {"/agent/name", "/agent/version", "/kind", "/colour"}


@pytest.mark.parametrize("document", [[], "x", 5, None, True])
def test_a_handoff_is_an_object(document):
    assert refused(document).keys() == {""}


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"confidence": 1.01}, "/confidence"),
        ({"confidence": "0.5"}, "/confidence"),
        ({"confidence": True}, "/confidence"),
        ({"confidence_source": "guess"}, "/confidence_source"),
        ({"conversation_id": "x" * 201}, "/conversation_id"),
        ({"parent_handoff_id": "7"}, "/parent_handoff_id"),
        ({"usage": {"turns": 1.5}}, "/usage/turns"),
        ({"usage": {"turns": 2**31}}, "/usage/turns"),
        ({"usage": {"cost_usd": "-1"}}, "/usage/cost_usd"),
        ({"usage": {"cost_usd": "NaN"}}, "/usage/cost_usd"),
        ({"usage": {"cost_usd": "1e9"}}, "/usage/cost_usd"),
        ({"usage": {"seconds": -0.1}}, "/usage/seconds"),
        ({"attachments": [{"uri": "no scheme"}]}, "/attachments/0/uri"),
        ({"attachments": [{"uri": "s3://b/k", "sha256": "abc"}]}, "/attachments/0/sha256"),
        ({"routing": {"priority": 1}}, "/routing/priority"),
        ({"routing": {"skills": ["two words"]}}, "/routing/skills/0"),
        ({"callback": {"url": "file:///etc/passwd"}}, "/callback/url"),
        ({"callback": {"url": "https://a.example", "events": ["x"]}}, "/callback/events/0"),
        ({"sensitive_paths": ["context"]}, "/sensitive_paths/0"),
        ({"context": {"facts": []}}, "/context/facts"),
        ({"suggestions": [{"confidence": 0.5}]}, "/suggestions/0"),
        ({"steps": [{"name": "a", "status": "meh"}]}, "/steps/0/status"),
        ({"steps": [{"name": "a", "message_index": 0}]}, "/steps"),
        (
            {"steps": [{"name": "a", "checkpoint": {"schema": 5, "passed": True}}]},
            "/steps/0/checkpoint/schema",
        ),
        ({"a/b~c": 1}, "/a~1b~0c"),
    ],
)
def test_a_fault_is_pointed_at(fields, pointer):
    assert refused(SMALL | fields).keys() == {pointer}


@pytest.mark.parametrize(
    ("moment", "fits"),
    [
        ("2030-01-01T00:00:00Z", True),
        ("2030-01-01T00:00:00.123456+02:00", True),
        ("2030-01-01T00:00:00", False),
        ("2030-01-01", False),
        ("tomorrow", False),
        (1893456000, False),
        ("9999-12-31T23:59:59-12:00", False),
        ("0001-01-01T00:00:00+14:00", False),
    ],
)
def test_times_have_a_zone_and_a_sane_year(moment, fits):
    document = SMALL | {"sla": {"expires_at": moment}}
    if fits:
        assert parsed(document).sla.expires_at is not None
    else:
        assert refused(document).keys() == {"/sla/expires_at"}


def test_the_hard_limit_does_not_precede_the_wish():
    sla = {"respond_by": "2030-01-02T00:00:00Z", "expires_at": "2030-01-01T23:00:00Z"}
    assert refused(SMALL | {"sla": sla}).keys() == {"/sla/expires_at"}


def test_a_default_is_there_when_it_counts():
    assert refused(SMALL | {"sla": {"on_expiry": "default"}}).keys() == {"/sla/default_resolution"}
    resolution = {"decision": "reject", "message": "Nobody answered."}
    assert parsed(SMALL | {"sla": {"on_expiry": "default", "default_resolution": resolution}})


def test_a_default_response_fits_the_schema_it_answers():
    schema = {"type": "object", "properties": {"amount": {"type": "integer"}}}
    sla = {
        "on_expiry": "default",
        "default_resolution": {"decision": "respond", "response": {"amount": "many"}},
    }
    found = refused(SMALL | {"response_schema": schema, "sla": sla})
    assert "/response/amount" in found["/sla"]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "wish"},
        {"properties": {"a": {"minimum": "low"}}},
        {"$ref": "#/$defs/nowhere"},
        {"pattern": "("},
    ],
)
@pytest.mark.parametrize("field", ["response_schema", "input_schema"])
def test_json_schemas_must_be_json_schemas(schema, field):
    if field == "response_schema":
        assert refused(SMALL | {field: schema}).keys() == {"/response_schema"}
    else:
        action = REFUND | {field: schema}
        assert refused(SMALL | {"pending_actions": [action]}).keys() == {"/pending_actions/0/input_schema"}


def test_remote_references_are_never_followed():
    [words] = refused(SMALL | {"response_schema": {"$ref": "http://127.0.0.1:1/schema.json"}}).values()
    assert "never followed" in words


def test_the_right_digest_passes_and_any_other_does_not():
    action = REFUND | {"digest": digest(REFUND["arguments"])}
    assert parsed(SMALL | {"pending_actions": [action]})
    action["arguments"] = {"amount": 901}
    found = refused(SMALL | {"pending_actions": [action]})
    assert digest({"amount": 901}) in found["/pending_actions/0/digest"]


def test_what_arguments_are_today_is_told_of_arguments_only():
    action = REFUND | {"current": {"amount": None}}
    assert parsed(SMALL | {"pending_actions": [action]}).pending_actions[0].current == {"amount": None}
    found = refused(SMALL | {"pending_actions": [action | {"current": {"amount": 0, "colour": "red"}}]})
    assert found == {"/pending_actions/0/current": "`colour` is none of the arguments. Leave it out."}


def test_arguments_without_a_canonical_form_are_refused():
    action = REFUND | {"arguments": {"account": 2**60}}
    assert refused(SMALL | {"pending_actions": [action]}).keys() == {"/pending_actions/0/arguments"}


def test_actions_are_told_apart_by_their_ids():
    assert refused(SMALL | {"pending_actions": [REFUND, REFUND]}).keys() == {"/pending_actions"}


def test_two_thousand_messages_are_the_limit():
    message = {"role": "user", "content": "again"}
    assert parsed(SMALL | {"messages": [message] * 2_000})
    assert refused(SMALL | {"messages": [message] * 2_001}).keys() == {"/messages"}


def test_not_every_one_of_many_faults_is_listed():
    assert len(refused(SMALL | {"messages": [{}] * 2_000})) == 50


def test_what_providers_add_passes_inside_messages():
    message = {
        "role": "assistant",
        "content": [{"type": "text", "text": "a", "annotations": []}, {"type": "image_url", "image_url": {}}],
        "refusal": None,
        "audio": None,
        "name": None,
        "tool_calls": [
            {
                "id": "c1",
                "type": "function",
                "function": {"name": "f", "arguments": "{}", "strict": True},
                "index": 0,
            },
            {"id": "c2", "type": "custom", "custom": {"name": "g", "input": ""}},
            {"function": {"name": "h", "arguments": {"as": "object"}}},
        ],
    }
    assert parsed(SMALL | {"messages": [message]}).messages[0]["refusal"] is None


@pytest.mark.parametrize(
    ("message", "pointer"),
    [
        ("hi", "/messages/0"),
        ({"role": "bot", "content": "hi"}, "/messages/0/role"),
        ({"role": "user", "content": 5}, "/messages/0/content"),
        ({"role": "user", "content": ["hi"]}, "/messages/0/content/0"),
        ({"role": "user", "content": [{"text": "hi"}]}, "/messages/0/content/0/type"),
        ({"role": "assistant", "tool_calls": [{"function": {}}]}, "/messages/0/tool_calls/0/function/name"),
        ({"role": "user", "parts": [{"type": "text"}]}, "/messages/0/parts/0/content"),
        ({"role": "assistant", "parts": [{"type": "tool_call"}]}, "/messages/0/parts/0/name"),
        ({"role": "user", "parts": [{"content": "hi"}]}, "/messages/0/parts/0/type"),
    ],
)
def test_a_fault_in_a_message_is_pointed_at(message, pointer):
    assert refused(SMALL | {"messages": [message]}).keys() == {pointer}


def test_faults_that_only_normalising_finds_are_pointed_at():
    with pytest.raises(Problem) as problem:
        intake.chat_messages([{"role": "tool", "parts": [{"type": "tool_call_response"}]}])
    assert [flaw.pointer for flaw in problem.value.errors] == ["/messages/0/parts/0/response"]


def test_nothing_unknown_passes_outside_messages_state_and_metadata():
    assert parsed(SMALL | {"state": {"data": 1, "mine": 2}, "metadata": {"mine": [3]}})
    assert refused(SMALL | {"usage": {"tokens": 5}}).keys() == {"/usage/tokens"}

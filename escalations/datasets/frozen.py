"""A row as a version keeps it: redacted, with the labels that were in force, and nothing else of the case.

One line of JSON each. All formats are made from these lines, so a version stays what it is, whatever is
said or labelled later.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import rfc8785
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from escalations.datasets import splits
from escalations.datasets.formats.example import Example, Place, example_of
from escalations.datasets.formats.steps import Trace
from escalations.models import Agent, AgentVersion, Escalation, LabelRevision, Queue, Resolution
from escalations.redaction import Redactor

Message = dict[str, Any]

_RESOLUTION = (
    *("decided_by", "decision", "actions", "response", "message", "disposition", "agent_correct"),
    *("failure_primary", "first_error_index", "training_allowed", "overrode", "quality"),
)
_LABELS = (
    *("number", "kind", "disposition", "agent_correct", "failure_primary", "failure_modes", "external_codes"),
    *("responsible", "first_error_index", "root_cause_index", "missed_checkpoint", "step_labels"),
    *("tool_fault", "escalation_needed", "category_correct", "deterministic_rule", "must", "must_not"),
    *("pair_at_index", "preference_strength", "note", "training_allowed"),
    *("taxonomy_id", "guideline_id", "pii_policy_version", "active_seconds"),
)
_CASE = ("kind", "reason", "category", "confidence", "confidence_source", "cost_usd")
_RESOLUTION_IDS = ("id", "created_at")
_CASE_IDS = ("id", "received_at")
_CONTENT = ("prompt", "proposal", "earlier", "tools", "trace", "resolution")
_OF_THE_REVISION = (
    *("number", "kind", "taxonomy_id", "guideline_id", "pii_policy_version", "active_seconds"),
)
_WRITTEN = frozenset({"content", "refusal", "name"})


@dataclass(frozen=True)
class Frozen:
    """A row: whom it is about, and what is kept of it.

    `sha256` is of what is said and taught in it, redacted, as canonical JSON: rows with the same one are the
    same, whoever's they are.
    """

    resolution: UUID
    case: UUID
    revision: int
    group: str
    example: Mapping[str, Any]
    sha256: str

    def line(self, position: int, split: str) -> bytes:
        """How it is kept. What it begins with is read without the rest (`rendering.places`)."""
        kept = {"position": position, "split": split, "group": self.group, **self.example}
        return json.dumps(kept, cls=DjangoJSONEncoder).encode() + b"\n"


def freeze(resolution: Resolution, secret: bytes) -> Frozen | None:
    """What a version keeps of a decision; None if it may not leave (labels.md, "Rules").

    Raises:
        UnreadablePath: what the agent wants hidden cannot be told.
    """
    example = example_of(resolution)
    if not example.may_leave:
        return None
    case, payload = resolution.case, resolution.case.handoff.payload
    group = splits.group_of(
        payload, agent_id=case.agent_id, conversation_id=case.conversation_id, case_id=case.id
    )
    since = [turn.message for turn in case.turns_since.all()]
    said = _said(example, Redactor(secret, payload, since, resolution.actions, resolution.response))
    ids = {"resolution": _columns(resolution, _RESOLUTION_IDS), "case": _columns(case, _CASE_IDS)}
    return Frozen(
        resolution=resolution.id,
        case=case.id,
        revision=example.labels.number,
        group=splits.concealed(group, secret),
        example=said | {"ids": ids},
        sha256=_digest(said),
    )


def thaw(line: bytes) -> Example:
    """The row as formats take it: its models have only what was kept, and stand in no table."""
    kept = json.loads(line)
    case = _made(Escalation, kept["case"] | kept["ids"]["case"])
    case.agent_version = _version(kept["agent"], kept["version"])
    case.agent, case.queue = case.agent_version.agent, _queue(kept["queue"])
    case.conversation_id = kept["group"]
    resolution = _made(Resolution, kept["resolution"] | kept["ids"]["resolution"])
    resolution.case = case
    return Example(
        prompt=kept["prompt"],
        proposal=kept["proposal"],
        tools=kept["tools"],
        resolution=resolution,
        # Older releases did not keep how long it took.
        labels=_made(LabelRevision, {"active_seconds": None} | kept["labels"]),
        earlier=kept["earlier"] and Place(kept["earlier"]["prompt"], kept["earlier"]["turn"]),
        trace=Trace(kept["trace"]["prompt"], kept["trace"]["steps"]),
        split=kept["split"],
    )


def _said(example: Example, redact: Redactor) -> dict[str, Any]:
    case = example.resolution.case
    return {
        "agent": case.agent.name,
        "version": case.agent_version.name,
        "queue": case.queue.name,
        "case": _columns(case, _CASE),
        "resolution": _decision(example.resolution, redact),
        "labels": _redacted(_columns(example.labels, _LABELS), redact),
        "prompt": [_message(turn, redact) for turn in example.prompt],
        "proposal": example.proposal and _message(example.proposal, redact),
        "earlier": example.earlier
        and {
            "prompt": [_message(turn, redact) for turn in example.earlier.prompt],
            "turn": _message(example.earlier.turn, redact),
        },
        "tools": redact.value(example.tools),
        "trace": {
            "prompt": [_message(turn, redact) for turn in example.trace.prompt],
            "steps": [[_message(turn, redact) for turn in stretch] for stretch in example.trace.steps],
        },
    }


def _decision(resolution: Resolution, redact: Redactor) -> dict[str, Any]:
    """The decision redacted; the calls that it is about keep their ids, by which they are found."""
    columns = _redacted(_columns(resolution, _RESOLUTION), redact)
    columns["actions"] = [
        _redacted(action, redact) | {"tool_call_id": action["tool_call_id"]} for action in resolution.actions
    ]
    return columns


def _redacted(columns: Mapping[str, Any], redact: Redactor) -> dict[str, Any]:
    """The values redacted; the names are ours."""
    return {name: redact.value(value) for name, value in columns.items()}


def _message(turn: Message, redact: Redactor) -> Message:
    """The turn with what was written in it redacted; roles, ids and names of functions are no one's."""
    redacted = {key: redact.value(value) if key in _WRITTEN else value for key, value in turn.items()}
    if "tool_calls" in turn:
        redacted["tool_calls"] = [_call(call, redact) for call in turn["tool_calls"]]
    return redacted


def _call(call: dict[str, Any], redact: Redactor) -> dict[str, Any]:
    function = call["function"]
    return call | {"function": function | {"arguments": redact.text(function["arguments"])}}


def _columns(row: Model, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _digest(said: Mapping[str, Any]) -> str:
    content = {name: said[name] for name in _CONTENT}
    content["labels"] = {name: each for name, each in said["labels"].items() if name not in _OF_THE_REVISION}
    return hashlib.sha256(rfc8785.dumps(_canonical(content))).hexdigest()


def _canonical(value: Any) -> Any:
    """What RFC 8785 can write: numbers beyond its range as text, lone surrogates as question marks."""
    text = json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False).encode(errors="replace")
    return json.loads(text, parse_int=_number, parse_float=_number, parse_constant=str)


def _number(text: str) -> Any:
    number = float(text)
    return number if abs(number) < 2**53 else text


def _made(model: type[Model], columns: Mapping[str, Any]) -> Any:
    """A row that stands in no table. Values are given the types of their columns."""
    fields = _fields(model)
    return model(**{name: fields[name].to_python(value) for name, value in columns.items()})


@cache
def _fields(model: type[Model]) -> dict[str, Any]:
    return {field.attname: field for field in model._meta.concrete_fields}


@cache
def _version(agent: str, name: str) -> AgentVersion:
    return AgentVersion(agent=Agent(name=agent), name=name)


@cache
def _queue(name: str) -> Queue:
    return Queue(name=name)

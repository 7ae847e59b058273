"""What a person may decide about a case, and whether what they wrote is valid."""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

import jsonschema_rs
import rfc8785
from django.utils.translation import gettext as _

from escalations.models import AgentCorrect, Decision, FailureMode, Kind
from escalations.transitions.errors import Flaw
from escalations.validation import json_schemas, schema_words

_BY_KIND: dict[str, list[Decision]] = {
    Kind.APPROVAL: [Decision.APPROVE, Decision.EDIT, Decision.REJECT, Decision.TAKEOVER],
    Kind.QUESTION: [Decision.RESPOND, Decision.TAKEOVER],
    Kind.TAKEOVER: [Decision.RESPOND, Decision.TAKEOVER],
    Kind.REVIEW: [Decision.APPROVE, Decision.EDIT, Decision.REJECT, Decision.RESPOND],
}


def allowed(kind: str, payload: Mapping[str, Any]) -> list[Decision]:
    """The decisions open to the operator, in the order to show them.

    `kind` gives the base; each pending action may narrow it by `allowed_decisions`; editing needs
    something to edit, and there is always an answer in words where nothing was proposed.
    """
    choices = list(_BY_KIND[kind])
    actions = payload.get("pending_actions") or []
    if not actions and not payload.get("suggestions"):
        choices = [choice for choice in choices if choice != Decision.EDIT]
    for action in actions:
        if action.get("allowed_decisions"):
            own = {*action["allowed_decisions"], Decision.TAKEOVER}
            choices = [choice for choice in choices if choice in own] + [
                Decision(extra)
                for extra in action["allowed_decisions"]
                if extra not in choices and extra in Decision
            ]
    return list(dict.fromkeys(choices)) or [Decision.RESPOND, Decision.REJECT]


def contradiction(agent_correct: str, failure_primary: str) -> str:
    """What is wrong with these two labels together, or nothing: who was not right did something wrong."""
    if failure_primary != FailureMode.NONE or agent_correct not in (AgentCorrect.NO, AgentCorrect.PARTIAL):
        return ""
    return _("The agent was not right, so something went wrong. Choose what, or “Other”.")


def digest(arguments: Any) -> str:
    """`sha-256=` and the hex SHA-256 of the RFC 8785 canonical JSON of `arguments`.

    `arguments` may be an object or, as OpenAI sends it, JSON text. Text that is no JSON is hashed as it is.
    """
    return "sha-256=" + sha256(rfc8785.dumps(as_object(arguments))).hexdigest()


def as_object(arguments: Any) -> Any:
    """Tool arguments as a JSON value, whether they came as one or as text."""
    if not isinstance(arguments, str):
        return arguments
    try:
        return json.loads(arguments)
    except ValueError:
        return arguments


def schema_flaws(value: Any, schema: Mapping[str, Any] | None, pointer: str) -> list[Flaw]:
    """Where `value` breaks the JSON Schema (2020-12), with pointers under `pointer`; fetches no `$ref`."""
    if not schema:
        return []
    try:
        validator = compiled(schema)
        json_schemas.bound(schema, value)
    except ValueError as error:
        return [Flaw(pointer, _("The agent's schema cannot be used: %(error)s") % {"error": error})]
    return [
        Flaw(pointer + _pointer(error.instance_path), schema_words.shown(error.message))
        for error in validator.iter_errors(value)
    ]


def compiled(schema: Mapping[str, Any]) -> jsonschema_rs.Draft202012Validator:
    """A validator for a schema that an agent sent: it stays offline, and its patterns match in linear time.

    Raises:
        ValueError: no JSON Schema of draft 2020-12, or it refers to something outside itself.
    """
    return jsonschema_rs.Draft202012Validator(
        dict(schema), offline=True, pattern_options=jsonschema_rs.RegexOptions()
    )


def _pointer(path: Iterable[str | int]) -> str:
    """RFC 6901."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)

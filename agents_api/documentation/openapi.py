"""The parts of the OpenAPI document that ninja cannot see: raw bodies, headers, problems and examples."""

from collections.abc import Sequence
from typing import Any

from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema
from ninja.operation import Operation
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from agents_api.auth import ApiKeyAuth, ReportKeyAuth
from agents_api.documentation import examples
from agents_api.models import EventType
from agents_api.problems import MEDIA_TYPE, describe
from agents_api.schemas import (
    AckIn,
    CancelIn,
    CheckIn,
    HandoffIn,
    MessagesIn,
    OutputIn,
    Problem,
    RunsIn,
    SchemaIn,
)
from agents_api.schemas.datasets import VersionIn
from agents_api.schemas.label_imports import LabelsIn
from agents_api.webhooks import document as webhooks

Fragment = dict[str, Any]

INTRODUCTION = """\
Hand a case to a person, and get the decision back.

1. `POST /api/v1/handoffs` with everything the agent knows. The answer links to the rest.
2. `GET` its `wait` link until `state` is `resolved`, `expired` or `cancelled`; the answer has the `decision`.
3. Carry it out, and say so at its `ack` link.

Every request shows a key: `Authorization: Bearer hr_live_…`. A key is good for what it was made for:
`handoffs`, `checks`, `runs`, or some of these scopes. What belongs to no agent (figures, datasets, labels)
takes a report key instead: `hr_report_…`. Times are RFC 3339 in UTC. Unknown fields are
refused, except in `metadata` and `state` and inside messages, tool calls and parts. Keys must be unique in
each object, numbers finite, and no string may hold U+0000 (except in `state`). A body has 4 MiB, 2,000
messages and 64 levels at most. Each answer says in `RateLimit` what your key may still do, and 429 asks for
a pause. Errors are `application/problem+json` (RFC 9457).
"""

# Any request may meet these.
_ALWAYS = (401, 403, 429, 500, 503)
_EXAMPLES: dict[type[BaseModel], examples.Example] = {
    HandoffIn: examples.HANDOFF,
    MessagesIn: examples.MESSAGES,
    AckIn: examples.ACK,
    CancelIn: examples.CANCEL,
    RunsIn: examples.RUNS,
    CheckIn: examples.CHECK,
    OutputIn: examples.CHECKPOINT,
    SchemaIn: examples.SCHEMA,
    VersionIn: examples.DATASET_VERSION,
    LabelsIn: examples.LABELS,
}


def posting(
    model: type[BaseModel],
    *,
    problems: Sequence[int],
    idempotent: bool = False,
    may_have_key: bool = False,
    created: bool = False,
) -> Fragment:
    """What an endpoint adds to its description that reads its body by itself and answers with a case."""
    fragment = taking(model, problems=problems)
    headers = dict(_CASE_HEADERS)
    if idempotent or may_have_key:
        fragment["parameters"] = [_IDEMPOTENCY_KEY | {"required": idempotent}]
        headers["Idempotent-Replayed"] = _REPLAYED
    if created:
        headers["Location"] = _header("The address of the case.")
    fragment["responses"][201 if created else 200] = {"headers": headers}
    return fragment


def taking(model: type[BaseModel], *, problems: Sequence[int]) -> Fragment:
    """What an endpoint adds that reads its body by itself and does not answer with a case."""
    content = {"schema": _reference(model), "example": _EXAMPLES[model]}
    return {
        "requestBody": {"required": True, "content": {"application/json": content}},
        "responses": _problems(problems),
    }


def checking(model: type[BaseModel], *, problems: Sequence[int]) -> Fragment:
    """What an endpoint adds that opens a case only sometimes, and answers with what it found."""
    fragment = taking(model, problems=problems)
    words = "Needed with `handoff`. New for each new request, the same for a repeated one."
    fragment["parameters"] = [_IDEMPOTENCY_KEY | {"required": False, "description": words}]
    fragment["responses"][200] = {"headers": {"Idempotent-Replayed": _REPLAYED}}
    return fragment


def reading(*, problems: Sequence[int], conditional: bool = False) -> Fragment:
    """What an endpoint adds to its description that has no body."""
    fragment: Fragment = {"responses": _problems(problems)}
    if conditional:
        fragment["parameters"] = [_IF_NONE_MATCH]
        fragment["responses"] |= {
            200: {"headers": _CASE_HEADERS},
            304: {
                "description": "The version in `If-None-Match` is still the current one.",
                "headers": {"ETag": _ETAG},
            },
        }
    return fragment


def waiting(*, problems: Sequence[int]) -> Fragment:
    """What the long-poll adds to its description."""
    fragment = reading(problems=problems)
    fragment["responses"] |= {
        200: {"headers": _CASE_HEADERS},
        204: {"description": "Nothing changed in time. Ask again.", "headers": {"Retry-After": _RETRY_AFTER}},
    }
    return fragment


def streaming(*, problems: Sequence[int]) -> Fragment:
    """What the stream of events adds to its description."""
    fragment = reading(problems=problems)
    content = {"text/event-stream": {"schema": _EVENT, "example": _EVENT_EXAMPLE}}
    fragment["parameters"] = [_LAST_EVENT_ID]
    fragment["responses"] |= {
        200: {"description": "Events, and a comment every 15 seconds.", "content": content},
        204: {"description": "The case is over and all was told. Do not come back."},
    }
    return fragment


def telling(*, problems: Sequence[int]) -> Fragment:
    """What an endpoint adds to its description that takes word and answers nothing."""
    fragment = reading(problems=problems)
    fragment["responses"][204] = {"description": "Told."}
    return fragment


def downloading(*, problems: Sequence[int]) -> Fragment:
    """What a download adds to its description."""
    fragment = reading(problems=problems)
    headers = {"ETag": _header("The SHA-256 of the file."), "Accept-Ranges": _header("`bytes`.")}
    content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    fragment["responses"] |= {
        200: {"description": "The file.", "headers": headers, "content": content},
        206: {
            "description": "The part of it that `Range` names.",
            "headers": headers | {"Content-Range": _header("Which part it is, as in `bytes 0-99/1234`.")},
            "content": content,
        },
    }
    return fragment


class Document(OpenAPISchema):
    """Ninja's document, in which each operation names the scope that it takes."""

    def operation_security(self, operation: Operation) -> list[Fragment] | None:
        """The scope as a role of the key, which OpenAPI knows since 3.1."""
        security: list[Fragment] | None = super().operation_security(operation)
        scope = _scope(operation)
        return [{name: [scope] for name in each} for each in security or []] if scope else security

    def operation_details(self, operation: Operation) -> Fragment:
        """The same in words: readers of the page see no roles."""
        details: Fragment = super().operation_details(operation)
        if scope := _scope(operation):
            kind = "report key" if _is_report(operation) else "key"
            details["description"] += f"\n\nTakes a {kind} with the scope `{scope}`."
        return details


def _scope(operation: Operation) -> str | None:
    keys = (auth for auth in operation.auth_callbacks if isinstance(auth, ApiKeyAuth | ReportKeyAuth))
    return next((auth.scope.value for auth in keys if auth.scope), None)


def _is_report(operation: Operation) -> bool:
    return any(isinstance(auth, ReportKeyAuth) for auth in operation.auth_callbacks)


def completed(schema: OpenAPISchema) -> OpenAPISchema:
    """The document with the schemas that the fragments point at."""
    modes: list[tuple[type[BaseModel], JsonSchemaMode]] = [(model, "validation") for model in _EXAMPLES]
    told: list[type[BaseModel]] = [Problem, *webhooks.MODELS]
    modes += [(model, "serialization") for model in told]
    _, definitions = models_json_schema(modes, ref_template=REF_TEMPLATE)
    schema["components"]["schemas"] |= definitions["$defs"]
    schema["webhooks"] = webhooks.described(REF_TEMPLATE)
    _link_cases(schema)
    return schema


def _link_cases(schema: OpenAPISchema) -> None:
    """Say of the answer to a handoff what can be done with its `id`: all that has it in the address."""
    operations = [(path, one) for path, item in schema["paths"].items() for one in item.values()]
    links = {
        one["operationId"]: {
            "operationId": one["operationId"],
            "parameters": {"handoff_id": "$response.body#/id"},
            "description": one["summary"],
        }
        for path, one in operations
        if "{handoff_id}" in path
    }
    schema["components"]["links"] = links
    handed_off = schema["paths"]["/api/v1/handoffs"]["post"]["responses"][201]
    handed_off["links"] = {name: {"$ref": f"#/components/links/{name}"} for name in links}


def _problems(statuses: Sequence[int]) -> dict[int, Fragment]:
    content = {MEDIA_TYPE: {"schema": _reference(Problem)}}
    found: dict[int, Fragment] = {}
    for status in sorted({*statuses, *_ALWAYS}):
        found[status] = {"description": describe(status), "content": content}
    found[401]["headers"] = {"WWW-Authenticate": _header("`Bearer`.")}
    found[403]["headers"] = {"WWW-Authenticate": _header(_LACKING)}
    found[429]["headers"] = {"Retry-After": _RETRY_AFTER} | _STANDING
    found[503]["headers"] = {"Retry-After": _RETRY_AFTER}
    return found


def _reference(model: type[BaseModel]) -> Fragment:
    return {"$ref": REF_TEMPLATE.format(model=model.__name__)}


def _header(description: str, values: list[str] | None = None) -> Fragment:
    schema: Fragment = {"type": "string"}
    return {"description": description, "schema": schema | ({"enum": values} if values else {})}


_LACKING = 'If a scope is missing: which, as in `Bearer error="insufficient_scope", scope="runs"`.'
_ETAG = _header('The version of the case, as in `W/"7"`.')
_RETRY_AFTER = {"description": "Seconds until it is worth asking again.", "schema": {"type": "integer"}}
_STANDING = {
    "RateLimit-Policy": _header(
        'Requests that a key may make in so many seconds, as in `"key";q=20000;w=10`.'
    ),
    "RateLimit": _header('What is left of them, and for how long, as in `"key";r=19998;t=7`.'),
}
_CASE_HEADERS = {"ETag": _ETAG, "Retry-After": _RETRY_AFTER}
_REPLAYED = _header("`true` when this answer was kept from an earlier request.", ["true"])
_IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "description": "New for each new request, the same for a repeated one. Belongs to the agent.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
    "example": "4c1e9a52-6e0f-4f0e-9d6a-0a5f6f0c7f10",
}
_IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "required": False,
    "description": "The `ETag` that you have.",
    "schema": {"type": "string"},
}
_LAST_EVENT_ID = {
    "in": "header",
    "name": "Last-Event-ID",
    "required": False,
    "description": "The `id` of the last event that you saw. Browsers and clients for such streams send it.",
    "schema": {"type": "string", "pattern": "^[0-9:,~.-]*$"},
}
# One event of the stream: OpenAPI before 3.2 has no word for the whole.
_EVENT: Fragment = {
    "type": "object",
    "required": ["id", "event", "data"],
    "properties": {
        "id": {"type": "string", "description": "Send it as `Last-Event-ID` when you come back."},
        "event": {"type": "string", "enum": EventType.values},
        "data": {"type": "string", "description": "JSON: what a webhook of this type has as `data`."},
    },
}
_EVENT_EXAMPLE = {
    "id": "7312:7312:",
    "event": "handoff.claimed",
    "data": '{"handoff_id": "0198c0de-0000-7000-8000-000000000000", "version": 2, "state": "claimed"}',
}

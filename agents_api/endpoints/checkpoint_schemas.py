"""What the outputs of an agent's steps must look like, as the agent says."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from agents_api import intake
from agents_api.answers import rfc3339
from agents_api.auth import ApiKeyAuth, CallerRequest
from agents_api.documentation import openapi
from agents_api.problems import Flaw, Problem
from agents_api.requests import cursors
from agents_api.schemas import RegisteredSchema, SchemaIn, SchemaPage
from agents_api.schemas.checkpoints import Step
from escalations.models import CheckpointSchema, Scope
from escalations.validation import checkpoints
from escalations.validation.json_schemas import Unusable

router = Router(auth=ApiKeyAuth(Scope.CHECKS))

PAGE_MAX = 100


class SchemaQuery(BaseModel):
    """Which schemas to list."""

    step: Step | None = None
    limit: int = Field(default=20, ge=1, le=PAGE_MAX)
    cursor: cursors.Cursor = None


@router.put(
    "/checkpoints/{step}",
    response={200: RegisteredSchema, 201: RegisteredSchema},
    by_alias=True,
    url_name="register_checkpoint",
    summary="Register a step's schema",
    openapi_extra=openapi.taking(SchemaIn, problems=[400, 413, 415, 422]),
)
def register(request: CallerRequest, step: Path[Step]) -> HttpResponse:
    """Say what the output of a step must look like from now on, for all versions of your agent.

    A schema that differs from the newest is a new version of it (201). Sending the same again changes
    nothing (200), so an agent may send its schemas each time that it starts.
    """
    schema = intake.validate(SchemaIn, intake.read(request)).schema_
    caller = request.auth
    try:
        row, is_new = checkpoints.register(
            agent_id=caller.agent_id, step=step, schema=schema, actor=caller.actor
        )
    except Unusable as error:
        flaw = Flaw(f"/schema{error.pointer}", error.detail)
        raise Problem("invalid-request", errors=[flaw]) from None
    return JsonResponse(_schema_json(row), status=201 if is_new else 200)


@router.get(
    "/checkpoints",
    response={200: SchemaPage},
    by_alias=True,
    url_name="checkpoints",
    summary="List the steps' schemas",
    openapi_extra=openapi.reading(problems=[422]),
)
def list_schemas(request: CallerRequest, query: Query[SchemaQuery]) -> HttpResponse:
    """Your agent's schemas, all versions of them, the newest first."""
    intake.check_query(SchemaQuery, request)
    rows = CheckpointSchema.objects.filter(agent_id=request.auth.agent_id)
    if query.step is not None:
        rows = rows.filter(step=query.step)
    found = list(cursors.behind(rows, query.cursor, "created_at")[: query.limit + 1])
    shown = found[: query.limit]
    more = len(found) > len(shown)
    return JsonResponse(
        {
            "items": [_schema_json(row) for row in shown],
            "next_cursor": cursors.after(shown[-1].created_at, shown[-1].id) if more else None,
        }
    )


def _schema_json(row: CheckpointSchema) -> dict[str, Any]:
    return {
        "step": row.step,
        "version": row.number,
        "schema": row.schema,
        "created_at": rfc3339(row.created_at),
    }

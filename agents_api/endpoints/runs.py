"""Finished runs, reported in batches: each is taken or refused by itself."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Any

from django.http import HttpResponse, JsonResponse
from ninja import Query, Router
from pydantic import BaseModel, Field, StringConstraints, ValidationError

from agents_api import intake
from agents_api.answers import rfc3339
from agents_api.auth import ApiKeyAuth, Caller, CallerRequest
from agents_api.documentation import openapi
from agents_api.problems import Flaw, flaws
from agents_api.requests import cursors
from agents_api.requests.bodies import Body
from agents_api.schemas import OwedRuns, RunIn, RunsIn, RunsTaken
from agents_api.schemas.runs import UncheckedRuns
from escalations.models import Run, Scope
from escalations.reviews import runs
from escalations.reviews.runs import FinishedRun, Kept

router = Router(auth=ApiKeyAuth(Scope.RUNS))

# A thousand runs with every field wrong should not be answered with tens of thousands of errors.
_ERRORS_MAX = 5
_RUN_ID_MAX = 200
PAGE_MAX = 100


@dataclass(frozen=True)
class _Refused:
    run_id: str | None
    errors: list[Flaw]


@router.post(
    "/runs",
    response={200: RunsTaken},
    url_name="runs",
    summary="Report finished runs",
    openapi_extra=openapi.taking(RunsIn, problems=[400, 413, 415, 422]),
)
def report_runs(request: CallerRequest) -> HttpResponse:
    """Report runs that finished without a handoff. Each is taken or refused by itself.

    The desk draws some at random, at the `audit_rate` of the policy, to find the errors of confident runs.
    Repeat a request that got no answer as it was: runs that are there already stay as they are, and their
    draws too.
    """
    caller = request.auth
    read = [_of_caller(index, run, caller) for index, run in enumerate(_read(intake.read(request)))]
    good = [run for run in read if isinstance(run, FinishedRun)]
    return JsonResponse(_told(read, runs.report(agent_id=caller.agent_id, runs=good)))


class OwedQuery(BaseModel):
    """Which runs to list. Only those that are owed can be."""

    owed: Annotated[str, StringConstraints(pattern="^true$")] = Field(
        description="`true`: those that were drawn and whose full state has not come."
    )
    limit: int = Field(default=50, ge=1, le=PAGE_MAX)
    cursor: cursors.Cursor = None


@router.get(
    "/runs",
    response={200: OwedRuns},
    summary="List the runs that are owed",
    openapi_extra=openapi.reading(problems=[422]),
)
def list_owed(request: CallerRequest, query: Query[OwedQuery]) -> HttpResponse:
    """The runs that were drawn for the audit and whose full state has not come, the newest first.

    So none is forgotten that an answer to `POST /runs` named and that was lost. A run leaves the list when
    its `review` is posted, or when it is so old that the desk forgets it.
    """
    intake.check_query(OwedQuery, request)
    owed = runs.owed(agent_id=request.auth.agent_id)
    found = list(cursors.behind(owed, query.cursor, "received_at")[: query.limit + 1])
    shown = found[: query.limit]
    more = len(found) > len(shown)
    return JsonResponse(
        {
            "items": [_owed_json(run) for run in shown],
            "next_cursor": cursors.after(shown[-1].received_at, shown[-1].id) if more else None,
        }
    )


def _owed_json(run: Run) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "agent_version": run.agent_version.name,
        "conversation_id": run.conversation_id or None,
        "category": run.category or None,
        "confidence": run.confidence,
        "sampling_probability": run.sampling_probability,
        "finished_at": rfc3339(run.finished_at),
        "received_at": rfc3339(run.received_at),
    }


def _read(body: Body) -> list[RunIn | _Refused]:
    """The runs in a body, those that are not valid with what is wrong with them."""
    try:
        return [*RunsIn.model_validate_json(body.raw).runs]
    except ValidationError:
        # Refuses what is wrong with the whole; what is left is wrong with some of the runs.
        intake.validate(UncheckedRuns, body)
    return [_read_one(index, run) for index, run in enumerate(body.document["runs"])]


def _read_one(index: int, run: Any) -> RunIn | _Refused:
    try:
        return RunIn.model_validate_json(json.dumps(run))
    except ValidationError as error:
        found = flaws(error.errors(include_url=False, include_input=False))[:_ERRORS_MAX]
    run_id = run.get("run_id") if isinstance(run, dict) else None
    valid = isinstance(run_id, str) and 0 < len(run_id) <= _RUN_ID_MAX
    return _Refused(run_id if valid else None, [Flaw(f"/runs/{index}{e.pointer}", e.detail) for e in found])


def _of_caller(index: int, run: RunIn | _Refused, caller: Caller) -> FinishedRun | _Refused:
    if isinstance(run, _Refused):
        return run
    if run.agent.name != caller.agent_name:
        flaw = Flaw(f"/runs/{index}/agent/name", "The key belongs to another agent than the one named.")
        return _Refused(run.run_id, [flaw])
    return FinishedRun(
        run_id=run.run_id,
        agent_version=run.agent.version,
        finished_at=run.finished_at,
        conversation_id=run.conversation_id or "",
        category=run.category or "",
        confidence=run.confidence,
        confidence_source=run.confidence_source or "",
        tool_errors=run.tool_errors,
        **(run.usage.model_dump() if run.usage else {}),
    )


def _told(read: list[FinishedRun | _Refused], kept: dict[str, Kept]) -> dict[str, Any]:
    seen: set[str] = set()
    results = [_refusal(run) if isinstance(run, _Refused) else _taken(run, kept, seen) for run in read]
    counted = Counter(result["status"] for result in results)
    return {
        "accepted": counted["accepted"],
        "duplicate": counted["duplicate"],
        "refused": counted["refused"],
        "send_in_full": [run_id for run_id, one in kept.items() if one.wanted],
        "results": results,
    }


def _taken(run: FinishedRun, kept: dict[str, Kept], seen: set[str]) -> dict[str, Any]:
    one = kept[run.run_id]
    status = "accepted" if one.is_new and run.run_id not in seen else "duplicate"
    seen.add(run.run_id)
    return {"run_id": run.run_id, "status": status, "drawn": one.drawn, "errors": []}


def _refusal(run: _Refused) -> dict[str, Any]:
    errors = [{"pointer": flaw.pointer, "detail": flaw.detail} for flaw in run.errors]
    return {"run_id": run.run_id, "status": "refused", "drawn": False, "errors": errors}

"""Whether the output of a step is what it must be, and what follows if not."""

import json
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse

from agents_api import auth, idempotency, intake
from agents_api.auth import ApiKeyAuth, Caller, Credentials, UncheckedRequest
from agents_api.documentation import openapi
from agents_api.endpoints import handoffs
from agents_api.endpoints.checkpoint_schemas import router
from agents_api.endpoints.checks import policy_says
from agents_api.problems import Flaw, Problem
from agents_api.requests.bodies import Body, member_text
from agents_api.schemas import CheckpointResult, OutputIn
from escalations.models import CheckpointSchema, IdempotencyRecord, Scope
from escalations.policy import policies
from escalations.policy.policies import Signals
from escalations.transitions import HandoffInput
from escalations.validation import checkpoints
from escalations.validation.checkpoints import About, Examined, ToolResult

__all__ = ["router"]


@router.post(
    "/checkpoints",
    auth=ApiKeyAuth(Scope.CHECKS, look_up=False),
    response={200: CheckpointResult},
    summary="Check a step's output",
    openapi_extra=openapi.checking(OutputIn, problems=[400, 403, 409, 413, 415, 422]),
)
def check_output(request: UncheckedRequest) -> HttpResponse:
    """Check the output of a step against its schema, and say exactly where it is wrong.

    With `tool_result`, what the tool did counts first: time-outs, HTTP errors, pages in place of data, empty
    and old answers. A tool without a schema is checked for these alone.

    With `handoff`, a failure that the policy asks a person about opens that case: as `POST /handoffs` would,
    under the Idempotency-Key, and a repeated request gets the first answer again. That takes the scope
    `handoffs`, too.
    """
    caller = auth.identify(request.auth)
    body = intake.read(request)
    asked = intake.validate(OutputIn, body)
    if asked.agent.name != caller.agent_name:
        raise Problem("wrong-agent")
    if asked.handoff:
        auth.check_scope(Scope.HANDOFFS, caller.scopes)
    handoff = _handoff_input(request, asked, body)
    if handoff and (kept := _kept(caller, handoff)):
        return _answer(kept, replayed=True)
    checked = _checked(caller, asked)
    said = _said(checked)
    if handoff and said["escalate"]:
        return _handed_off(request.auth, handoff, checked, said)
    _keep(checked)
    return JsonResponse(said)


@dataclass(frozen=True)
class _Checked:
    """An output that was looked at."""

    caller: Caller
    asked: OutputIn
    schema: CheckpointSchema | None
    found: Examined


def _checked(caller: Caller, asked: OutputIn) -> _Checked:
    schema = _schema_of(caller, asked)
    found = checkpoints.examine(schema.schema if schema else None, asked.output, _tool_of(asked))
    return _Checked(caller, asked, schema, found)


def _handoff_input(request: HttpRequest, asked: OutputIn, body: Body) -> HandoffInput | None:
    """The handoff in the request, as the one way in takes it; None if there is none."""
    key = intake.optional_idempotency_key(request)
    if asked.handoff is None:
        return None
    sent = intake.Sent(
        text=member_text(body.raw.decode(), "handoff") or "",
        messages=body.document["handoff"]["messages"],
        idempotency_key=key or intake.idempotency_key(request),
        request_sha256=idempotency.digest(request.path, body.raw),
        at="/handoff",
    )
    return intake.input_of(request, asked.handoff, sent)


def _kept(caller: Caller, handoff: HandoffInput) -> str | None:
    """The answer that an equal request got before: what was found then, and not what would be found now.

    Raises:
        Problem: the Idempotency-Key was used for another request.
    """
    kept = IdempotencyRecord.objects.filter(agent_id=caller.agent_id, key=handoff.idempotency_key).first()
    if kept and kept.request_sha256 != handoff.request_sha256:
        raise Problem("idempotency-key-reused")
    return kept.answer if kept else None


def _schema_of(caller: Caller, asked: OutputIn) -> CheckpointSchema | None:
    schema = checkpoints.in_force(caller.agent_id, asked.step, asked.schema_version)
    if schema is None and asked.schema_version is not None:
        flaw = Flaw("/schema_version", "The step has no schema of this number.")
        raise Problem("invalid-request", errors=[flaw])
    if schema is None and asked.tool_result is None:
        flaw = Flaw("/step", "The step has no schema. Register one: PUT /api/v1/checkpoints/{step}.")
        raise Problem("invalid-request", errors=[flaw])
    return schema


def _tool_of(asked: OutputIn) -> ToolResult | None:
    told = asked.tool_result
    if told is None:
        return None
    return ToolResult(
        status=told.status,
        http_status=told.http_status,
        content_type=told.content_type or "",
        duration_ms=told.duration_ms,
        timeout_ms=told.timeout_ms,
        observed_at=told.observed_at,
        max_age_seconds=told.max_age_seconds,
    )


def _said(checked: _Checked) -> dict[str, Any]:
    """What was found, and what the policy says of it, as a JSON value."""
    asked, schema, found = checked.asked, checked.schema, checked.found
    policy = policies.in_force(checked.caller.agent_id, asked.agent.version)
    signals = Signals(failed_checkpoints=[] if found.passed else [asked.step])
    verdict = policy_says(asked.agent, signals, policy)
    return {
        "passed": found.passed,
        "classification": found.fault.value,
        "detail": found.detail,
        "schema_version": schema.number if schema else None,
        "errors": [asdict(misfit) for misfit in found.misfits.shown],
        "more_errors": found.misfits.more,
        "escalate": verdict["escalate"],
        "reasons": verdict["reasons"],
        "policy_version": verdict["policy_version"],
        "hand_off_as": verdict["handoff"],
        "handoff": None,
    }


def _handed_off(
    credentials: Credentials, handoff: HandoffInput, checked: _Checked, said: dict[str, Any]
) -> HttpResponse:
    """Open the case, and keep the whole answer for retries: all of it or nothing."""
    with transaction.atomic():
        opened = handoffs.open_case(credentials, handoff, at="/handoff")
        if opened.replayed:
            return _answer(opened.answer, replayed=True)
        answer = json.dumps(said | {"handoff": json.loads(opened.answer)})
        kept = IdempotencyRecord.objects.filter(agent_id=checked.caller.agent_id, key=handoff.idempotency_key)
        kept.update(answer=answer)
        _keep(checked, opened.case_id)
    return _answer(answer, replayed=False)


def _keep(checked: _Checked, case_id: UUID | None = None) -> None:
    asked = checked.asked
    tool = asked.tool_result
    about = About(
        tool=(tool.name or "") if tool else "",
        http_status=tool.http_status if tool else None,
        run_id=asked.run_id or "",
        conversation_id=asked.conversation_id or "",
        case_id=case_id,
    )
    checkpoints.keep(
        agent_id=checked.caller.agent_id,
        version=asked.agent.version,
        step=asked.step,
        schema=checked.schema,
        found=checked.found,
        about=about,
    )


def _answer(text: str, *, replayed: bool) -> HttpResponse:
    response = HttpResponse(text, content_type="application/json")
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response

"""Requests that may be repeated: the second gets the first one's answer, whoever wins the race.

`POST /handoffs` keeps this promise inside the statement that opens the case; this is for the others.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.http import HttpResponse

from agents_api import answers
from agents_api.auth import Caller, CallerRequest
from agents_api.problems import Problem
from agents_api.requests.bodies import Body
from escalations.models import OPEN_STATES, IdempotencyRecord


@dataclass(frozen=True)
class Once:
    """An answer, and whether it was kept from an earlier request."""

    answer: str
    replayed: bool


def digest(path: str, raw: bytes) -> str:
    """What makes two requests the same: the address and the bytes of the body."""
    return hashlib.sha256(path.encode() + b"\n" + raw).hexdigest()


def answered(
    request: CallerRequest, key: str, body: Body, *, case_id: UUID, act: Callable[[], str]
) -> HttpResponse:
    """The answer that `act` gives, a case as JSON text, or the one kept under `key` for the same request.

    Raises:
        Problem: the key was used for another request.
    """
    kept = once(
        caller=request.auth,
        key=key,
        request_sha256=digest(request.path, body.raw),
        case_id=case_id,
        act=act,
    )
    case = json.loads(kept.answer)
    response = answers.respond(kept.answer, version=case["version"], is_open=case["state"] in OPEN_STATES)
    if kept.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def once(*, caller: Caller, key: str, request_sha256: str, case_id: UUID, act: Callable[[], str]) -> Once:
    """Run `act` and keep its answer with what it changed, or give the answer kept under `key`.

    Raises:
        Problem: the key was used for another request.
    """
    try:
        with transaction.atomic():
            record = IdempotencyRecord.objects.create(
                agent_id=caller.agent_id, key=key, request_sha256=request_sha256, case_id=case_id, answer=""
            )
            record.answer = act()
            record.save(update_fields=["answer"])
    except IntegrityError:
        return _replay(caller, key, request_sha256)
    return Once(record.answer, replayed=False)


def _replay(caller: Caller, key: str, request_sha256: str) -> Once:
    record = IdempotencyRecord.objects.get(agent_id=caller.agent_id, key=key)
    if record.request_sha256 != request_sha256:
        raise Problem("idempotency-key-reused")
    return Once(record.answer, replayed=True)

"""Ask and wait for the answer. Served by the processes that hold long connections."""

from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, Field

from agents_api import auth, intake
from agents_api.auth import ApiKeyAuth, Credentials, UncheckedRequest
from agents_api.documentation import openapi
from agents_api.endpoints.handoffs import handed_over, own_case, own_case_of
from agents_api.formats import Format
from agents_api.schemas import Case
from agents_api.schemas.base import INT_MAX
from agents_api.waiting.long_polls import wait_for_change
from escalations.background import database_threads
from escalations.models import Scope

# Looking the key up by itself would hold a connection for as long as the agent waits.
router = Router(auth=ApiKeyAuth(Scope.HANDOFFS, look_up=False))

# Proxies and the tool calls of MCP clients commonly give up after a minute.
WAIT_MAX = 55


class WaitQuery(BaseModel):
    """What to wait for, and how long."""

    timeout: int = Field(default=WAIT_MAX, ge=0, le=WAIT_MAX, description="Seconds to wait at most.")
    after_version: int = Field(default=1, ge=0, le=INT_MAX, description="The version that you have.")
    format: Format | None = None


@router.get(
    "/handoffs/{uuid:handoff_id}/wait",
    response={200: Case},
    url_name="wait_for_handoff",
    summary="Wait for a change",
    openapi_extra=openapi.waiting(problems=[404, 422]),
)
async def wait_for_handoff(
    request: UncheckedRequest, handoff_id: UUID, query: Query[WaitQuery]
) -> HttpResponse:
    """The case as soon as its version is past `after_version`; 204 when the time is over before that."""
    intake.check_query(WaitQuery, request)
    await database_threads.run(_check, request.auth, handoff_id)
    version = await wait_for_change(
        case_id=handoff_id, after_version=query.after_version, timeout=query.timeout
    )
    if version is None:
        return HttpResponse(status=204, headers={"Retry-After": "0"})
    return await database_threads.run(_as_it_stands, request.auth, handoff_id, query.format)


def _check(credentials: Credentials, case_id: UUID) -> None:
    """Go on if the case is theirs who ask."""
    own_case(auth.identify(credentials), case_id)


def _as_it_stands(credentials: Credentials, case_id: UUID, format_name: str | None) -> HttpResponse:
    return handed_over(own_case_of(credentials, case_id), how="wait", format_name=format_name)

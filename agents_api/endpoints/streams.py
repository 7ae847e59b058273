"""Follow a case as server-sent events. Served by the processes that hold long connections."""

from uuid import UUID

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from ninja import Router
from pydantic import BaseModel

from agents_api import auth, intake
from agents_api.auth import ApiKeyAuth, Credentials, UncheckedRequest
from agents_api.documentation import openapi
from agents_api.endpoints.handoffs import own_case
from agents_api.problems import Flaw, Problem
from agents_api.waiting import telling
from agents_api.waiting.streaming import HEADERS, RETRY, stream
from agents_api.waiting.telling import BEGINNING, Cursor, Look
from escalations.background import database_threads
from escalations.models import Scope

# Looking the key up by itself would hold a connection for as long as the stream is open.
router = Router(auth=ApiKeyAuth(Scope.HANDOFFS, look_up=False))

_MEDIA_TYPE = "text/event-stream"


@router.get(
    "/handoffs/{uuid:handoff_id}/events",
    url_name="follow_handoff",
    summary="Follow a handoff",
    openapi_extra=openapi.streaming(problems=[404, 422]),
)
async def follow_handoff(request: UncheckedRequest, handoff_id: UUID) -> HttpResponseBase:
    """What happens to the case, as server-sent events: those since the handoff, then each as it comes.

    Types and `data` are those of webhooks. Come back with the `id` that you saw last as `Last-Event-ID`, and
    you miss nothing and get nothing twice. The stream ends with the decision; 204 when all was told already.
    Decisions that were undone or reopened before you came are not told.
    """
    intake.check_query(BaseModel, request)
    cursor = _cursor(request.headers.get("Last-Event-ID", ""))
    look = await database_threads.run(_first, request.auth, handoff_id, cursor)
    if look.ends and not look.messages:
        return HttpResponse(status=204)
    if look.ends or not isinstance(request, ASGIRequest):
        # Without an event loop a stream would hold a thread: it ends, and the client comes back for more.
        text = RETRY + "".join(map(str, look.messages))
        return HttpResponse(text, content_type=_MEDIA_TYPE, headers=HEADERS)
    told = stream(request.auth, handoff_id, look)
    return StreamingHttpResponse(told, content_type=_MEDIA_TYPE, headers=HEADERS)


def _cursor(text: str) -> Cursor:
    """Where to go on from; the beginning if that was not said.

    Raises:
        Problem: it is no id of ours.
    """
    if not text:
        return BEGINNING
    try:
        return Cursor.parse(text)
    except ValueError:
        flaw = Flaw("/header/Last-Event-ID", "This is no id of an event of ours.")
        raise Problem("invalid-request", errors=[flaw]) from None


def _first(credentials: Credentials, case_id: UUID, cursor: Cursor) -> Look:
    """The first look, when the case is theirs who asks."""
    own_case(auth.identify(credentials), case_id)
    return telling.look(case_id, cursor)

"""The sockets of open pages: who may have one, for how long, and how it is kept alive.

A browser sends nothing but pongs over a socket, which say that somebody is there. Commands are HTTP POSTs
with a CSRF token and a fence.
Close codes: 4401 sign in (again), 4403 not for this person; after any other the browser comes back.
"""

import asyncio
from contextlib import suppress
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import structlog
from channels.auth import get_user
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import Error

from escalations.background import database_threads
from escalations.events import Position
from escalations.models import Escalation, Operator
from operators import languages
from operators.live.attendance import attendance, attendance_at_cases
from operators.live.desk import desk_room
from operators.live.figures import RiskTopic, WallTopic
from operators.live.rooms import PING, CaseTopic, Outbox, Place, QueueTopic, Topic, room_for
from operators.queue.queue_view import QueueView

PING_SECONDS = 25.0
RIGHTS_SECONDS = 30.0
SIGNED_OUT = 4401
REFUSED = 4403
FAILED = 1011
log = structlog.get_logger(__name__)


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels ships no types
    """Shows a topic to a signed-in person for as long as their session and rights allow it."""

    # Channels would subscribe each socket to the channel layer and refuse it while that is down.
    # Hints come to the process's one feed instead.
    channel_layer_alias = "not used"

    async def connect(self) -> None:
        if not _is_own_origin(self.scope):
            await self.close()  # before it was accepted: an HTTP 403, which tells a foreign page nothing
            return
        await self.accept()
        # Browsers only learn the code of a socket that was opened.
        if not self.scope["user"].is_authenticated:
            await self.close(SIGNED_OUT)
            return
        self._task = asyncio.create_task(self._run(self.scope["user"]))
        await attendance().come(self.scope["user"].pk)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """A pong: the page is still there, and so is whoever looks at it. We listen to nothing else."""
        if text_data and "pong" in text_data and hasattr(self, "_task"):
            await attendance().note(self.scope["user"].pk)

    async def disconnect(self, code: int) -> None:
        if hasattr(self, "_task"):
            self._task.cancel()
            attendance().go(self.scope["user"].pk)

    def topic(self, operator: Operator) -> Topic | None:
        """What this socket shows to `operator`, or None if they may not see it. Runs in a database thread."""
        raise NotImplementedError

    async def place(self, operator: Operator) -> Place | None:
        """Where this socket belongs, or None if `operator` may not see it."""
        topic = await database_threads.run(self.topic, operator)
        return room_for(topic) if topic else None

    @property
    def params(self) -> dict[str, str]:
        return dict(parse_qsl(self.scope["query_string"].decode(errors="replace")))

    def language_of(self, operator: Operator) -> str:
        """What the page at this socket is written in; it says so itself, for a person may change theirs."""
        return languages.known(self.params.get("language", "")) or languages.language_of(operator)

    async def _run(self, operator: Operator) -> None:
        try:
            code = await self._show(operator)
        except OSError:
            return  # the browser went away between two messages
        except Exception:
            log.exception("live_socket_failed", path=self.scope["path"])
            code = FAILED
        with suppress(OSError):
            await self.close(code)

    async def _show(self, operator: Operator) -> int:
        """Serve the socket until its rights end; the close code."""
        room = await self.place(operator)
        if room is None:
            return REFUSED
        outbox = Outbox(operator.pk)
        try:
            await room.enter(outbox, _position(self.params.get("cursor", "")))
            loop = asyncio.get_running_loop()
            ping_at, check_at = loop.time() + PING_SECONDS, loop.time() + RIGHTS_SECONDS
            while True:
                for text in await outbox.take(until=min(ping_at, check_at)):
                    await self.send(text_data=text)
                if loop.time() >= check_at:
                    check_at += RIGHTS_SECONDS
                    checked = await self._check(operator, room, outbox)
                    if isinstance(checked, int):
                        return checked
                    room = checked
                if loop.time() >= ping_at:
                    ping_at += PING_SECONDS
                    await self.send(text_data=PING)
        finally:
            room.leave(outbox)

    async def _check(self, before: Operator, room: Place, outbox: Outbox) -> Place | int:
        """Where the socket belongs by the session and the rights of this moment: a room, or a close code."""
        try:
            operator = await self._signed_in()
            if operator is None or operator.role != before.role:
                return SIGNED_OUT
            now = await self.place(operator)
        except Error:
            return room  # nothing new is shown either while the database is away
        if now is None:
            return REFUSED
        if now.key == room.key:
            return room
        return await _move(outbox, room, now)

    async def _signed_in(self) -> Operator | None:
        """The person by the session as it is stored now."""
        session = import_module(settings.SESSION_ENGINE).SessionStore(self.scope["session"].session_key)
        user = await get_user({"session": session})
        return user if isinstance(user, Operator) else None


class QueueConsumer(LiveConsumer):
    """`/live/queue/` with the parameters of the queue page, `cursor` and `language`."""

    def topic(self, operator: Operator) -> QueueTopic:
        return QueueTopic(QueueView.for_operator(operator, self.params), self.language_of(operator))


class CaseConsumer(LiveConsumer):
    """`/live/case/<id>/` with `cursor` and `language`."""

    def topic(self, operator: Operator) -> CaseTopic | None:
        visible = Escalation.objects.visible_to(operator).filter(id=self._case_id)
        if not visible.exists():
            return None
        return CaseTopic(self._case_id, self.language_of(operator), operator.timezone)

    async def place(self, operator: Operator) -> Place | None:
        found = await super().place(operator)
        if found and not hasattr(self, "_at"):  # only who may see the case is seen to look at it
            self._at = (self._case_id, operator.pk)
            await attendance_at_cases().come(self._at)
        return found

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await super().receive(text_data, bytes_data)
        if text_data and "pong" in text_data and hasattr(self, "_at"):
            await attendance_at_cases().note(self._at)

    async def disconnect(self, code: int) -> None:
        await super().disconnect(code)
        if hasattr(self, "_at"):
            attendance_at_cases().go(self._at)

    @property
    def _case_id(self) -> UUID:
        case_id: UUID = self.scope["url_route"]["kwargs"]["case_id"]
        return case_id


class WallConsumer(LiveConsumer):
    """`/live/wall/` with `queue` and `language`: the desk for a screen on the wall."""

    def topic(self, operator: Operator) -> WallTopic | None:
        if not operator.sees_figures:
            return None
        return WallTopic(self.params.get("queue", "")[:60], self.language_of(operator))


class RiskConsumer(LiveConsumer):
    """`/live/risk/` with `queue` and `language`: the cases that are late or soon will be."""

    def topic(self, operator: Operator) -> RiskTopic | None:
        if not operator.sees_figures:
            return None
        return RiskTopic(self.params.get("queue", "")[:60], self.language_of(operator))


class DeskConsumer(LiveConsumer):
    """`/live/desk/` with `language`: the frame of a page, for the person who is signed in."""

    async def place(self, operator: Operator) -> Place:
        return desk_room(operator.pk, self.language_of(operator))


async def _move(outbox: Outbox, old: Place, new: Place) -> Place:
    """Show another topic from now on, because the person's queues or skills were changed."""
    try:
        await new.enter(outbox, cursor=None)
    except BaseException:
        new.leave(outbox)
        raise
    old.leave(outbox)
    new.want([outbox])
    return new


def _position(cursor: str) -> Position | None:
    try:
        return Position.parse(cursor)
    except ValueError:
        return None


def _is_own_origin(scope: dict[str, Any]) -> bool:
    """Whether the page that opens the socket is ours: scheme, host and port, as for a POST's CSRF check."""
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"").decode("latin1")
    scheme = "https" if settings.SESSION_COOKIE_SECURE else "http"
    own = f"{scheme}://{headers.get(b'host', b'').decode('latin1')}"
    return origin == own or origin in settings.CSRF_TRUSTED_ORIGINS

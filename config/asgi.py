"""Long connections; on a single machine everything: pages, REST calls, WebSockets and static files."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Any, TypeAlias

from asgiref.wsgi import WsgiToAsgi
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.conf import settings
from django.core.asgi import get_asgi_application

from config.handlers import AGENTS_PREFIX, for_agents
from config.static import PREFIX, not_found, with_static_files

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
_pages = get_asgi_application()  # loads the models, which the next import needs
_agents = for_agents(get_asgi_application)

from operators.live.urls import websocket_urlpatterns

Receive: TypeAlias = Callable[[], Awaitable[dict[str, Any]]]

_static = WsgiToAsgi(with_static_files(not_found))


def _application(path: str) -> Any:
    if path.startswith(AGENTS_PREFIX):
        return _agents
    return _static if path.startswith(PREFIX) else _pages


async def _http(scope: dict[str, Any], receive: Receive, send: Any) -> None:
    application = _application(scope["path"])
    # Servers start the next request of a connection in the context of the last answer, in which asgiref
    # still names an executor that has ended.
    await asyncio.create_task(application(scope, _bounded(receive), send), context=Context())


def _bounded(receive: Receive) -> Receive:
    """Let no more of a body through than is accepted: Django would write all of it to disk before it looks.

    What is cut off is over the limit already, and is refused for that.
    """
    received = 0

    async def bounded() -> dict[str, Any]:
        nonlocal received
        if received > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            await asyncio.Event().wait()  # nothing more is read; the answer ends this wait
        message = await receive()
        received += len(message.get("body", b""))
        if received > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            message["more_body"] = False
        return message

    return bounded


application = ProtocolTypeRouter(
    {
        "http": _http,
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)

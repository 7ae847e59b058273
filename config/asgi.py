"""Long connections; on a single machine everything: pages, REST calls, WebSockets and static files."""

import asyncio
import os
from contextvars import Context
from typing import Any

from asgiref.wsgi import WsgiToAsgi
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application

from config.static import PREFIX, not_found, with_static_files

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
_django = get_asgi_application()  # loads the models, which the next import needs

from operators.live_urls import websocket_urlpatterns

_static = WsgiToAsgi(with_static_files(not_found))


async def _http(scope: dict[str, Any], receive: Any, send: Any) -> None:
    application = _static if scope["path"].startswith(PREFIX) else _django
    # Servers start the next request of a connection in the context of the last answer, in which asgiref
    # still names an executor that has ended.
    await asyncio.create_task(application(scope, receive, send), context=Context())


application = ProtocolTypeRouter(
    {
        "http": _http,
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)

"""Long connections; on a single machine everything: pages, REST calls, WebSockets and static files."""

import os
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
    if scope["path"].startswith(PREFIX):
        await _static(scope, receive, send)
    else:
        await _django(scope, receive, send)


application = ProtocolTypeRouter(
    {
        "http": _http,
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)

"""Long connections; on a single machine everything: pages, REST calls, WebSockets and static files."""

import os

from asgiref.wsgi import WsgiToAsgi
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application
from django.urls import re_path

from config.static import not_found, with_static_files

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
_django = get_asgi_application()  # loads the models, which the next import needs

from operators.live_urls import websocket_urlpatterns

application = ProtocolTypeRouter(
    {
        "http": URLRouter(
            [
                re_path(r"^static/", WsgiToAsgi(with_static_files(not_found))),
                re_path(r"", _django),
            ]
        ),
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)

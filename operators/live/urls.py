"""The addresses of sockets."""

from django.urls import path

from operators.live.consumers import CaseConsumer, DeskConsumer, QueueConsumer, RiskConsumer, WallConsumer

websocket_urlpatterns = [
    path("live/queue/", QueueConsumer.as_asgi()),
    path("live/desk/", DeskConsumer.as_asgi()),
    path("live/wall/", WallConsumer.as_asgi()),
    path("live/risk/", RiskConsumer.as_asgi()),
    path("live/case/<uuid:case_id>/", CaseConsumer.as_asgi()),
]

"""All addresses. Every page asks for a sign-in unless its view says otherwise."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path, re_path

from agents_api.a2a.card import agent_card
from agents_api.api import api
from agents_api.mcp import views as mcp
from config import health, metrics
from operators.catalogue import catalogue

# Django's administration has no door of its own: rate limits and second factors hold there too.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler404 = "config.language.not_found"
urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", metrics.metrics, name="prometheus"),
    path("language/<slug:language>/<slug:version>.js", catalogue, name="catalogue"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", api.urls),
    re_path(r"^mcp/?$", mcp.serve, name="mcp"),
    path("a2a/", include("agents_api.a2a.urls")),
    path(".well-known/agent-card.json", agent_card, name="agent_card"),
    path("", include("operators.urls")),
]

"""The names that the frame links to, so that page scripts can be tried without the pages."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from operators.catalogue import catalogue


def _nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [
    path("", _nothing, name="queue"),
    path("language/<slug:language>/<slug:version>.js", catalogue, name="catalogue"),
    path("figures/", _nothing, name="metrics"),
    path("datasets/", _nothing, name="datasets"),
    path("desk/", _nothing, name="desk"),
    path("desk/availability/", _nothing, name="set_availability"),
    path("notices/", _nothing, name="notices"),
    path("notices/latest/", _nothing, name="latest_notices"),
    path("notices/read/", _nothing, name="mark_notices_read"),
    path("palette/", _nothing, name="palette"),
    path("macros/", _nothing, name="macros"),
    path("policies/", _nothing, name="policies"),
    path("taxonomy/", _nothing, name="taxonomy"),
    path("reviews/", _nothing, name="reviews"),
    path("audit/", _nothing, name="audit_log"),
    path("retention/", _nothing, name="retention"),
    path("me/", _nothing, name="me"),
    path("preferences/", _nothing, name="preferences"),
    path("preferences/keys/single/", _nothing, name="set_single_keys"),
    path("theme/", _nothing, name="set_theme"),
    path("timezone/", _nothing, name="set_timezone"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]

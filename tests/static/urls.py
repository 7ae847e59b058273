"""The names that the frame links to, so that page scripts can be tried without the pages."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def _nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [
    path("", _nothing, name="queue"),
    path("figures/", _nothing, name="metrics"),
    path("exports/", _nothing, name="exports"),
    path("theme/", _nothing, name="set_theme"),
    path("timezone/", _nothing, name="set_timezone"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]

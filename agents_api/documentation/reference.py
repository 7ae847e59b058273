"""What explains the API: the browsable page, and a page for each type of problem."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import register_converter
from django.urls.converters import StringConverter
from ninja import NinjaAPI, Router
from ninja.openapi.docs import DocsBase

from agents_api import problems
from agents_api.problems import Problem

router = Router()


class _Anything(StringConverter):
    """Django's `path` ends at the end of a line, which an address may hold as `%0A`."""

    regex = r"[\s\S]+"


register_converter(_Anything, "anything")


class DocsPage(DocsBase):
    """Swagger UI from our own static files, so that the page works offline and under our CSP."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **parameters: Any) -> HttpResponse:
        address = self.get_openapi_url(api, parameters)
        return render(
            request, "agents_api/docs.html", {"api": api, "settings": {"url": address, "deepLinking": True}}
        )


@router.get("/problems/{slug}", url_name="get_problem", include_in_schema=False)
def get_problem(request: HttpRequest, slug: str) -> HttpResponse:
    """What a problem's `type` leads to."""
    kind = problems.KINDS.get(slug)
    if kind is None:
        raise Problem("not-found")
    return JsonResponse(
        {"type": request.path, "title": kind.title, "status": kind.status, "detail": kind.meaning}
    )


@router.api_operation(
    ["GET", "POST", "PUT", "PATCH", "DELETE"], "/{anything:rest}", url_name="nowhere", include_in_schema=False
)
def nowhere(request: HttpRequest, rest: str) -> HttpResponse:
    """Every other address under the API: a problem, not a page for people."""
    raise Problem("not-found")

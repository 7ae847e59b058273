"""The agents' REST API: what is served, and how each kind of error is answered."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from agents_api import auth, door, faults, problems
from agents_api.documentation import openapi
from agents_api.documentation.reference import DocsPage
from agents_api.documentation.reference import router as reference
from agents_api.endpoints.checkpoints import router as checkpoints
from agents_api.endpoints.checks import router as checks
from agents_api.endpoints.datasets import router as datasets
from agents_api.endpoints.handoffs import router as handoffs
from agents_api.endpoints.label_imports import router as label_imports
from agents_api.endpoints.metrics import router as metrics
from agents_api.endpoints.routing import router as routing
from agents_api.endpoints.runs import router as runs
from agents_api.endpoints.streams import router as streams
from agents_api.endpoints.turns import router as turns
from agents_api.endpoints.waits import router as waits
from agents_api.problems import Flaw, Problem
from agents_api.requests import limits


class DeskAPI(NinjaAPI):
    """Ninja's API behind our door, with a complete OpenAPI document."""

    @property
    def urls(self) -> tuple[list[URLResolver | URLPattern], str, str]:
        patterns, app, namespace = super().urls
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                pattern.callback = door.opened(pattern.callback)
        return patterns, app, namespace

    def get_openapi_operation_id(self, operation: Operation) -> str:
        # Clients are made from these names: they say subject and act, wherever the module lies.
        view = operation.view_func
        return f"agents_api_{view.__module__.rpartition('.')[2]}_{view.__name__}"

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        if path_prefix is None:
            path_prefix = self.get_root_path(path_params or {})
        return openapi.completed(openapi.Document(self, path_prefix))


api = DeskAPI(
    title="Handrail for agents",
    version="1",
    description=openapi.INTRODUCTION,
    urls_namespace="api",
    docs=DocsPage(),
)
api.add_router("", handoffs, tags=["Handoffs"])
api.add_router("", turns, tags=["Handoffs"])
api.add_router("", waits, tags=["Handoffs"])
api.add_router("", streams, tags=["Handoffs"])
api.add_router("", routing, tags=["Handoffs"])
api.add_router("", runs, tags=["Runs"])
api.add_router("", checks, tags=["Before a handoff"])
api.add_router("", checkpoints, tags=["Before a handoff"])
api.add_router("", metrics, tags=["Reports"])
api.add_router("", datasets, tags=["Datasets"])
api.add_router("", label_imports, tags=["Labels"])
api.add_router("", reference)


@api.exception_handler(Problem)
def _problem(request: HttpRequest, error: Problem) -> HttpResponse:
    if error.kind.slug == "unauthenticated" and (shown := getattr(request, "shown", None)):
        limits.refuse(request, shown)
    return problems.answer(request, error)


@api.exception_handler(AuthenticationError)
def _unauthenticated(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return problems.answer(request, auth.unauthenticated())


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    flaws = [Flaw(problems.pointer(each["loc"]), problems.our_own(each["msg"])) for each in error.errors]
    return problems.answer(request, Problem("invalid-request", errors=flaws))


@api.exception_handler(Exception)
def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    return problems.answer(request, faults.problem_of(error))

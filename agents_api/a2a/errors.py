"""Errors as A2A spells them over HTTP: `google.rpc.Status`, with a reason that clients know."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse, JsonResponse

from agents_api.problems import Problem

_DOMAIN = "a2a-protocol.org"
_TYPE = "type.googleapis.com/google.rpc."


class A2AError(Exception):
    """Ends a request with an error; `reason` is one that the protocol names."""

    def __init__(
        self,
        reason: str,
        message: str,
        *,
        code: int = HTTPStatus.BAD_REQUEST,
        status: str = "FAILED_PRECONDITION",
        violations: list[dict[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.reason, self.message, self.code, self.status = reason, message, code, status
        self.violations = violations or []
        self.headers = dict(headers or {})
        super().__init__(message)

    @property
    def document(self) -> dict[str, Any]:
        details: list[dict[str, Any]] = [
            {"@type": f"{_TYPE}ErrorInfo", "reason": self.reason, "domain": _DOMAIN, "metadata": {}}
        ]
        if self.violations:
            details.append({"@type": f"{_TYPE}BadRequest", "fieldViolations": self.violations})
        return {
            "error": {
                "code": int(self.code),
                "status": self.status,
                "message": self.message,
                "details": details,
            }
        }


def answer(error: A2AError) -> HttpResponse:
    """The error as an answer of HTTP."""
    return JsonResponse(error.document, status=error.code, headers=error.headers)


def not_found() -> A2AError:
    """The one answer for tasks that are not there and tasks of others."""
    return of_problem(Problem("not-found"))


def invalid(words: str, violations: list[dict[str, str]] | None = None) -> A2AError:
    """The request does not fit; says where."""
    return A2AError("INVALID_PARAMS", words, status="INVALID_ARGUMENT", violations=violations)


# What the REST API answers with, as status and reason here. Where a reason is not the protocol's, it is ours.
_BY_SLUG: Mapping[str, tuple[int, str, str]] = {
    "not-json": (400, "INVALID_ARGUMENT", "INVALID_REQUEST"),
    "unsupported-media-type": (415, "INVALID_ARGUMENT", "CONTENT_TYPE_NOT_SUPPORTED"),
    "invalid-request": (400, "INVALID_ARGUMENT", "INVALID_PARAMS"),
    "idempotency-key-reused": (400, "INVALID_ARGUMENT", "INVALID_PARAMS"),
    "not-found": (404, "NOT_FOUND", "TASK_NOT_FOUND"),
    "unauthenticated": (401, "UNAUTHENTICATED", "UNAUTHENTICATED"),
    "wrong-agent": (403, "PERMISSION_DENIED", "PERMISSION_DENIED"),
    "scope-missing": (403, "PERMISSION_DENIED", "PERMISSION_DENIED"),
    "too-many-requests": (429, "RESOURCE_EXHAUSTED", "TOO_MANY_REQUESTS"),
    "request-in-flight": (409, "ABORTED", "REQUEST_IN_FLIGHT"),
    "decision-pending": (409, "ABORTED", "DECISION_PENDING"),
    "case-closed": (400, "FAILED_PRECONDITION", "UNSUPPORTED_OPERATION"),
    "database-unavailable": (503, "UNAVAILABLE", "UNAVAILABLE"),
    "server-error": (500, "INTERNAL", "INTERNAL_ERROR"),
}

# What is called differently here.
_WORDS = {
    "not-found": "You have no such task.",
    "case-closed": "The task is over and takes no more messages.",
    "idempotency-key-reused": (
        "This messageId was used for another message. Use a new one for each new message."
    ),
}


def of_problem(problem: Problem) -> A2AError:
    """A problem of the REST API as an error of the protocol."""
    slug = problem.kind.slug
    fallback = (problem.kind.status, "INVALID_ARGUMENT", "INVALID_REQUEST")
    code, status, reason = _BY_SLUG.get(slug, fallback)
    return A2AError(
        reason,
        _WORDS.get(slug, problem.detail),
        code=code,
        status=status,
        violations=[{"field": each.pointer, "description": each.detail} for each in problem.errors],
        headers=problem.headers,
    )

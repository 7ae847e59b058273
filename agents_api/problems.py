"""Errors as `application/problem+json` (RFC 9457), each with a type that can be looked up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from pydantic_core import ErrorDetails

from agents_api.schemas.messages import BRANCHES

MEDIA_TYPE = "application/problem+json"
# One request with 2,000 bad messages should not be answered with 2,000 errors.
ERRORS_MAX = 50
# How long a caller should wait before it tries again after a fault that heals by itself.
RETRY_SECONDS = 2


@dataclass(frozen=True)
class Kind:
    """A type of problem: what all its occurrences have in common."""

    slug: str
    status: int
    title: str
    meaning: str


_ALL = [
    Kind(
        "not-json",
        400,
        "Not JSON",
        "The body is no JSON document in UTF-8 with unique keys and finite numbers.",
    ),
    Kind(
        "idempotency-key-missing",
        400,
        "Idempotency-Key missing",
        "Send an Idempotency-Key of 1 to 255 printable ASCII characters, so that you can repeat the request.",
    ),
    Kind(
        "unauthenticated",
        401,
        "Not signed in",
        "The key is missing, malformed, unknown, revoked or expired.",
    ),
    Kind("wrong-agent", 403, "Another agent's name", "The key belongs to another agent than the one named."),
    Kind(
        "scope-missing",
        403,
        "Key without the scope",
        "The key was made without the scope that this takes. An admin of the desk can make one that has it.",
    ),
    Kind("not-found", 404, "Not found", "There is nothing here, or it belongs to another agent."),
    Kind("method-not-allowed", 405, "Method not allowed", "This address does not answer to this method."),
    Kind("case-closed", 409, "Not possible now", "The state of the case does not allow this."),
    Kind(
        "already-applied",
        409,
        "Applied before",
        "The decision was applied before, and it is good for once. Do not carry it out again.",
    ),
    Kind(
        "already-taken",
        409,
        "Taken up before",
        "Another part of your agent went on with the decision before. See what it did with it.",
    ),
    Kind(
        "decision-expired",
        409,
        "Not valid any more",
        "The decision was good until its `scope.valid_until`. Acknowledge it as `late`.",
    ),
    Kind(
        "decision-pending",
        409,
        "A decision is on its way",
        "A person decided the case a moment ago and may still undo it. Repeat the request in a moment.",
    ),
    Kind(
        "already-building",
        409,
        "A version is being built",
        "One version of a dataset is built at a time. Wait until it is ready.",
    ),
    Kind(
        "key-of-nobody",
        409,
        "Nobody stands for it",
        "The admin who made this key is gone. Have another admin make a new key.",
    ),
    Kind(
        "request-in-flight",
        409,
        "Still being worked on",
        "A request with the same Idempotency-Key is being worked on. Repeat it in a moment.",
    ),
    Kind("body-too-large", 413, "Body too large", "The body is larger than 4 MiB."),
    Kind("unsupported-media-type", 415, "Unsupported media type", "Send JSON as application/json."),
    Kind(
        "range-not-satisfiable",
        416,
        "Behind the end of the file",
        "The `Range` starts behind the end of the file; `Content-Range` says how long it is.",
    ),
    Kind("invalid-request", 422, "Invalid request", "The request is not valid; `errors` says where."),
    Kind(
        "idempotency-key-reused",
        422,
        "Idempotency-Key reused",
        "This Idempotency-Key was used for another request. Use a new one for each new request.",
    ),
    Kind(
        "too-many-requests",
        429,
        "Too many requests",
        "The key has made as many requests as it may for the moment. Go on after `Retry-After` seconds.",
    ),
    Kind("server-error", 500, "Server error", "The desk failed. The request id helps to find out why."),
    Kind(
        "database-unavailable",
        503,
        "Database unavailable",
        "The desk cannot reach its database. Nothing was changed. Repeat the request in a moment.",
    ),
]
KINDS = {kind.slug: kind for kind in _ALL}


@dataclass(frozen=True)
class Flaw:
    """One thing wrong with a request; `pointer` is a JSON Pointer (RFC 6901) into its body."""

    pointer: str
    detail: str


class Problem(Exception):
    """Ends a request with a problem answer; `slug` is one of `KINDS`."""

    def __init__(
        self,
        slug: str,
        detail: str = "",
        *,
        errors: Sequence[Flaw] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.kind = KINDS[slug]
        self.detail = detail or self.kind.meaning
        self.errors = errors
        self.headers = dict(headers or {})
        super().__init__(slug)


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The problem as an HTTP answer."""
    kind = problem.kind
    document: dict[str, Any] = {
        "type": reverse("api:get_problem", args=[kind.slug]),
        "title": kind.title,
        "status": kind.status,
        "detail": problem.detail,
        "instance": request.path,
        "request_id": getattr(request, "request_id", ""),
    }
    if problem.errors:
        document["errors"] = [{"pointer": e.pointer, "detail": e.detail} for e in problem.errors[:ERRORS_MAX]]
    response = JsonResponse(document, status=kind.status, content_type=MEDIA_TYPE)
    response.problem = kind.slug  # type: ignore[attr-defined]  # for the log (config/middleware.py)
    for name, value in problem.headers.items():
        response.headers[name] = value
    return response


def describe(status: int) -> str:
    """The sentence that the OpenAPI document gives a problem status."""
    meanings = [kind.meaning for kind in _ALL if kind.status == status]
    return f"{HTTPStatus(status).phrase}. " + " Or: ".join(meanings)


def flaws(errors: Sequence[ErrorDetails]) -> list[Flaw]:
    """Pydantic's errors with JSON Pointers in place of its own locations."""
    return [
        Flaw(pointer(error["loc"]), _WORDS.get(error["type"], our_own(error["msg"])))
        for error in errors[:ERRORS_MAX]
    ]


def our_own(message: str) -> str:
    """What a validator of ours said, without what Pydantic puts before it."""
    return message.removeprefix("Value error, ")


def pointer(location: Sequence[int | str]) -> str:
    """A location as a JSON Pointer: `("agent", "name")` is `/agent/name`."""
    steps = (str(step) for step in location if step not in BRANCHES)
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


_WORDS = {
    "extra_forbidden": "There is no such field.",
    "missing": "This field is required.",
}

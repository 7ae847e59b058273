"""Keys that are shown at the door: those of agents, and those of programs that read reports.

A key is `hr_live_` (of an agent) or `hr_report_`, an 8-character prefix that names it in lists and logs, a
32-character secret (190 bits) and a 6-character checksum, by which scanners and typing errors are told apart
from real keys without a query. Only an HMAC-SHA256 under a pepper is kept.
"""

import hashlib
import hmac
import re
import secrets
import string
import zlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import cast

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from ninja.security import HttpBearer

from agents_api.problems import Problem
from agents_api.requests import limits
from escalations.models import ApiKey, ReportKey, ReportScope, Scope

OF_AGENTS, OF_REPORTS = "hr_live_", "hr_report_"
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_SHAPE = re.compile(r"([0-9A-Za-z]{8})[0-9A-Za-z]{38}")


@dataclass(frozen=True)
class KeyMaterial:
    """A new key: `plaintext` is shown once, `prefix` and `digest` are kept."""

    plaintext: str
    prefix: str
    digest: str


@dataclass(frozen=True)
class Credentials:
    """A well-formed key as it came, not yet looked up; `scope` is what it is shown for."""

    prefix: str
    digest: str
    scope: Scope | ReportScope | None = None


@dataclass(frozen=True)
class Caller:
    """The agent that a valid key belongs to."""

    agent_id: int
    agent_name: str
    key_prefix: str
    scopes: Collection[str]

    @property
    def actor(self) -> str:
        """How the caller is named in events and audit entries."""
        return f"agent:{self.agent_name}"


@dataclass(frozen=True)
class Reader:
    """The program that a valid report key was made for."""

    key_id: int
    created_by_id: int | None

    @property
    def actor(self) -> str:
        """How the reader is named in audit entries."""
        return f"reportkey:{self.key_id}"


class CallerRequest(HttpRequest):
    """A request whose key is valid."""

    auth: Caller


class ReaderRequest(HttpRequest):
    """A request whose report key is valid."""

    auth: Reader


class UncheckedRequest(HttpRequest):
    """A request whose key is well-formed, and no more is known."""

    auth: Credentials


class ShowingRequest(HttpRequest):
    """A request with what is noted on it as it comes in: the key, and what that may still do."""

    shown: Credentials
    standing: limits.Standing | None


def new_key(kind: str = OF_AGENTS) -> KeyMaterial:
    """A fresh random key."""
    prefix = _random(8)
    body = kind + prefix + _random(32)
    plaintext = body + _checksum(body)
    return KeyMaterial(plaintext, prefix, digest_of(plaintext))


def digest_of(plaintext: str) -> str:
    """Hexadecimal HMAC-SHA256 of a key under the pepper: what the database keeps."""
    return hmac.new(settings.API_KEY_PEPPER.encode(), plaintext.encode(), hashlib.sha256).hexdigest()


def parse(plaintext: str, kind: str = OF_AGENTS) -> Credentials | None:
    """What to look a key up by, or None when it cannot be one of ours of this kind."""
    shape = _SHAPE.fullmatch(plaintext.removeprefix(kind)) if plaintext.startswith(kind) else None
    if shape is None or plaintext[-6:] != _checksum(plaintext[:-6]):
        return None
    return Credentials(shape[1], digest_of(plaintext))


def identify(credentials: Credentials) -> Caller:
    """The agent behind a key.

    Raises:
        Problem: the key is unknown, revoked or expired, or its agent is switched off; always the same.
            Or it is valid and has not the scope that it is shown for.
    """
    key = (
        valid(credentials)
        .values_list("agent_id", "agent__name", "agent__requests_per_second", "scopes")
        .first()
    )
    if key is None:
        raise unauthenticated()
    agent_id, agent_name, requests_per_second, scopes = key
    limits.learn(credentials, requests_per_second)
    if credentials.scope:
        check_scope(credentials.scope, scopes)
    return Caller(agent_id, agent_name, credentials.prefix, scopes)


def valid(credentials: Credentials) -> QuerySet[ApiKey]:
    """The row of the key, if it is valid."""
    keys = ApiKey.objects.valid()
    return keys.filter(prefix=credentials.prefix, digest=credentials.digest, agent__is_active=True)


def recognise(credentials: Credentials) -> Reader:
    """The program behind a report key.

    Raises:
        Problem: the key is unknown, revoked or expired; always the same. Or it lacks the scope.
    """
    keys = ReportKey.objects.valid().filter(prefix=credentials.prefix, digest=credentials.digest)
    key = keys.values_list("id", "created_by_id", "scopes").first()
    if key is None:
        raise unauthenticated()
    key_id, created_by_id, scopes = key
    limits.learn(credentials, None)
    if credentials.scope:
        check_scope(credentials.scope, scopes)
    return Reader(key_id, created_by_id)


def check_scope(scope: Scope | ReportScope, scopes: Collection[str]) -> None:
    """Go on if a key with these scopes is good for `scope`.

    Raises:
        Problem: it is not.
    """
    if scope not in scopes:
        raise without_scope(scope)


def without_scope(scope: Scope | ReportScope) -> Problem:
    """The answer to a valid key that is not good for this, in the form of RFC 6750, too."""
    page = "Report keys" if isinstance(scope, ReportScope) else "API keys"
    return Problem(
        "scope-missing",
        f"This key lacks the scope `{scope.value}`. Ask an admin of the desk for a key that has it: keys are "
        f"made in Settings, under {page}.",
        headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope.value}"'},
    )


def unauthenticated() -> Problem:
    """The one answer to every key that is not valid, so that nobody learns which keys exist."""
    return Problem("unauthenticated", headers={"WWW-Authenticate": "Bearer"})


class _KeyAuth(HttpBearer):
    """`Authorization: Bearer <key>`: the key is well-formed, and did not come too often."""

    kind: str

    def __init__(self, scope: Scope | ReportScope | None) -> None:
        super().__init__()
        self.scope = scope

    def admitted(self, request: HttpRequest, token: str) -> Credentials:
        """The key, not yet looked up.

        Raises:
            Problem: it cannot be valid, or it made too many requests.
        """
        credentials = parse(token, self.kind)
        if credentials is None:
            raise unauthenticated()
        credentials = replace(credentials, scope=self.scope)
        shown = cast(ShowingRequest, request)
        shown.shown, shown.standing = credentials, limits.admit(request, credentials)
        return credentials


class ApiKeyAuth(_KeyAuth):
    """For agents' keys with this scope. Endpoints find a `Caller` in `request.auth`.

    With `look_up=False` they find `Credentials` instead: what looks the key up later, as the statement that
    opens a case does, checks the scope, too.
    """

    kind = OF_AGENTS
    openapi_description = (
        "An API key of your agent, made by an admin of the desk. Operations name their scope."
    )

    def __init__(self, scope: Scope | None, *, look_up: bool = True) -> None:
        super().__init__(scope)
        self._look_up = look_up

    def authenticate(self, request: HttpRequest, token: str) -> Caller | Credentials:
        credentials = self.admitted(request, token)
        return identify(credentials) if self._look_up else credentials


class ReportKeyAuth(_KeyAuth):
    """For report keys with this scope. Endpoints find a `Reader` in `request.auth`."""

    kind = OF_REPORTS
    openapi_description = (
        "A report key, made by an admin of the desk for a program that is no agent. "
        "Operations name their scope."
    )

    def __init__(self, scope: ReportScope) -> None:
        super().__init__(scope)

    def authenticate(self, request: HttpRequest, token: str) -> Reader:
        return recognise(self.admitted(request, token))


def enter(request: HttpRequest, scope: Scope | None) -> tuple[Credentials, Caller]:
    """Who is there, where the door is not the one of the REST API. Without a `scope` any valid key may enter.

    Raises:
        Problem: the key is not valid or has not the scope, or made too many requests.
    """
    credentials = ApiKeyAuth(scope, look_up=False)(request)
    if not isinstance(credentials, Credentials):
        raise unauthenticated()
    try:
        return credentials, identify(credentials)
    except Problem as problem:
        if problem.kind.slug == "unauthenticated":
            limits.refuse(request, credentials)
        raise


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _checksum(body: str) -> str:
    number, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = _ALPHABET[digit] + digits
    return digits

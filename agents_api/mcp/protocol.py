"""Messages of the Model Context Protocol over streamable HTTP: which may come in, and how they are answered.

Two generations of the protocol are spoken. Up to 2025-11-25 a client shakes hands (`initialize`) and names
the revision in a header from then on. Since 2026-07-28 each request says all by itself. Neither needs a
session.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from agents_api.problems import Problem

CURRENT = "2026-07-28"
WITH_HANDSHAKE = ("2025-03-26", "2025-06-18", "2025-11-25")
VERSION_HEADER = "MCP-Protocol-Version"
METHOD_HEADER = "Mcp-Method"
NAME_HEADER = "Mcp-Name"

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
HEADER_MISMATCH = -32020
UNSUPPORTED_VERSION = -32022
# Of our own, from the range that is left to servers.
REFUSED_AT_THE_DOOR = -32010

_PREFIX = "io.modelcontextprotocol/"
_VERSION_KEY = f"{_PREFIX}protocolVersion"
_CAPABILITIES_KEY = f"{_PREFIX}clientCapabilities"
_SERVER_KEY = f"{_PREFIX}serverInfo"
SERVER = {"name": "handrail", "title": "Handrail", "version": "1"}

Params = Mapping[str, Any]


class Refused(Exception):
    """Ends a request with an error of JSON-RPC; `status` is the one of HTTP that goes with it."""

    def __init__(
        self,
        code: int,
        message: str,
        *,
        status: int = HTTPStatus.BAD_REQUEST,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        message_id: int | str | None = None,
    ) -> None:
        self.code, self.message, self.status, self.data = code, message, status, data
        self.headers = dict(headers or {})
        self.message_id = message_id
        super().__init__(message)


@dataclass(frozen=True)
class Message:
    """A request, or with no `id` a notification, in one revision of the protocol."""

    id: int | str | None
    method: str
    params: Params
    version: str

    @property
    def is_current(self) -> bool:
        """Whether the client speaks the generation without a handshake."""
        return self.version == CURRENT

    @property
    def meta(self) -> Params:
        meta = self.params.get("_meta")
        return meta if isinstance(meta, dict) else {}

    @property
    def progress_token(self) -> int | str | None:
        token = self.meta.get("progressToken")
        return token if isinstance(token, int | str) and not isinstance(token, bool) else None


def message_of(document: Any, request: HttpRequest) -> Message:
    """The one message in the body of `request`.

    Raises:
        Refused: it is none, or its revision is not spoken here, or its headers tell another story.
    """
    if isinstance(document, list):
        raise Refused(INVALID_REQUEST, "Send one message at a time: batches are not taken.")
    if not isinstance(document, dict) or document.get("jsonrpc") != "2.0":
        raise Refused(INVALID_REQUEST, 'The body is no message of JSON-RPC: it has no "jsonrpc": "2.0".')
    if not isinstance(document.get("method"), str):
        raise Refused(INVALID_REQUEST, "The message has no method. Answers are not taken here.")
    message_id = _id(document)
    try:
        return _in_its_revision(message_id, document, request)
    except Refused as refused:
        refused.message_id = message_id
        raise


def result(message: Message, document: dict[str, Any]) -> dict[str, Any]:
    """The answer to a request, as its revision of the protocol spells it."""
    if message.is_current:
        document = {"resultType": "complete", **document, "_meta": {_SERVER_KEY: SERVER}}
    return {"jsonrpc": "2.0", "id": message.id, "result": document}


def error(refused: Refused) -> HttpResponse:
    """A refusal as an answer of HTTP."""
    said: dict[str, Any] = {"code": refused.code, "message": refused.message}
    if refused.data is not None:
        said["data"] = refused.data
    document = {"jsonrpc": "2.0", "id": refused.message_id, "error": said}
    return JsonResponse(document, status=refused.status, headers=refused.headers)


def refusal(problem: Problem, message: Message | None = None) -> Refused:
    """A problem of the REST API as an error of JSON-RPC."""
    code = PARSE_ERROR if problem.kind.slug == "not-json" else INVALID_REQUEST
    if problem.kind.status in (401, 403, 429) or problem.kind.status >= 500:
        code = REFUSED_AT_THE_DOOR
    if problem.kind.slug == "server-error":
        code = INTERNAL_ERROR
    errors = [{"pointer": each.pointer, "detail": each.detail} for each in problem.errors]
    return Refused(
        code,
        f"{problem.kind.title}. {problem.detail}",
        status=problem.kind.status,
        data={"errors": errors} if errors else None,
        headers=problem.headers,
        message_id=message.id if message else None,
    )


def unknown_method(message: Message) -> Refused:
    """The refusal of a method that is not served."""
    # Before 2026-07-28 only what is wrong with the transport changes the status of HTTP.
    status = HTTPStatus.NOT_FOUND if message.is_current else HTTPStatus.OK
    words = f"There is no method {message.method[:100]!r} here."
    return Refused(METHOD_NOT_FOUND, words, status=status, message_id=message.id)


def invalid_params(message: Message, words: str) -> Refused:
    """The refusal of a request whose parameters do not fit its method."""
    status = HTTPStatus.BAD_REQUEST if message.is_current else HTTPStatus.OK
    return Refused(INVALID_PARAMS, words, status=status, message_id=message.id)


def _id(document: dict[str, Any]) -> int | str | None:
    if "id" not in document:
        return None
    found = document["id"]
    if isinstance(found, bool) or not isinstance(found, int | str):
        raise Refused(INVALID_REQUEST, "id must be a string or an integer.")
    return found


def _in_its_revision(message_id: int | str | None, document: dict[str, Any], request: HttpRequest) -> Message:
    params = document.get("params")
    if params is not None and not isinstance(params, dict):
        raise Refused(INVALID_REQUEST, "params must be an object.")
    message = Message(message_id, document["method"], params or {}, _version(request, params or {}))
    if message.is_current and message.id is not None:
        _check_envelope(message, request)
    return message


def _version(request: HttpRequest, params: Params) -> str:
    meta = params.get("_meta")
    in_header = request.headers.get(VERSION_HEADER)
    if in_header is None:
        says_all_itself = isinstance(meta, dict) and _VERSION_KEY in meta
        return CURRENT if says_all_itself else WITH_HANDSHAKE[0]
    if in_header not in (*WITH_HANDSHAKE, CURRENT):
        data = {"supported": [CURRENT], "requested": in_header}
        raise Refused(UNSUPPORTED_VERSION, "Unsupported protocol version", data=data)
    return in_header


def _check_envelope(message: Message, request: HttpRequest) -> None:
    """What each request since 2026-07-28 says of itself, in its body and again in headers for proxies."""
    missing = [key for key in (_VERSION_KEY, _CAPABILITIES_KEY) if key not in message.meta]
    if missing:
        raise Refused(INVALID_PARAMS, f"params._meta has no {' and no '.join(missing)}.")
    said = {VERSION_HEADER: message.meta[_VERSION_KEY], METHOD_HEADER: message.method}
    if message.method == "tools/call":
        said[NAME_HEADER] = message.params.get("name")
    for header, value in said.items():
        if value is not None and request.headers.get(header) != value:
            raise Refused(HEADER_MISMATCH, f"The header {header} does not say what the body says.")

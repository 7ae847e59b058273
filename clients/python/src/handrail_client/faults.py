"""What is wrong with what a tool sent back: plain rules, which rather miss a fault than invent one."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

FaultKind = Literal[
    "timeout", "http_error", "html_not_json", "schema_mismatch", "empty", "stale", "exception"
]

_HTML = re.compile(r"\s*<\s*(!doctype html|html|head|body)\b", re.IGNORECASE)
_TIMED_OUT = re.compile(r"time[d]?[ _-]?out|deadline exceeded", re.IGNORECASE)
_LOOKS_LIKE_JSON = re.compile(r'\s*(\[\s*)?\{\s*"')
_TIMEOUT_STATUS = (408, 504)
# What is longer is not read as JSON for the sake of one line.
_READABLE = 100_000


@dataclass(frozen=True)
class Fault:
    """A fault of a tool. An `empty` answer may be all that it ever says; all others are failures."""

    kind: FaultKind
    detail: str

    @property
    def is_failure(self) -> bool:
        return self.kind != "empty"


def fault_of(result: object) -> Fault | None:
    """What is wrong with the result of a tool, an exception too; None if it looks sound.

    An answer by HTTP is whatever has `status_code`, `headers` and `text`: those of httpx and requests.
    """
    if isinstance(result, BaseException):
        return _of_exception(result)
    if isinstance(status := getattr(result, "status_code", None), int):
        return _of_status(status) or _of_page(result) or fault_of(getattr(result, "text", ""))
    if isinstance(result, bytes):
        result = result.decode(errors="replace")
    if isinstance(result, str):
        return _of_text(result)
    if result is None or (isinstance(result, Mapping | list | tuple) and not result):
        return Fault("empty", "an empty answer")
    return _of_object(result) if isinstance(result, Mapping) else None


def _of_exception(error: BaseException) -> Fault:
    name = type(error).__name__
    if isinstance(error, TimeoutError) or _TIMED_OUT.search(name):
        return Fault("timeout", f"{name}: a time-out")
    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(status, int) and (found := _of_status(status)):
        return found
    return Fault("exception", name)


def _of_status(status: int) -> Fault | None:
    if status in _TIMEOUT_STATUS:
        return Fault("timeout", f"a time-out (HTTP {status})")
    return Fault("http_error", f"HTTP error {status}") if 400 <= status <= 599 else None


def _of_page(response: object) -> Fault | None:
    headers = getattr(response, "headers", {})
    is_page = "text/html" in str(headers.get("Content-Type", "")).lower()
    return Fault("html_not_json", "HTML instead of data") if is_page else None


def _of_text(words: str) -> Fault | None:
    if words.strip() in ("", "null", "None"):
        return Fault("empty", "an empty answer")
    if _HTML.match(words):
        return Fault("html_not_json", "HTML instead of data")
    if len(words) > _READABLE or not _LOOKS_LIKE_JSON.match(words):
        return None
    try:
        found = json.loads(words)
    except json.JSONDecodeError as error:
        # Several objects in a row are fine.
        return None if error.msg == "Extra data" else Fault("schema_mismatch", f"broken JSON: {error.msg}")
    except RecursionError:
        return Fault("schema_mismatch", "JSON that is nested too deeply")
    return _of_object(found) if isinstance(found, dict) else None


def _of_object(answer: Mapping[str, Any]) -> Fault | None:
    if answer.get("stale") is True:
        return Fault("stale", "a stale answer")
    error = answer.get("error") or answer.get("errors")
    if isinstance(error, str) and _TIMED_OUT.search(error):
        return Fault("timeout", "a time-out")
    status = next((answer[key] for key in ("status_code", "status", "code") if answer.get(key)), None)
    # A bare "code" may as well be that of a product.
    tells = error or answer.keys() & {"message", "detail", "title"}
    return _of_status(status) if tells and isinstance(status, int) else None

"""What is wrong with what a tool sent back, in plain words.

Plain rules over the text alone. They rather miss a fault than call a sound answer one: that a tool refused
("not enough seats") is no fault of the tool, and words in a long answer are part of what was asked for.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalations.models import Fault

EMPTY = gettext_lazy("an empty answer")
TIMED_OUT = gettext_lazy("a time-out")
EXPIRED = gettext_lazy("an expired token")
BROKEN_OFF = gettext_lazy("JSON that breaks off")
NOT_JSON = gettext_lazy("something that is not JSON")
MISFIT = gettext_lazy("something that does not fit its schema")

_HTML = re.compile(r"<\s*(!doctype html|html|head|body|title|center|h1)\b", re.IGNORECASE)
_STATUS_IN_HTML = re.compile(r"<(?:title|h1)[^>]*>\D{0,40}([45]\d\d)\b", re.IGNORECASE)
_STATUS_IN_TEXT = re.compile(
    r"(?:\bHTTP(?:/[\d.]+)?|\bstatus(?: code)?|^(?:client |server )?error)\W{1,3}([45]\d\d)\b"
    r"|^([45]\d\d) [A-Z]",
    re.IGNORECASE,
)
# Prose that tells of a failure starts with its name; anything else may merely speak of one.
_ERROR_LINE = re.compile(
    r"\W*(?:[\w.]*(?:error|exception|timeout)\b|failed\b|failure\b|http\b|status\b|[45]\d\d\b|timed? ?out\b"
    r"|etimedout\b|deadline exceeded|rate limit|too many requests|quota exceeded|unauthori[sz]ed\b"
    r"|(?:the |your )?(?:\w+ )?(?:request|connection|token|session|credentials?|api key|gateway|upstream)\b"
    r"|(?:bad|invalid|expired) (?:gateway|token|credentials)|service unavailable)",
    re.IGNORECASE,
)
_TIMEOUT = re.compile(
    r"\b(time[d]?[ _-]?out|ETIMEDOUT|deadline[ _]exceeded)\b|Timeout(?:Error)?\b", re.IGNORECASE
)
_RATE = re.compile(
    r"\brate[ _-]?limit(ed|s|ing|_\w+)?\b|\btoo[ _]many[ _]requests\b|\bquota[ _]exceeded\b|RateLimit",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    r"\b(token|session|credentials?|signature)[ _](has[ _]|is[ _]|was[ _])?expired\b"
    r"|\bexpired[ _](\w+[ _])?(token|session|credentials?)\b|\binvalid[ _](grant|token)\b|ExpiredToken",
    re.IGNORECASE,
)
_SIGN_IN = re.compile(r"\b(unauthori[sz]ed|unauthenticated|not[ _]authenticated)\b", re.IGNORECASE)
_SCHEMA = re.compile(
    r"\bschema[ _](mismatch|violation|validation)|\bvalidation[ _]errors?[ _]for\b"
    r"|\bdoes[ _]not[ _](match|fit)[ _](the[ _]|its[ _])?schema\b|\bis a required property\b",
    re.IGNORECASE,
)
_SURE_KEYS = ("status_code", "statusCode", "http_status")
_STATUS_KEYS = (*_SURE_KEYS, "status", "code")
_ERROR_KEYS = ("error", "errors", "message", "detail", "title", "reason")
# A fault in words is short.
_FAULT_LENGTH = 400
# What is longer is not read as JSON for the sake of one line.
_READABLE = 100_000
_OLD_SECONDS = 3600
_AGE_KEYS = ("age_s", "age_seconds", "cache_age_s", "cache_age_seconds")


@dataclass(frozen=True)
class ToolFault:
    """A fault: its kind, and how it is said."""

    kind: Fault
    words: str


def classify(content: str) -> ToolFault | None:
    """What is wrong with what a tool sent back; None if it looks sound.

    Knows an empty answer, HTML in place of data, time-outs, rate limits, expired tokens and other HTTP
    errors, JSON that breaks off or is none, a schema that does not fit, and an answer from an old cache.
    """
    text = content[:2000].strip()
    if text in ("", "null", "None"):
        return ToolFault(Fault.EMPTY, str(EMPTY))
    if is_html(text):
        status = _STATUS_IN_HTML.search(text)
        return html(status[1] if status else None)
    if text.startswith(("{", "[")):
        return _fault_in_json(content)
    if len(content) > _FAULT_LENGTH or not _ERROR_LINE.match(text):
        return None
    return _fault_in_words(text)


def classify_object(answer: Mapping[str, Any]) -> ToolFault | None:
    """What an answer in JSON tells of itself: a failure, or that it is out of date."""
    words = _error_words(answer)
    status = _status(answer)
    if words and (fault := _fault_in_words(words, status)):
        return fault
    return of_status(status) if status else _stale(answer)


def of_status(status: int) -> ToolFault:
    """The fault that an HTTP status of 400 or more stands for."""
    if status in (408, 504):
        return ToolFault(Fault.TIMEOUT, str(TIMED_OUT))
    if status == 401:
        return ToolFault(Fault.HTTP_ERROR, _with_status(_("a refused sign-in"), status))
    if status == 429:
        return ToolFault(Fault.HTTP_ERROR, _with_status(_("a rate limit"), status))
    return ToolFault(Fault.HTTP_ERROR, _("HTTP error %(status)s") % {"status": status})


def html(status: str | None = None) -> ToolFault:
    """A page where data should be."""
    return ToolFault(Fault.HTML, _with_status(_("HTML instead of JSON"), status))


def is_html(text: str) -> bool:
    """Whether a text begins as a page does."""
    return _HTML.match(text) is not None


def is_broken(fault: str | None) -> bool:
    """Whether a fault is one of the tool's. An empty answer is named, but may be all that it ever says."""
    return fault is not None and fault != str(EMPTY)


def _fault_in_json(content: str) -> ToolFault | None:
    if len(content) > _READABLE:
        return None
    try:
        answer = json.loads(content)
    except json.JSONDecodeError as error:
        return _fault_in_syntax(content, error)
    except RecursionError:
        return None
    return classify_object(answer) if isinstance(answer, dict) else None


def _fault_in_syntax(content: str, error: json.JSONDecodeError) -> ToolFault | None:
    """Only what began as an object in JSON was meant as JSON; several objects in a row are fine."""
    if not re.match(r'\s*(\[\s*)?\{\s*"', content) or error.msg == "Extra data":
        return None
    breaks_off = error.msg.startswith("Unterminated string") or error.pos >= len(content.rstrip())
    return ToolFault(Fault.MISMATCH, str(BROKEN_OFF if breaks_off else NOT_JSON))


def _error_words(answer: Mapping[str, Any]) -> str:
    error = answer.get("error") or answer.get("errors")
    if isinstance(error, list):
        error = error[0] if error else None
    if isinstance(error, dict):
        error = error.get("message") or error.get("type") or error.get("code")
    if not error or isinstance(error, bool):
        error = answer.get("message") if _status(answer) else None
    return str(error)[:_FAULT_LENGTH] if error else ""


def _status(answer: Mapping[str, Any]) -> int | None:
    """The HTTP error that an object tells of. A bare "code" may as well be that of a product."""
    told = answer.keys() & set(_ERROR_KEYS) or len(answer) == 1
    for key in _STATUS_KEYS if told else _SURE_KEYS:
        status = answer.get(key)
        if isinstance(status, int) and 400 <= status <= 599:
            return status
    return None


def _fault_in_words(text: str, status: int | None = None) -> ToolFault | None:
    if _TIMEOUT.search(text):
        return ToolFault(Fault.TIMEOUT, str(TIMED_OUT))
    if status is None and (found := _STATUS_IN_TEXT.search(text)):
        status = int(found[1] or found[2])
    if _RATE.search(text):
        return ToolFault(Fault.HTTP_ERROR, _with_status(_("a rate limit"), status))
    if _TOKEN.search(text):
        return ToolFault(Fault.HTTP_ERROR, _with_status(str(EXPIRED), status))
    if _SCHEMA.search(text):
        return ToolFault(Fault.MISMATCH, str(MISFIT))
    if status:
        return of_status(status)
    return ToolFault(Fault.HTTP_ERROR, _("a refused sign-in")) if _SIGN_IN.search(text) else None


def _with_status(fault: str, status: int | str | None) -> str:
    return f"{fault} ({status})" if status else fault


def _stale(answer: Mapping[str, Any]) -> ToolFault | None:
    """An answer that says itself that it is out of date."""
    age = next((answer[key] for key in _AGE_KEYS if isinstance(answer.get(key), int | float)), None)
    if answer.get("stale") is True:
        return stale_since(age) if age else ToolFault(Fault.STALE, _("a stale answer"))
    is_cached = answer.get("cached") is True or answer.get("from_cache") is True
    return stale_since(age) if is_cached and age and age >= _OLD_SECONDS else None


def stale_since(seconds: float) -> ToolFault:
    """An answer that is as old as that."""
    return ToolFault(Fault.STALE, _("a stale answer, %(time)s old") % {"time": _ago(seconds)})


def _ago(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{round(seconds / 3600)} h"

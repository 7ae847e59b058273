"""Suggested labels: plain rules over what the agent sent. A person may always say otherwise (labels.md)."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from escalations import triggers
from escalations.models import Escalation, FailureMode

EMPTY = "an empty answer"
TIMED_OUT = "a time-out"
_HTML = re.compile(r"<\s*(!doctype html|html|head|body|title|center|h1)\b", re.IGNORECASE)
_STATUS_IN_HTML = re.compile(r"<(?:title|h1)[^>]*>\D{0,40}([45]\d\d)\b", re.IGNORECASE)
_STATUS_IN_TEXT = re.compile(
    r"(?:\bHTTP(?:/[\d.]+)?|\bstatus(?: code)?|^(?:client |server )?error)\W{1,3}([45]\d\d)\b"
    r"|^([45]\d\d) [A-Z]",
    re.IGNORECASE,
)
_TIMEOUT = re.compile(r"\b(time[d]?[ -]?out|ETIMEDOUT|deadline exceeded)\b", re.IGNORECASE)
_STATUS_KEYS = ("status_code", "statusCode", "http_status", "status", "code")
# A fault is short. In a long answer such words are part of what was asked for.
_FAULT_LENGTH = 400
_DILUTED_TURNS, _DILUTED_TOKENS = 20, 40_000


def tool_fault(content: str) -> str | None:
    """What is wrong with what a tool sent back, in plain words; None if it looks sound.

    Knows an empty answer, HTML in place of data, an HTTP error and a time-out. That a tool refused
    ("not enough seats") is no fault of the tool.
    """
    text = content[:2000].strip()
    if text in ("", "null", "None"):
        return EMPTY
    if _HTML.match(text):
        status = _STATUS_IN_HTML.search(text)
        return f"HTML instead of JSON ({status[1]})" if status else "HTML instead of JSON"
    if text.startswith("{"):
        return _fault_in_object(content)
    return _fault_in_words(text) if len(content) <= _FAULT_LENGTH else None


def suggested_failure(
    case: Escalation, payload: Mapping[str, Any], faults: Iterable[str | None]
) -> FailureMode | None:
    """The failure mode that the record points to, or None. `faults` are those of its tool answers.

    An HTML page read as data is a fault of the integration, whatever failed after it. Then come a failed
    checkpoint, a long context and an overrun budget.
    """
    if any(fault not in (None, EMPTY) for fault in faults):
        return FailureMode.INTEGRATION
    if triggers.first_failed_step(payload) is not None:
        return FailureMode.ERROR_CASCADE
    if (case.turns or 0) >= _DILUTED_TURNS or (case.context_tokens or 0) >= _DILUTED_TOKENS:
        return FailureMode.CONTEXT_DILUTION
    cost = next((gauge for gauge in triggers.gauges(case) if gauge.unit == "$"), None)
    if cost and cost.budget is not None and cost.value > cost.budget:
        return FailureMode.COST
    return None


def _fault_in_object(content: str) -> str | None:
    if len(content) > _FAULT_LENGTH * 10:
        return None
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return None
    for key in _STATUS_KEYS:
        status = answer.get(key)
        if isinstance(status, int) and 400 <= status <= 599:
            return TIMED_OUT if status in (408, 504) else f"HTTP error {status}"
    error = answer.get("error")
    if isinstance(error, dict):
        error = error.get("message") or error.get("type") or error.get("code")
    return _fault_in_words(str(error)) if error else None


def _fault_in_words(text: str) -> str | None:
    if _TIMEOUT.search(text):
        return TIMED_OUT
    status = _STATUS_IN_TEXT.search(text)
    return f"HTTP error {status[1] or status[2]}" if status else None

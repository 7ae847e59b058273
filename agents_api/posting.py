"""Posting handoffs as a patient client: what heals by itself is tried again, what is refused is explained."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any

import httpx

from agents_api.importing import idempotency_key

_TRIES = 6
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
# In flight, too many, and servers that are away for a moment. The Idempotency-Key makes repeating safe.
_TRY_AGAIN = {
    HTTPStatus.CONFLICT,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
_INDEX = re.compile(r"/\d+(?=/|$)")


class Verdict(Enum):
    """What became of a handoff. `REPLAYED` means that the desk had it before."""

    ACCEPTED = "accepted"
    REPLAYED = "replayed"
    REFUSED = "refused"


@dataclass(frozen=True)
class Outcome:
    """The verdict; if refused, `why` is the same for like cases and `detail` is about this one."""

    verdict: Verdict
    why: str = ""
    detail: str = ""


class Poster:
    """Posts handoffs with one key. Safe to share among threads, as its client is."""

    def __init__(
        self, client: httpx.Client, key: str, *, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._client, self._key, self._pause = client, key, pause

    def post(self, body: dict[str, Any]) -> Outcome:
        """Post until the desk answers for good, with growing pauses; give up after a few tries."""
        headers = {"Authorization": f"Bearer {self._key}", "Idempotency-Key": idempotency_key(body)}
        outcome = Outcome(Verdict.REFUSED, "Not tried")
        for number in range(_TRIES):
            wait = _FIRST_PAUSE * 2**number
            try:
                answer = self._client.post("/api/v1/handoffs", json=body, headers=headers)
            except httpx.TransportError as error:
                outcome = Outcome(Verdict.REFUSED, "The desk cannot be reached", str(error) or repr(error))
            else:
                outcome = _outcome(answer)
                if answer.status_code not in _TRY_AGAIN:
                    return outcome
                wait = max(wait, _asked_to_wait(answer))
            if number < _TRIES - 1:
                self._pause(wait)
        return outcome


def _outcome(answer: httpx.Response) -> Outcome:
    if answer.status_code == HTTPStatus.CREATED:
        replayed = answer.headers.get("Idempotent-Replayed") == "true"
        return Outcome(Verdict.REPLAYED if replayed else Verdict.ACCEPTED)
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    if not isinstance(problem, dict) or "title" not in problem:
        return Outcome(Verdict.REFUSED, f"HTTP {answer.status_code}", answer.text[:200])
    errors = problem.get("errors", [])
    pointers = dict.fromkeys(_INDEX.sub("/*", error["pointer"]) for error in errors)
    why = problem["title"] + (f" at {', '.join(pointers)}" if pointers else "")
    details = [f"{error['pointer']}: {error['detail']}" for error in errors[:3]]
    return Outcome(Verdict.REFUSED, why, "; ".join(details) or problem.get("detail", ""))


def _asked_to_wait(answer: httpx.Response) -> float:
    seconds = answer.headers.get("Retry-After", "")
    return min(_LONGEST_PAUSE, float(seconds)) if seconds.isdecimal() else 0.0

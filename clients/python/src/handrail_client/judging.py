"""Is it an answer? Only the documented JSON is; all else is a failure to try again after."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

import httpx

from .answers import Case
from .calls import Call
from .decoding import Undocumented, decode
from .errors import Flaw, InvalidResponse, Problem, Unreachable, refusal


@dataclass(frozen=True)
class Reply:
    """An HTTP answer that has been read. `headers` may be asked for in any case of letters."""

    status: int
    headers: Mapping[str, str]
    content: bytes


Outcome = Reply | httpx.RequestError


def judge(call: Call, outcome: Outcome) -> Case | None:
    """The case in the answer, or None where the desk had no news.

    Raises:
        Unreachable: there was no answer.
        InvalidResponse: something else answered, or about something else.
        Refused: the desk refused, in one of its kinds.
    """
    if isinstance(outcome, httpx.RequestError):
        raise Unreachable(f"{type(outcome).__name__}: {outcome}") from outcome
    if call.may_be_empty and outcome.status == 204:
        return None
    if outcome.status == call.status:
        return _case(call, outcome)
    if outcome.status >= 400:
        _refuse(outcome)
    raise InvalidResponse(f"status {outcome.status} is not documented here")


def retry_after(response: Reply) -> float | None:
    """How many seconds the answer asks to wait; None if it does not say, or not so that one could tell."""
    value = response.headers.get("Retry-After", "")
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _case(call: Call, response: Reply) -> Case:
    case = _decoded(Case, _json(response, "application/json"))
    if not isinstance(case, Case) or call.about not in (None, case.id):
        raise InvalidResponse("the answer is about another handoff")
    if case.version <= call.past:
        raise InvalidResponse(f"version {case.version} was asked to be past {call.past}: an old copy")
    return case


def _refuse(response: Reply) -> NoReturn:
    document = _json(response, "application/problem+json")
    problem = _decoded(Problem, document)
    if problem.status != response.status:
        raise InvalidResponse("the problem is about another status")
    flaws = _decoded(list[Flaw], document.get("errors", []))
    raise refusal(problem, tuple(flaws), retry_after=retry_after(response))


def _json(response: Reply, media_type: str) -> dict[str, Any]:
    found = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if found != media_type:
        raise InvalidResponse(f"status {response.status} came as {found or 'nothing'}, not {media_type}")
    try:
        document = json.loads(response.content, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise InvalidResponse("the body is no JSON") from None
    if not isinstance(document, dict):
        raise InvalidResponse("the body is no object")
    return document


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)


def _decoded(kind: Any, document: Any) -> Any:
    try:
        return decode(kind, document)
    except Undocumented as error:
        raise InvalidResponse(str(error)) from None

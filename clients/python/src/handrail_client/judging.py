"""Is it an answer? Only the documented JSON is; all else is a failure to try again after."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NoReturn, TypeVar

import httpx

from . import reading
from .calls import Call
from .decoding import Undocumented, decode
from .errors import Flaw, InvalidResponse, Problem, Unreachable, refusal

T = TypeVar("T")


@dataclass(frozen=True)
class Reply:
    """An HTTP answer that has been read. `headers` may be asked for in any case of letters."""

    status: int
    headers: Mapping[str, str]
    content: bytes


Outcome = Reply | httpx.RequestError


def judge(call: Call[T], outcome: Outcome) -> T | None:
    """What the answer says, or None where the desk had no news.

    Raises:
        Unreachable: there was no answer.
        InvalidResponse: something else answered, or about something else.
        Refused: the desk refused, in one of its kinds.
    """
    reply = arrived(outcome)
    if reply.status == 204 and call.status != 204 and call.may_be_empty:
        return None
    if reply.status not in (call.status, call.or_status):
        refuse(reply)
    if reply.status != 204:
        expect(reply, "application/json")
    return call.reads(reply.content)


def arrived(outcome: Outcome) -> Reply:
    """The answer, if there was one.

    Raises:
        Unreachable: there was none.
    """
    if isinstance(outcome, Reply):
        return outcome
    raise Unreachable(f"{type(outcome).__name__}: {outcome}") from outcome


def refuse(reply: Reply) -> NoReturn:
    """An answer with another status than was hoped for.

    Raises:
        Refused: the desk refused.
        InvalidResponse: something else answered.
    """
    if reply.status < 400:
        raise InvalidResponse(f"status {reply.status} is not documented here")
    expect(reply, "application/problem+json")
    found = reading.document(reply.content)
    problem = reading.of(Problem)(reply.content)
    if problem.status != reply.status:
        raise InvalidResponse("the problem is about another status")
    flaws = _flaws(found.get("errors", []))
    raise refusal(problem, flaws, retry_after=retry_after(reply))


def expect(reply: Reply, media_type: str) -> None:
    """Raises InvalidResponse if the answer is of another media type."""
    found = reply.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if found != media_type:
        raise InvalidResponse(f"status {reply.status} came as {found or 'nothing'}, not {media_type}")


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


def _flaws(document: object) -> tuple[Flaw, ...]:
    try:
        return tuple(decode(list[Flaw], document))
    except Undocumented as error:
        raise InvalidResponse(str(error)) from None

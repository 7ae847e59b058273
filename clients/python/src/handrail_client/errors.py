"""What can go wrong, as types to catch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .answers import Case


class HandrailError(Exception):
    """Anything that this package raises by itself."""

    # Whether the same request may succeed later.
    may_pass = False
    # Whether it says that the desk is unwell, which opens the circuit in the end.
    is_outage = False
    # Seconds after which the desk asks to be asked again.
    retry_after: float | None = None


class Unreachable(HandrailError):
    """No answer came: refused, cut, or too late. The request may have been carried out all the same."""

    may_pass = True
    is_outage = True


class InvalidResponse(HandrailError):
    """What came is no answer of the desk: a proxy's page, half a document, or not what is documented."""

    may_pass = True
    is_outage = True


class CircuitOpen(HandrailError):
    """Nothing was sent: the desk failed so often in a row that it is left alone for `retry_after` seconds."""

    may_pass = True

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the desk failed too often; it is tried again in {seconds:.1f} s")
        self.retry_after = seconds


class NotKept(HandrailError):
    """The desk cannot be reached, and what was to be sent could not be kept on the disk either."""


class StillOpen(HandrailError):
    """The time to wait is over and nothing is decided; `case` is how it stood last, None if unknown."""

    def __init__(self, case: Case | None) -> None:
        super().__init__("nothing is decided yet")
        self.case = case


@dataclass(frozen=True)
class Flaw:
    """One thing wrong with a request; `pointer` is a JSON Pointer (RFC 6901) into its body."""

    pointer: str
    detail: str


@dataclass(frozen=True)
class Problem:
    """What the desk says about a refusal (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str

    @property
    def slug(self) -> str:
        """The name of its type, as in the desk's documentation: `case-closed`."""
        return self.type.rstrip("/").rpartition("/")[2]


class Refused(HandrailError):
    """The desk refused the request; `problem` says why, `errors` where."""

    def __init__(
        self, problem: Problem, errors: tuple[Flaw, ...] = (), *, retry_after: float | None = None
    ) -> None:
        places = "".join(f"; {flaw.pointer or '/'}: {flaw.detail}" for flaw in errors)
        super().__init__(f"{problem.status} {problem.title}: {problem.detail}{places}")
        self.problem = problem
        self.errors = errors
        self.retry_after = retry_after


class Unauthenticated(Refused):
    """The key is missing, unknown, revoked or expired."""


class WrongAgent(Refused):
    """The key belongs to another agent than the one named."""


class ScopeMissing(Refused):
    """The key was made without the scope that this takes; `problem.detail` names it."""


class NotFound(Refused):
    """There is no such handoff of this agent."""


class NotPossibleNow(Refused):
    """The state of the case does not allow this."""


class AlreadyApplied(NotPossibleNow):
    """The decision was applied before, and it is good for once: do not carry it out again."""


class AlreadyTaken(NotPossibleNow):
    """Another part of your agent took the decision up before."""


class DecisionExpired(NotPossibleNow):
    """The decision is not valid any more: acknowledge it as `late`."""


class InvalidRequest(Refused):
    """The request is not valid; `errors` says where."""


class KeyReused(Refused):
    """The Idempotency-Key was used for another request."""


class RefusedForNow(Refused):
    """The same request may be accepted in a moment."""

    may_pass = True


class RateLimited(RefusedForNow):
    """Too many requests."""


class DeskFailed(RefusedForNow):
    """The desk is there, and says itself that it failed."""

    is_outage = True


_BY_SLUG: dict[str, type[Refused]] = {
    "already-applied": AlreadyApplied,
    "already-taken": AlreadyTaken,
    "decision-expired": DecisionExpired,
    "idempotency-key-reused": KeyReused,
    "scope-missing": ScopeMissing,
    "request-in-flight": RefusedForNow,
    "decision-pending": RefusedForNow,
}
_BY_STATUS: dict[int, type[Refused]] = {
    401: Unauthenticated,
    403: WrongAgent,
    404: NotFound,
    409: NotPossibleNow,
    422: InvalidRequest,
    429: RateLimited,
}


def refusal(problem: Problem, errors: tuple[Flaw, ...], *, retry_after: float | None) -> Refused:
    """The error that stands for this problem."""
    by_status = DeskFailed if problem.status >= 500 else _BY_STATUS.get(problem.status, Refused)
    return _BY_SLUG.get(problem.slug, by_status)(problem, errors, retry_after=retry_after)

"""Why a move was refused. Each says what is true now, so that a caller can tell the person or the agent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


class TransitionError(Exception):
    """A move that the case's present state does not allow. Nothing was changed."""


class NotClaimable(TransitionError):
    """Somebody else holds the case, or it is not waiting any more."""

    def __init__(self, case_id: UUID, state: str, holder: str = "") -> None:
        self.case_id, self.state, self.holder = case_id, state, holder
        super().__init__(f"{holder} has this case now." if holder else f"This case is {state}.")


class LeaseLost(TransitionError):
    """The lease ran out or passed on. `holder` is who has the case now, or empty."""

    def __init__(self, case_id: UUID, state: str, holder: str = "") -> None:
        self.case_id, self.state, self.holder = case_id, state, holder
        now = f"{holder} has this case now." if holder else f"The case is {state} now."
        super().__init__(f"Your claim has ended. {now}")


class OfferGone(TransitionError):
    """The offer can be accepted no more. `holder` is who was first, or empty."""

    def __init__(self, case_id: UUID | None, why: str, holder: str = "") -> None:
        self.case_id, self.holder = case_id, holder
        super().__init__(f"{holder} was first." if holder else why)


class CaseClosed(TransitionError):
    """The case is resolved, expired or cancelled, and the move needs an open one (or the reverse)."""

    def __init__(self, case_id: UUID, state: str) -> None:
        self.case_id, self.state = case_id, state
        super().__init__(f"This case is {state}.")


class NotAllowed(TransitionError):
    """The operator may not do this: wrong queue, missing skill, full desk, not a supervisor."""


class NoRoom(TransitionError):
    """The person who would get the case holds as much as they can, or is away. An admin may insist."""


class InvalidTime(TransitionError):
    """A case cannot be put aside until then. `latest` is until when it can; None if it cannot at all."""

    def __init__(self, latest: datetime | None) -> None:
        self.latest = latest
        longest = latest and f"Choose a time from now until it is due: {latest:%d %b %H:%M} UTC."
        super().__init__(longest or "This case is past its time. It cannot be put aside.")


@dataclass(frozen=True)
class Flaw:
    """One thing wrong with a decision. `pointer` is a JSON Pointer into it."""

    pointer: str
    detail: str


class InvalidDecision(TransitionError):
    """An edited argument or a response fails its schema, or the decision is not allowed here."""

    def __init__(self, flaws: Sequence[Flaw]) -> None:
        self.flaws = tuple(flaws)
        super().__init__("; ".join(f"{flaw.pointer or 'decision'}: {flaw.detail}" for flaw in flaws))

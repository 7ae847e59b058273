"""Why a move was refused. Each says what is true now, so that a caller can tell the person or the agent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalations.models import Delivery, State

# Whole sentences, because other languages bend the words. Keys are states and deliveries of a case.
_STANDS: dict[str, Promise] = {
    State.QUEUED: gettext_lazy("This case is queued."),
    State.CLAIMED: gettext_lazy("This case is claimed."),
    State.WAITING: gettext_lazy("This case is waiting."),
    State.SNOOZED: gettext_lazy("This case is snoozed."),
    State.RESOLVED: gettext_lazy("This case is resolved."),
    State.EXPIRED: gettext_lazy("This case is expired."),
    State.CANCELLED: gettext_lazy("This case is cancelled."),
    Delivery.UNDELIVERED: gettext_lazy("This case is undelivered."),
    Delivery.DELIVERED: gettext_lazy("This case is delivered."),
    Delivery.ACKNOWLEDGED: gettext_lazy("This case is acknowledged."),
    Delivery.APPLIED: gettext_lazy("This case is applied."),
    Delivery.LATE: gettext_lazy("This case is late."),
}
_ENDED: dict[str, Promise] = {
    State.QUEUED: gettext_lazy("Your claim has ended. The case is queued now."),
    # Claimed by nobody: the lease ran out, and the case waits before the sweep has said so.
    State.CLAIMED: gettext_lazy("Your claim has ended. The case is queued now."),
    State.WAITING: gettext_lazy("Your claim has ended. The case is waiting now."),
    State.SNOOZED: gettext_lazy("Your claim has ended. The case is snoozed now."),
    State.RESOLVED: gettext_lazy("Your claim has ended. The case is resolved now."),
    State.EXPIRED: gettext_lazy("Your claim has ended. The case is expired now."),
    State.CANCELLED: gettext_lazy("Your claim has ended. The case is cancelled now."),
}


def stands(state: str) -> str:
    """How a case stands, as a sentence."""
    return str(_STANDS[state])


class TransitionError(Exception):
    """A move that the case's present state does not allow. Nothing was changed."""


class NotClaimable(TransitionError):
    """Somebody else holds the case, or it is not waiting any more."""

    def __init__(self, case_id: UUID, state: str, holder: str = "") -> None:
        self.case_id, self.state, self.holder = case_id, state, holder
        held = _("%(holder)s has this case now.") % {"holder": holder}
        super().__init__(held if holder else stands(state))


class LeaseLost(TransitionError):
    """The lease ran out or passed on. `holder` is who has the case now, or empty."""

    def __init__(self, case_id: UUID, state: str, holder: str = "") -> None:
        self.case_id, self.state, self.holder = case_id, state, holder
        held = _("Your claim has ended. %(holder)s has this case now.") % {"holder": holder}
        super().__init__(held if holder else str(_ENDED[state]))


class OfferGone(TransitionError):
    """The offer can be accepted no more. `holder` is who was first, or empty."""

    def __init__(self, case_id: UUID | None, why: str, holder: str = "") -> None:
        self.case_id, self.holder = case_id, holder
        super().__init__(_("%(holder)s was first.") % {"holder": holder} if holder else why)


class CaseClosed(TransitionError):
    """The case is resolved, expired or cancelled, and the move needs an open one (or the reverse)."""

    def __init__(self, case_id: UUID, state: str) -> None:
        self.case_id, self.state = case_id, state
        super().__init__(stands(state))


class Erased(TransitionError):
    """What was said in the case is erased, so there is nothing left to judge or to take up again."""

    def __init__(self) -> None:
        super().__init__(_("What was said in this case is erased. Nothing can be changed in it any more."))


class AlreadyApplied(TransitionError):
    """A decision is good for once, and it was applied before."""

    def __init__(self, case_id: UUID) -> None:
        self.case_id = case_id
        super().__init__("The decision was applied before. It is good for once.")


class AlreadyTaken(TransitionError):
    """Another part of the agent took the decision up before."""

    def __init__(self, case_id: UUID) -> None:
        self.case_id = case_id
        super().__init__("The decision was taken up before. It is good for once.")


class PastValidity(TransitionError):
    """The hard limit of the agent passed before the decision was applied."""

    def __init__(self, case_id: UUID) -> None:
        self.case_id = case_id
        super().__init__("The decision is not valid any more. Say that it came too late.")


class ReasonMissing(TransitionError):
    """The agent acted on the decision already: whoever takes it up again says why."""

    def __init__(self) -> None:
        super().__init__(_("The agent has applied this decision. Say why the case is reopened."))


class NotAllowed(TransitionError):
    """The operator may not do this: wrong queue, missing skill, full desk, not a supervisor."""


class NoRoom(TransitionError):
    """The person who would get the case holds as much as they can, or is away. An admin may insist."""


class InvalidTime(TransitionError):
    """A case cannot be put aside until then. `latest` is until when it can; None if it cannot at all."""

    def __init__(self, latest: datetime | None) -> None:
        self.latest = latest
        if latest:
            moment = f"{latest:%d %b %H:%M}"
            words = _("Choose a time from now until it is due: %(moment)s UTC.") % {"moment": moment}
        else:
            words = _("This case is past its time. It cannot be put aside.")
        super().__init__(words)


@dataclass(frozen=True)
class Flaw:
    """One thing wrong with a decision. `pointer` is a JSON Pointer into it."""

    pointer: str
    detail: str


class InvalidDecision(TransitionError):
    """An edited argument or a response fails its schema, or the decision is not allowed here."""

    def __init__(self, flaws: Sequence[Flaw]) -> None:
        self.flaws = tuple(flaws)
        whole = _("decision")
        super().__init__("; ".join(f"{flaw.pointer or whole}: {flaw.detail}" for flaw in flaws))


class NotAsDecided(TransitionError):
    """The agent made a call that the decision does not allow, or with other arguments. Nothing was noted."""

    def __init__(self, case_id: UUID, flaws: Sequence[Flaw]) -> None:
        self.case_id, self.flaws = case_id, tuple(flaws)
        super().__init__("; ".join(f"{flaw.pointer}: {flaw.detail}" for flaw in flaws))

"""Between a decision and its dispatch, while it can still be undone (docs/decisions/0011).

Until `dispatch_at` the agent sees the case as it was before the decision: claimed, at the version before.
A reader that shows a decision to the agent takes the lock of its row first, and so does the undo: so either
the agent has the decision or the undo has won, never both.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from escalations.models import Delivery, Escalation, State

# No transaction lasts so long: an undo that began before the dispatch is over by then.
_UNDER_WAY = timedelta(minutes=1)
# Agents that wait come back within 55 seconds, and three webhooks are tried within this time.
MISSED_AFTER = timedelta(minutes=3)


def dispatched() -> Q:
    """Cases whose decision, if there is one, is not withheld from the agent any more."""
    return Q(dispatch_at=None) | Q(dispatch_at__lte=Now())


def as_agent_sees(case: Escalation) -> Escalation:
    """Turn the case, read by `with_dispatch`, into what its agent may see of it. Never save it."""
    if case.is_withheld:
        case.state, case.version = State.CLAIMED, case.version - 1
        case.delivery, case.closed_at = Delivery.NONE, None
    return case


def gone_from(case: Escalation) -> datetime | None:
    """From when on the agent counts as gone, as things stand: it withdrew, or did not get the decision.

    That is no state: it gets the decision when it comes back. None while there is nothing for it to get, and
    once it got it.
    """
    if case.state == State.CANCELLED:
        return case.closed_at
    if case.delivery != Delivery.UNDELIVERED or case.closed_at is None:
        return None
    return max(case.closed_at, case.dispatch_at or case.closed_at) + MISSED_AFTER


def missed() -> Q:
    """Cases whose agent counts as gone, for it did not get the decision in time."""
    late = Now() - MISSED_AFTER
    is_due = Q(dispatch_at=None) | Q(dispatch_at__lt=late)
    return is_due & Q(delivery=Delivery.UNDELIVERED, closed_at__lt=late)


def in_state(state: State) -> Q:
    """Cases that are in `state` as far as their agent can see."""
    if state == State.RESOLVED:
        return Q(state=state) & dispatched()
    if state == State.CLAIMED:
        return Q(state=state) | Q(state=State.RESOLVED, dispatch_at__gt=Now())
    return Q(state=state)


def may_be_undone(cases: Iterable[Escalation]) -> bool:
    """Whether an undo that began before the dispatch of one of these cases may not be over.

    It has waited for them when it answers. If so, read the cases again: what the agent is shown then stands.
    """
    undelivered = [case.id for case in cases if case.delivery == Delivery.UNDELIVERED and case.dispatch_at]
    if not undelivered:
        return False
    with transaction.atomic():
        just_dispatched = Escalation.objects.filter(id__in=undelivered, dispatch_at__gt=Now() - _UNDER_WAY)
        list(just_dispatched.order_by("id").select_for_update(no_key=True).values_list("id"))
    return True


def version_for_agent(case_id: UUID) -> tuple[int, float | None]:
    """The version that the agent sees, and in how many seconds that ends by itself; None if it does not.

    Raises:
        Escalation.DoesNotExist: there is no such case.
    """
    version, left = Escalation.objects.values_list("version", F("dispatch_at") - Now()).get(id=case_id)
    if left is None or left <= timedelta():
        return version, None
    return version - 1, left.total_seconds()

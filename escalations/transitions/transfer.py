"""Pass a case on: to another queue, or into the hands of another person."""

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from escalations.auditing import audit
from escalations.models import Escalation, How, NoticeKind, Operator, Outcome, Queue, State
from escalations.people import notices
from escalations.sla import clocks
from escalations.transitions import giving
from escalations.transitions.errors import NotAllowed
from escalations.transitions.lease import end_claim, held, lost
from escalations.transitions.recording import record
from escalations.transitions.tokens import LeaseToken


def transfer(
    *,
    lease: LeaseToken,
    to_queue: Queue | None = None,
    to_operator: Operator | None = None,
    note: str = "",
    force: bool = False,
) -> Escalation:
    """Pass the case on, to exactly one of `to_queue` and `to_operator`. Later writes under `lease` are lost.

    No clock is reset and the case keeps its place by age. `force` gives it to a person beyond their
    capacity; only an admin may.

    Raises:
        LeaseLost: the case is not the caller's to pass on any more.
        NotAllowed: it is there already, the person could not work it, or `force` by somebody else.
        NoRoom: the person is away, or holds as much as they can.
    """
    if force and not lease.operator.is_desk_admin:
        raise NotAllowed(_("Only an admin may give more than fits."))
    with transaction.atomic():
        if to_operator and not to_queue:
            return _to_operator(lease, to_operator, note, force)
        if to_queue and not to_operator:
            return _to_queue(lease, to_queue, note)
    raise ValueError("A case is passed on to one queue or to one person.")


def _to_queue(lease: LeaseToken, queue: Queue, note: str) -> Escalation:
    before = giving.locked(lease.case_id)
    if before.queue_id == queue.pk:
        raise NotAllowed(_("The case is in the queue %(queue)s already.") % {"queue": queue})
    moved = (
        held(lease)
        .within_hard_limit()
        .update(
            state=State.QUEUED,
            holder=None,
            lease_expires_at=None,
            queue=queue,
            overflow_queue=None,
            **clocks.place(before, clocks.database_now(), queue=queue),
            affinity=None,
            affinity_until=None,
            version=F("version") + 1,
        )
    )
    if not moved:
        raise lost(lease)
    clocks.restart_timers(lease.case_id)  # the other queue may have another calendar
    end_claim(lease.case_id, Outcome.PASSED)
    return _recorded(lease, {"queue": queue.name, "note": note})


def _to_operator(lease: LeaseToken, operator: Operator, note: str, force: bool) -> Escalation:
    case = Escalation.objects.select_related("queue").get(id=lease.case_id)
    if operator == lease.operator:
        raise NotAllowed(_("You have this case already."))
    giving.ensure_able(operator, case)
    giving.ensure_room(operator, case, force=force)
    found = held(lease).within_hard_limit()
    before = giving.locked(lease.case_id)
    if giving.lease_to(found, operator, How.MOVED, before=before, lasts=giving.GIVEN) is None:
        raise lost(lease)
    words = notices.PASSED_ON % {"person": lease.operator}
    giving.tell(operator, before, NoticeKind.ASSIGNED, words, note)
    return _recorded(lease, {"operator": operator.pk, "note": note})


def _recorded(lease: LeaseToken, data: dict[str, object]) -> Escalation:
    case = Escalation.objects.get(id=lease.case_id)
    actor = audit.operator_actor(lease.operator)
    record(case_id=case.id, version=case.version, kind="transferred", actor=actor, data=data)
    return case

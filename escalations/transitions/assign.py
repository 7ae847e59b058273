"""A supervisor gives a case that waits to a person."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from escalations.auditing import audit
from escalations.models import Escalation, How, NoticeKind, Operator
from escalations.people import notices
from escalations.transitions import giving
from escalations.transitions.errors import NotAllowed, NotClaimable
from escalations.transitions.recording import record


def assign(*, case_id: UUID, operator: Operator, by: Operator, force: bool = False) -> Escalation:
    """Lease a case that nobody holds to `operator`, who is told. `force`, for admins, ignores their capacity.

    Raises:
        NotAllowed: `by` is no supervisor, or no admin and wants to `force`; or the person could not work it.
        NoRoom: the person is away, or holds as much as they can.
        NotClaimable: somebody holds it, or it does not wait in a queue; says who or what.
        Escalation.DoesNotExist: there is no such case.
    """
    giving.require_supervisor(by)
    if force and not by.is_desk_admin:
        raise NotAllowed(_("Only an admin may give more than fits."))
    with transaction.atomic():
        case = Escalation.objects.select_related("queue").get(id=case_id)
        giving.ensure_able(operator, case)
        giving.ensure_room(operator, case, force=force)
        before = giving.locked(case_id)
        waiting = Escalation.objects.waiting().filter(id=case_id)
        given = giving.lease_to(waiting, operator, How.MOVED, before=before, lasts=giving.GIVEN)
        if given is None:
            raise NotClaimable(case_id, before.state, str(before.holder or ""))
        if operator != by:
            giving.tell(operator, given, NoticeKind.ASSIGNED, notices.GIVEN % {"person": by})
        record(
            case_id=case_id,
            version=given.version,
            kind="assigned",
            actor=audit.operator_actor(by),
            data={"operator": operator.pk},
        )
    return given

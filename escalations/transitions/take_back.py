"""Go on with a case that was put aside, before its reply or its time has come."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from escalations.auditing import audit
from escalations.models import Escalation, How, Operator, State
from escalations.transitions import giving
from escalations.transitions.claim import Claimed
from escalations.transitions.errors import NotAllowed, NotClaimable
from escalations.transitions.recording import record
from escalations.transitions.tokens import LEASE


def take_back(*, case_id: UUID, operator: Operator) -> Claimed:
    """Lease a waiting or snoozed case to the person who put it aside; its clocks go on.

    Raises:
        NotAllowed: somebody else put it aside. Supervisors take it over instead.
        NotClaimable: it is not aside any more; says who or what.
        NoRoom: they hold as much as they can.
        Escalation.DoesNotExist: there is no such case.
    """
    with transaction.atomic():
        giving.ensure_room(operator, Escalation.objects.get(id=case_id), even_away=True)
        before = giving.locked(case_id)
        aside = Escalation.objects.within_hard_limit().filter(
            id=case_id, state__in=[State.WAITING, State.SNOOZED], affinity=operator
        )
        case = giving.lease_to(aside, operator, How.PICKED, before=before, lasts=LEASE)
        if case is None:
            raise _why_not(before)
        record(
            case_id=case_id,
            version=case.version,
            kind="claimed",
            actor=audit.operator_actor(operator),
            data={"how": How.PICKED.value},
        )
    return giving.claimed(case, operator)


def _why_not(before: Escalation) -> NotAllowed | NotClaimable:
    if before.state in (State.WAITING, State.SNOOZED):
        return NotAllowed(
            _("%(person)s put this case aside.") % {"person": before.affinity}
            if before.affinity
            else _("Somebody else put this case aside.")
        )
    return NotClaimable(before.id, before.state, str(before.holder or ""))

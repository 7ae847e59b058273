"""What the desk tells people by itself. Transitions tell of what they do (`transitions.giving.tell`)."""

from collections.abc import Iterable

from escalations.models import Escalation, Notice, NoticeKind, Operator, Role

# The headline of the case follows.
INFEASIBLE = "Cannot be decided before it expires: "
BREACHED = {
    "pickup": "Nobody took it in time: ",
    "resolution": "Past due: ",
    "response": "The user waits too long for an answer: ",
}


def page_admins(notices: Iterable[tuple[Escalation, NoticeKind, str]]) -> None:
    """Leave each notice, made of case, kind and words before the headline, for every active admin."""
    told = list(notices)
    if not told:
        return
    admins = list(Operator.objects.filter(role=Role.ADMIN, is_active=True))
    Notice.objects.bulk_create(
        Notice(operator=admin, case=case, kind=kind, text=f"{words}{case.headline}"[:300])
        for case, kind, words in told
        for admin in admins
    )

"""Who looks at a case: one row for each person with its page open, and an event when one comes or goes."""

from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import F, OuterRef, QuerySet
from django.db.models.expressions import Value
from django.db.models.functions import Coalesce, JSONObject, Now, NullIf

from escalations.auditing import audit
from escalations.models import Escalation, Event, Operator
from escalations.models.people import CONNECTED
from escalations.transitions.recording import announce
from operators.models import Viewing

# The event changes nothing about a case; it wakes the pages that show who looks.
KIND = "viewing"
_NAMED = 3


def look(case_id: UUID, operator_id: int) -> None:
    """Note that the person looks; tell, if nobody knew."""
    with transaction.atomic():
        if _live().filter(case=case_id, operator=operator_id).update(seen_at=Now()):
            return
        Viewing.objects.bulk_create(
            [Viewing(case_id=case_id, operator_id=operator_id)],
            update_conflicts=True,
            unique_fields=["case", "operator"],
            update_fields=["seen_at"],
        )
        _tell(case_id, operator_id)


def leave(case_id: UUID, operator_id: int) -> bool:
    """Note that the person's last page of the case is closed; whether anybody thought it open."""
    with transaction.atomic():
        was_there = bool(Viewing.objects.filter(case=case_id, operator=operator_id).delete()[0])
        if was_there:
            _tell(case_id, operator_id)
    return was_there


def looks(case_id: UUID, operator_id: int) -> bool:
    """Whether the person has a page of the case open."""
    return _live().filter(case=case_id, operator=operator_id).exists()


def lookers() -> ArraySubquery:
    """A column of cases: who looks now, as `{"id", "name"}`, those who came first in front."""
    return ArraySubquery(_at_the_case().values_list(JSONObject(id=F("operator_id"), name=_NAME), flat=True))


def names_of_lookers() -> ArraySubquery:
    """The same as some names only, for lists."""
    return ArraySubquery(_at_the_case().annotate(name=_NAME).values("name")[:_NAMED])


_NAME = Coalesce(NullIf(F("operator__first_name"), Value("")), F("operator__username"))


def _live() -> QuerySet[Viewing]:
    return Viewing.objects.filter(seen_at__gt=Now() - CONNECTED)


def _at_the_case() -> QuerySet[Viewing]:
    return _live().filter(case=OuterRef("pk")).order_by("id")


def _tell(case_id: UUID, operator_id: int) -> None:
    version = Escalation.objects.values_list("version", flat=True).get(id=case_id)
    actor = audit.operator_actor(Operator(pk=operator_id))
    Event.objects.create(case_id=case_id, kind=KIND, version=version, actor=actor)
    announce(case_id=case_id, kind=KIND)

"""Whose cases are whose: what agents call their customers, noted after intake, off its path.

A case is noted once it is so old that no case with a smaller id can still commit; the ids grow with time.
A pass may run twice, or stop anywhere.
"""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Now

from escalations.datasets.splits import CUSTOMER_KEYS, customer_of
from escalations.models import Bookmark, CaseSubject, Escalation, Handoff

# Longer than any statement may take, and than clocks of servers differ.
SETTLED = timedelta(minutes=10)
_BOOKMARK, _FIRST = "subjects", "00000000-0000-0000-0000-000000000000"
_LONGEST = 200


def note_subjects(*, limit: int) -> int:
    """Note the customers of the next `limit` cases. Returns how many were gone through."""
    bookmark, _ = Bookmark.objects.get_or_create(name=_BOOKMARK, defaults={"place": _FIRST})
    settled = Escalation.objects.filter(id__gt=bookmark.place, received_at__lt=Now() - SETTLED)
    ids = list(settled.order_by("id").values_list("id", flat=True)[:limit])
    if ids:
        _note(ids)
        Bookmark.objects.filter(name=_BOOKMARK).update(place=str(ids[-1]))
    return len(ids)


def cases_of(customer_ref: str) -> list[UUID]:
    """The cases of a customer: those that are noted, and those that are too new for it.

    Complete only after `note_subjects` came to its end.
    """
    _note(list(Escalation.objects.filter(received_at__gte=Now() - 2 * SETTLED).values_list("id", flat=True)))
    return list(CaseSubject.objects.filter(customer_ref=customer_ref).values_list("case_id", flat=True))


def _note(ids: Iterable[UUID]) -> None:
    names_one = Q(*(("body__contains", f'"{key}"') for key in CUSTOMER_KEYS), _connector=Q.OR)
    handoffs = Handoff.objects.filter(names_one, case_id__in=ids)
    found = ((handoff.case_id, customer_of(handoff.payload)) for handoff in handoffs.iterator(chunk_size=100))
    CaseSubject.objects.bulk_create(
        [CaseSubject(case_id=case_id, customer_ref=ref[:_LONGEST]) for case_id, ref in found if ref],
        ignore_conflicts=True,
    )

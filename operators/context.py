"""What the frame of every page shows to the person who is signed in."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from escalations.desks import Desk, desk_of
from escalations.models import Operator


def desk(request: HttpRequest) -> dict[str, Any]:
    """`desk`, read once, and only by pages that show it."""
    return {"desk": SimpleLazyObject(lambda: _desk_of(request))}


def _desk_of(request: HttpRequest) -> Desk:
    person = getattr(request, "user", None)
    return desk_of(person) if isinstance(person, Operator) and person.pk else Desk()

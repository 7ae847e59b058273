"""What the frame of every page shows to the person who is signed in."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from escalations.models import Operator
from escalations.people.desks import Desk, desk_of
from escalations.transitions import KEPT_WHILE_AWAY


def desk(request: HttpRequest) -> dict[str, Any]:
    """`desk`, read once, and only by pages that show it; and for how long one may keep cases while away."""
    return {"desk": SimpleLazyObject(lambda: _desk_of(request)), "kept_while_away": KEPT_WHILE_AWAY}


def _desk_of(request: HttpRequest) -> Desk:
    person = getattr(request, "user", None)
    return desk_of(person) if isinstance(person, Operator) and person.pk else Desk()

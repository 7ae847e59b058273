"""How django-allauth behaves at this door."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedDoor(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Nobody signs up: admins make accounts."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

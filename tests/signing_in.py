"""Sign in at once, where a test is not about signing in: one row in place of ten statements."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone
from django.utils.crypto import get_random_string

from escalations.models import Operator

_with_all_statements = Client.force_login


def force_login(client: Client, user: Operator, backend: str | None = None) -> None:
    """In place of Django's, which it uses for who signs in over somebody else. No one is told of it."""
    if settings.SESSION_COOKIE_NAME in client.cookies:
        return _with_all_statements(client, user, backend)
    [user.backend] = settings.AUTHENTICATION_BACKENDS
    request = HttpRequest()
    request.session = SessionStore(get_random_string(32, VALID_KEY_CHARS))
    Session.objects.create(
        session_key=request.session.session_key,
        session_data=request.session.encode(
            {
                SESSION_KEY: str(user.pk),
                BACKEND_SESSION_KEY: backend or user.backend,
                HASH_SESSION_KEY: user.get_session_auth_hash(),
            }
        ),
        expire_date=timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE),
    )
    return client._set_login_cookies(request)

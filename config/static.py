"""Style, scripts and fonts, served outside Django's middleware.

WhiteNoise's own middleware knows no async: under ASGI it would hold a thread for every waiting agent.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from whitenoise import WhiteNoise

WSGIApplication = Callable[..., Any]

PREFIX = "/static/"
# collectstatic puts twelve digits of a file's checksum into its name, so such a file never changes.
_HASHED_NAME = r"\.[0-9a-f]{12}\."


def with_static_files(application: WSGIApplication) -> WSGIApplication:
    """The collected static files, and `application` for every other path."""
    static: WSGIApplication = WhiteNoise(
        application,
        root=settings.STATIC_ROOT,
        prefix=PREFIX,
        immutable_file_test=_HASHED_NAME,
        allow_all_origins=False,
    )
    return static


def not_found(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """The answer for a static file that does not exist."""
    start_response("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
    return [b"No such file.\n"]

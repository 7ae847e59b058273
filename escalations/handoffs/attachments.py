"""Links that go with a turn. The desk stores addresses only and never loads what is behind them."""

import mimetypes
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

# Shared with the agents' API, so that both sides of a conversation keep to the same form.
URI_PATTERN = r"^[A-Za-z][A-Za-z0-9+.-]*:[!-~]+$"
URI_MAX = 2_000
AT_ONCE = 20
_WEB = re.compile(r"https?://[!-~]+", re.IGNORECASE)


class InvalidAttachment(ValueError):
    """An address that cannot be sent; the message says which and why."""


def from_text(text: str) -> list[dict[str, Any]]:
    """The web addresses in `text`, apart by white space, each with the type that its ending promises.

    Raises:
        InvalidAttachment: one is no web address, or there are too many.
    """
    return checked({"uri": word} for word in text.split())


def checked(attachments: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same attachments as `{uri, mime_type}`; only web addresses may be sent to a user.

    Raises:
        InvalidAttachment: one is no web address or too long, or there are more than `AT_ONCE`.
    """
    kept = [_checked(str(each.get("uri", "")), each.get("mime_type")) for each in attachments]
    if len(kept) > AT_ONCE:
        raise InvalidAttachment(_("Send %(most)s links at most at one time.") % {"most": AT_ONCE})
    return kept


def of_message(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The attachments of a stored turn. A user's came as the agent sent them: what is none is left out."""
    attachments = message.get("attachments")
    if not isinstance(attachments, list):
        return []
    return [
        {"uri": each["uri"], "mime_type": _text_or_none(each.get("mime_type"))}
        for each in attachments[:AT_ONCE]
        if isinstance(each, dict) and isinstance(each.get("uri"), str)
    ]


def is_web(uri: str) -> bool:
    """Whether a person may be offered the address as a link."""
    return bool(_WEB.fullmatch(uri)) and bool(_host(uri))


def _checked(uri: str, mime_type: object) -> dict[str, Any]:
    if len(uri) > URI_MAX:
        raise InvalidAttachment(_("This address is too long: %(address)s…") % {"address": uri[:60]})
    if not is_web(uri):
        raise InvalidAttachment(
            _("This is no web address: %(address)s. It must begin with https:// or http://.")
            % {"address": uri[:60]}
        )
    return {"uri": uri, "mime_type": _text_or_none(mime_type) or mimetypes.guess_type(urlsplit(uri).path)[0]}


def _host(uri: str) -> str:
    try:
        return urlsplit(uri).hostname or ""
    except ValueError:
        return ""


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) and value else None

"""Where a handoff's own callback may go: only to origins that an admin registered for its agent.

An origin is an endpoint row (`is_origin`), so that a callback is signed, paused, turned off and sent again as
every other webhook is. Each origin of an agent has its own secret and its own breaker.
"""

import json
from ipaddress import ip_address

import httpx
from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from agents_api.models import WebhookEndpoint
from agents_api.schemas.parts import CallbackIn


class NotAnOriginError(ValueError):
    """The text is no origin that callbacks could be sent to; says why not."""


def origin_of(address: str) -> str:
    """Scheme, host and port of a URL in their one form: small letters, no default port.

    Raises:
        NotAnOriginError: it is not a URL that could be called, or it holds a user name.
    """
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        raise NotAnOriginError(_("This is no URL.")) from None
    if url.scheme not in ("http", "https") or not url.host:
        raise NotAnOriginError(_("Name a URL that begins with https:// and a host."))
    if url.userinfo:
        raise NotAnOriginError(_("Leave the user name and password out of the URL."))
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


def registrable(address: str) -> str:
    """The origin that `address` is, without a path or more.

    Raises:
        NotAnOriginError: it is none, or one that callbacks must not go to.
    """
    origin = origin_of(address)
    if httpx.URL(address).raw_path != b"/" or "#" in address:
        raise NotAnOriginError(_("Name scheme, host and port alone, without a path."))
    if not origin.startswith("https://") and not _is_loopback_in_development(origin):
        raise NotAnOriginError(_("Callbacks go to https:// only."))
    return origin


def is_registered(agent_id: int, callback: str) -> bool:
    """Whether the callback, as `stored` gives it, goes to an origin of the agent.

    One that the desk turned off counts: handoffs are not refused because their receiver is down.
    """
    origins = WebhookEndpoint.objects.filter(agent_id=agent_id, is_origin=True)
    known = origins.filter(Q(is_active=True) | ~Q(turned_off=""), url=json.loads(callback)["origin"])
    return known.exists()


def stored(callback: CallbackIn | None) -> str | None:
    """What is kept with the handoff, as JSON: the address, its origin, and the types of events.

    Raises:
        NotAnOriginError: the address cannot be called.
    """
    if callback is None:
        return None
    origin = origin_of(callback.url)
    return json.dumps({"url": callback.url, "origin": origin, "events": sorted(set(callback.events))})


def _is_loopback_in_development(origin: str) -> bool:
    host = httpx.URL(origin).host
    if not settings.WEBHOOKS_MAY_REACH_PRIVATE_ADDRESSES:
        return False
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

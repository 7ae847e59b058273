"""Whether a webhook comes from the desk: Standard Webhooks 1.0, https://www.standardwebhooks.com."""

import base64
import hmac
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from . import reading
from .answers import Decision, decision_in
from .decoding import Undocumented, decode
from .errors import HandrailError, InvalidResponse

# How far the clocks of sender and receiver may be apart, in seconds.
TOLERANCE = 300


class Unverified(HandrailError):
    """It is not from the desk, or too old or too new, or was changed on its way. Answer with status 400."""


@dataclass(frozen=True)
class Webhook:
    """A webhook that the desk signed. Retries have the same `id`: carry each out once."""

    id: str
    type: str
    timestamp: datetime
    data: dict[str, Any]

    @property
    def decision(self) -> Decision | None:
        """What was decided; None where that is not what it tells."""
        return decision_in(self.data)


def verify(
    body: bytes | str,
    headers: Mapping[str, str],
    secrets: str | Sequence[str],
    *,
    tolerance: float = TOLERANCE,
    now: float | None = None,
) -> Webhook:
    """The webhook in a request, if it was signed with one of the secrets (`whsec_…`).

    `body` must be the bytes as they came: parsed and written again they are other bytes. `now` is in seconds
    since 1970, for tests.

    Raises:
        Unverified: do not trust it; it says why.
        ValueError: a secret is none.
    """
    raw = body.encode() if isinstance(body, str) else body
    keys = [_key(secret) for secret in ([secrets] if isinstance(secrets, str) else secrets)]
    named = {name.lower(): value for name, value in headers.items()}
    id_, timestamp, signatures = (_header(named, name) for name in ("id", "timestamp", "signature"))
    _check_time(timestamp, tolerance, time.time() if now is None else now)
    signed = b".".join([id_.encode(), timestamp.encode(), raw])
    expected = [base64.b64encode(hmac.digest(key, signed, "sha256")) for key in keys]
    given = [text.removeprefix("v1,").encode() for text in signatures.split(" ") if text.startswith("v1,")]
    # All are compared, so that the time taken tells nothing.
    fits = [hmac.compare_digest(one, other) for one in expected for other in given]
    if not any(fits):
        raise Unverified("no signature fits")
    return _told(id_, raw)


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if not key:
        raise ValueError("this is no secret of a webhook endpoint")
    return key


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(f"webhook-{name}", "")
    if not value:
        raise Unverified(f"the header webhook-{name} is missing")
    return value


def _check_time(timestamp: str, tolerance: float, now: float) -> None:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 16):
        raise Unverified("webhook-timestamp is no time")
    if abs(now - int(timestamp)) > tolerance:
        raise Unverified(f"it was sent at {timestamp}, and it is {now:.0f}: too far apart")


def _told(id_: str, raw: bytes) -> Webhook:
    try:
        told = decode(_Told, reading.document(raw))
    except (InvalidResponse, Undocumented) as error:
        raise Unverified(f"it was signed, but is none of the desk's: {error}") from None
    return Webhook(id_, told.type, told.timestamp, told.data)


@dataclass(frozen=True)
class _Told:
    type: str
    timestamp: datetime
    data: dict[str, Any]

"""One attempt to deliver one webhook, within fixed bounds of time and size."""

import asyncio
import re
import time
from dataclasses import replace

import httpx
from django.conf import settings

from agents_api.webhooks import egress, schedule, signing
from agents_api.webhooks.outbox import Claimed, Outcome

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
# The answer's body is only for the record: so long, and so much of it, is read.
_EXCERPT_SECONDS = 1.0
_EXCERPT_BYTES = 1024
_LONGEST_ERROR = 300
# A parked domain, a sign-in page or a proxy's apology answers 200 to everything. Small answers that are only
# called HTML by their header, as web frameworks do, are no such page.
_WEB_PAGE = re.compile(r"\s*<(!doctype\s+html|html)\b", re.IGNORECASE)


def client() -> httpx.AsyncClient:
    """A client that follows no redirect, takes no proxy from the environment and keeps no connection.

    A kept connection could serve another name that has the same address.
    """
    return httpx.AsyncClient(
        follow_redirects=False,
        trust_env=False,
        timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),
        limits=httpx.Limits(max_keepalive_connections=0),
        verify=httpx.create_ssl_context(),
    )


async def attempt(claimed: Claimed, http: httpx.AsyncClient) -> Outcome:
    """Send the webhook once. A 2xx answer that is no web page is a success; never raises for a failure."""
    started = time.monotonic()
    outcome = await _outcome(claimed, http)
    return replace(outcome, ms=round((time.monotonic() - started) * 1000))


async def _outcome(claimed: Claimed, http: httpx.AsyncClient) -> Outcome:
    end = asyncio.get_running_loop().time() + TOTAL_SECONDS
    try:
        async with asyncio.timeout_at(end):
            response = await _post(claimed, http)
        try:
            return await _answered(response, claimed, end)
        finally:
            await response.aclose()
    except (TimeoutError, httpx.TimeoutException) as error:
        bound = (
            "connection in 5 s"
            if isinstance(error, httpx.ConnectTimeout)
            else f"answer in {TOTAL_SECONDS:.0f} s"
        )
        return Outcome(error=f"No {bound}.", timed_out=True)
    except egress.RefusedAddressError as error:
        return Outcome(error=_line(f"Not called: {error}"))
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        return Outcome(error=_line(f"{type(error).__name__}: {error}"))


async def _post(claimed: Claimed, http: httpx.AsyncClient) -> httpx.Response:
    url = httpx.URL(claimed.url)
    addresses = await egress.checked_addresses(
        url, may_reach_private=settings.WEBHOOKS_MAY_REACH_PRIVATE_ADDRESSES
    )
    for address in addresses[:-1]:
        try:
            return await _post_to(address, url, claimed, http)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            continue
    return await _post_to(addresses[-1], url, claimed, http)


async def _post_to(
    address: egress.Address, url: httpx.URL, claimed: Claimed, http: httpx.AsyncClient
) -> httpx.Response:
    pinned, host, extensions = egress.pinned(url, address)
    request = http.build_request(
        "POST", pinned, headers=_headers(claimed) | host, content=claimed.body, extensions=extensions
    )
    return await http.send(request, stream=True)


async def _answered(response: httpx.Response, claimed: Claimed, end: float) -> Outcome:
    excerpt = await _excerpt(response, end)
    if response.is_success and not _WEB_PAGE.match(excerpt):
        return Outcome(status=response.status_code, excerpt=excerpt)
    what = f"{response.status_code} with a web page" if response.is_success else str(response.status_code)
    return Outcome(
        status=response.status_code,
        error=_line(f"Answered {what}: {excerpt}"),
        retry_after=schedule.seconds_of(response.headers.get("retry-after", ""), claimed.claimed_at),
        excerpt=excerpt,
    )


def _headers(claimed: Claimed) -> dict[str, str]:
    signed = signing.headers(
        secret=claimed.secret,
        old_secret=claimed.old_secret,
        webhook_id=claimed.id,
        sent_at=claimed.claimed_at,
        body=claimed.body,
    )
    trace = {"traceparent": claimed.traceparent, "tracestate": claimed.tracestate}
    return {
        "content-type": "application/json",
        "user-agent": "Handrail-Webhooks/1",
        "accept-encoding": "identity",
        **signed,
        **{name: value for name, value in trace.items() if value},
    }


async def _excerpt(response: httpx.Response, end: float) -> str:
    """The beginning of the body. The status has come already, so a body that fails changes nothing."""
    read = b""
    try:
        async with asyncio.timeout_at(min(end, asyncio.get_running_loop().time() + _EXCERPT_SECONDS)):
            async for chunk in response.aiter_raw():
                read += chunk
                if len(read) >= _EXCERPT_BYTES:
                    break
    except (TimeoutError, httpx.HTTPError, OSError):
        pass
    text = _printable(read[:_EXCERPT_BYTES].decode(errors="replace"))
    return text.encode()[:_EXCERPT_BYTES].decode(errors="ignore")


def _line(text: str) -> str:
    return _printable(text)[:_LONGEST_ERROR]


def _printable(text: str) -> str:
    """Foreign text on one line, without what a terminal or a database would choke on."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.split())

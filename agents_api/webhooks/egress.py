"""Where webhooks may go: only to public addresses, and only to the ones that were checked.

A name is resolved once, all its addresses are checked, and the connection goes to a checked address, so that
a name that changes its mind between check and use (DNS rebinding) gains nothing.
"""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx

Address = IPv4Address | IPv6Address

# IANA's special-purpose registries for IPv4 and IPv6, multicast, and what carries IPv4 inside IPv6.
# `ipaddress.is_global` alone lets some of these pass.
_REFUSED = {
    ip_network(network): name
    for name, networks in {
        "this network": ["0.0.0.0/8"],
        "protocol assignments": ["192.0.0.0/24", "2001::/23"],
        "link-local": ["169.254.0.0/16", "fe80::/10"],
        "shared (CGNAT)": ["100.64.0.0/10"],
        "documentation": ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"],
        "benchmarking": ["198.18.0.0/15"],
        "a relay": [
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",
            "192.175.48.0/24",
            "2620:4f:8000::/48",
        ],
        "multicast": ["224.0.0.0/4", "ff00::/8"],
        "reserved": ["240.0.0.0/4"],
        "IPv4 inside IPv6": ["::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16"],
        "discard-only": ["100::/64", "100:0:0:1::/64"],
        "segment routing": ["5f00::/16"],
        "site-local": ["fec0::/10"],
    }.items()
    for network in networks
}
_PRIVATE = {
    ip_network(network): name
    for name, networks in {
        "private": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
        "loopback": ["127.0.0.0/8", "::1/128"],
    }.items()
    for network in networks
}
# Names whose servers do not answer hold a thread each; as many as there may be requests at once.
_resolvers = ThreadPoolExecutor(256, thread_name_prefix="resolver")
_GLOBAL_UNICAST = ip_network("2000::/3")


class RefusedAddressError(Exception):
    """The URL points, with at least one of its addresses, to where webhooks may not go."""


async def checked_addresses(url: httpx.URL, *, may_reach_private: bool) -> list[Address]:
    """All addresses of the URL's host, none of them refused.

    Raises:
        RefusedAddressError: one is, or the URL is not for HTTP.
        OSError: the name has no address.
    """
    if url.scheme not in ("http", "https") or not url.host:
        raise RefusedAddressError("Only http and https URLs are called.")
    host = url.raw_host.decode("ascii")
    resolve = partial(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_resolvers, resolve)
    addresses = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    for address in addresses:
        if why := refusal(address, may_reach_private=may_reach_private):
            raise RefusedAddressError(f"{host} has the address {address}, which is {why}.")
    return addresses


def refusal(address: Address, *, may_reach_private: bool) -> str:
    """Why a webhook may not go to `address`; empty if it may."""
    for network, name in _PRIVATE.items():
        if address in network:
            return "" if may_reach_private else name
    for network, name in _REFUSED.items():
        if address in network:
            return name
    if address.version == 6 and address not in _GLOBAL_UNICAST:
        return "not global unicast"
    return ""


def pinned(url: httpx.URL, address: Address) -> tuple[httpx.URL, dict[str, str], dict[str, str]]:
    """The URL with the address in place of the name, and the header and extension that still say the name."""
    host = url.netloc.decode("ascii")
    return url.copy_with(host=str(address)), {"host": host}, {"sni_hostname": url.raw_host.decode("ascii")}

"""Webhooks reach public addresses, and only the ones that were checked."""

import socket
from ipaddress import ip_address

import httpx
import pytest

from agents_api.webhooks import egress

REFUSED = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:8.8.8.8",
    "::ffff:127.0.0.1",
    "::8.8.8.8",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "4000::1",
]
ALLOWED = [
    "8.8.8.8",
    "1.1.1.1",
    "172.32.0.1",
    "100.128.0.1",
    "193.0.6.139",
    "2606:4700::1111",
    "2a00:1450::1",
]


@pytest.mark.parametrize("address", REFUSED)
def test_special_purpose_addresses_are_refused(address):
    assert egress.refusal(ip_address(address), may_reach_private=False)


@pytest.mark.parametrize("address", ALLOWED)
def test_public_addresses_are_allowed(address):
    assert egress.refusal(ip_address(address), may_reach_private=False) == ""


def test_a_deployment_may_allow_private_addresses_but_never_the_cloud_s_metadata():
    allowed = [one for one in REFUSED if not egress.refusal(ip_address(one), may_reach_private=True)]
    assert {ip_address(one).is_private and not ip_address(one).is_link_local for one in allowed} == {True}
    assert len(allowed) == 9


@pytest.fixture
def names(monkeypatch):
    """Answers of the resolver by name; how often it was asked."""
    answers: dict[str, list[str]] = {}
    asked: list[str] = []

    def getaddrinfo(host, port, **_):
        asked.append(host)
        if host not in answers:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in answers[host]]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return answers, asked


async def check(url: str):
    return await egress.checked_addresses(httpx.URL(url), may_reach_private=False)


async def test_one_refused_address_among_good_ones_refuses_the_name(names):
    names[0]["mixed.example"] = ["8.8.8.8", "10.0.0.1"]
    with pytest.raises(egress.RefusedAddressError, match=r"10\.0\.0\.1, which is private"):
        await check("https://mixed.example/hook")


async def test_a_name_is_resolved_once_and_then_pinned_to_its_address(names):
    answers, asked = names
    answers["hook.example"] = ["8.8.8.8", "2606:4700::1111"]
    url = httpx.URL("https://hook.example:8443/in?x=1")
    addresses = await egress.checked_addresses(url, may_reach_private=False)
    answers["hook.example"] = ["127.0.0.1"]
    pinned = [egress.pinned(url, address) for address in addresses]
    assert [str(one[0]) for one in pinned] == [
        "https://8.8.8.8:8443/in?x=1",
        "https://[2606:4700::1111]:8443/in?x=1",
    ]
    assert {one[1]["host"] for one in pinned} == {"hook.example:8443"}
    assert {one[2]["sni_hostname"] for one in pinned} == {"hook.example"}
    assert asked == ["hook.example"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://localhost/",
        "ftp://8.8.8.8/",
        "file:///etc/passwd",
        "https:///nowhere",
    ],
)
async def test_ways_around_the_check_are_refused(url):
    with pytest.raises(egress.RefusedAddressError):
        await check(url)

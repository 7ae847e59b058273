"""What stands before Django on long connections."""

import socket
from urllib.parse import urlsplit

import pytest

MEBIBYTE = 1024 * 1024


@pytest.mark.django_db(transaction=True)
def test_a_body_that_is_too_large_is_answered_without_waiting_for_its_end(live_server):
    address = urlsplit(live_server.url)
    chunk = b"100000\r\n" + b" " * MEBIBYTE + b"\r\n"
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall(
            b"POST /api/v1/handoffs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Authorization: Bearer nobody\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        connection.sendall(chunk * 8)  # the end of the body never comes
        answer = connection.recv(4096)

    assert answer.startswith((b"HTTP/1.1 401", b"HTTP/1.1 413"))

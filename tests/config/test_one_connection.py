import re
import socket
from urllib.parse import urlsplit

from django.contrib.staticfiles.storage import staticfiles_storage


def test_requests_on_one_connection_are_all_answered(live_server):
    address = urlsplit(live_server.url)
    path = staticfiles_storage.url("css/base.css")
    request = f"GET {path} HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n"
    last = f"GET /healthz HTTP/1.1\r\nHost: {address.netloc}\r\nConnection: close\r\n\r\n"
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall((request * 4 + last).encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert re.findall(rb"HTTP/1\.1 (\d+)", answer) == [b"200"] * 5

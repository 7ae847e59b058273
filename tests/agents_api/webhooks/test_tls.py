"""The connection goes to the checked address, but speaks to the name: Host, SNI and certificate."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.agents_api.webhooks.conftest import decided, deliver_now, make_endpoint
from tests.agents_api.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db(transaction=True)


def self_signed(folder: Path, name: x509.GeneralName) -> Path:
    """A certificate for `name` with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "receiver")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "receiver.pem"
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def certified_for(tmp_path, monkeypatch):
    """Makes a receiver whose certificate, which we trust, is for a name or address."""
    running: list[Receiver] = []

    def make(name: x509.GeneralName) -> Receiver:
        path = self_signed(tmp_path, name)
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        context.sni_callback = lambda _, sni, __: sni_seen.append(sni)
        receiver = Receiver(certificate=context).__enter__()
        running.append(receiver)
        return receiver

    sni_seen: list[str | None] = []
    make.sni_seen = sni_seen
    yield make
    for receiver in running:
        receiver.__exit__()


def test_the_receiver_is_met_by_its_name(certified_for):
    receiver = certified_for(x509.DNSName("localhost"))
    port = receiver.url.split(":")[2].partition("/")[0]
    make_endpoint(f"https://localhost:{port}/hook")
    _, webhook = decided()
    assert deliver_now(webhook).state == "delivered", webhook.last_error
    assert receiver.received[0].headers["host"] == f"localhost:{port}"
    assert certified_for.sni_seen == ["localhost"]


def test_a_certificate_for_the_address_alone_does_not_count(certified_for):
    receiver = certified_for(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    make_endpoint(receiver.url.replace("127.0.0.1", "localhost"))
    _, webhook = decided()
    deliver_now(webhook)
    assert "CERTIFICATE_VERIFY_FAILED" in webhook.last_error
    assert receiver.received == []

"""A certificate that is made is good for its hosts, and for no other."""

import socket
import ssl
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509

from infra import certificate

NOW = datetime(2026, 11, 28, tzinfo=UTC)
HOSTS = ("127.0.0.1", "emotions.example.com")


def handshake(folder: Path, host: str) -> None:
    """Both sides of one, in this process; raises what the client raises."""
    made = certificate.self_signed(HOSTS)
    for name, text in made.items():
        (folder / name).write_text(text)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "tls.crt", folder / "tls.key")
    ours, theirs = socket.socketpair()
    ours.settimeout(10)

    def serve() -> None:
        try:
            server.wrap_socket(theirs, server_side=True).close()
        except OSError:
            theirs.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    trusting = ssl.create_default_context(cadata=made["tls.crt"])
    with trusting.wrap_socket(ours, server_hostname=host):
        pass
    thread.join(10)


@pytest.mark.parametrize("host", HOSTS)
def test_a_client_that_trusts_it_reaches_each_host(tmp_path: Path, host: str) -> None:
    handshake(tmp_path, host)


def test_another_host_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(tmp_path, "other.example.com")


def test_it_is_for_its_hosts_and_its_own_authority() -> None:
    made = x509.load_pem_x509_certificate(certificate.self_signed(["a.b.svc", "c"], NOW)["tls.crt"].encode())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["a.b.svc", "c"]
    made.verify_directly_issued_by(made)


def test_it_outlives_the_stack() -> None:
    made = x509.load_pem_x509_certificate(certificate.self_signed(["a"], NOW)["tls.crt"].encode())
    assert made.not_valid_before_utc < NOW
    assert (made.not_valid_after_utc - NOW).days >= 3650

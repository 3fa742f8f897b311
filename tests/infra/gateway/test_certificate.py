"""A certificate that is made is good for its hosts, and for no other."""

import socket
import ssl
import threading
from pathlib import Path

import pytest

from infra import declare
from infra.gateway import certificate, door
from stack.namespaces import Placement

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


def test_the_one_of_a_stack_is_made_once_and_stays() -> None:
    secret = door.certificate(Placement("x"), HOSTS)
    assert declare.ignored(secret) == ["data"]

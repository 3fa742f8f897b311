"""A server behind TLS and a key, as a gateway is: for tests of those who pass it."""

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from infra import certificate
from stack.outputs import Door
from tests.listening import serve


@contextmanager
def keyed(reply: object, folder: Path, key: str = "0123456789abcdef") -> Iterator[tuple[str, Door]]:
    """Its URL, and the door that opens it; anything without the key gets 401."""
    made = certificate.self_signed(("127.0.0.1",))
    door = Door(made["tls.crt"], keyed=True, key=key)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            allowed = self.headers["Authorization"] == door.headers["Authorization"]
            body = json.dumps(reply if allowed else {"error": "who are you?"}).encode()
            self.send_response(200 if allowed else 401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the test's output quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        listening.socket = _secured(made, folder).wrap_socket(listening.socket, server_side=True)
        thread = serve(listening)
        yield f"https://127.0.0.1:{listening.server_port}/", door
        listening.shutdown()
        thread.join()


def _secured(made: dict[str, str], folder: Path) -> ssl.SSLContext:
    for name, text in made.items():
        (folder / name).write_text(text)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.crt", folder / "tls.key")
    return context

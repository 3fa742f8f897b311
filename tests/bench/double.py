"""A model server that answers right, refuses some photos, and sometimes lies: HTTP on a real socket."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from bench.load.nullserver import NullServer
from tests.listening import serve

PROBABILITIES = {"sad": 0.1, "scared": 0.1, "neutral": 0.2, "happy": 0.5, "angry": 0.1}
HAPPY = PROBABILITIES | {"label": "happy", "error": ""}
LIES: dict[str, bytes] = {
    "another label": json.dumps(HAPPY | {"sad": 0.5, "happy": 0.1, "label": "sad"}).encode(),
    "other probabilities": json.dumps(HAPPY | {"happy": 0.48, "angry": 0.12}).encode(),
    "an error, or no prediction": json.dumps(HAPPY | {"error": "got HEIC,\nconvert it"}).encode(),
    "not JSON": b'<html>busy, "later"\n</html>',
}
REFUSED = json.dumps({"error": "got HEIC; convert it to JPEG or PNG"}).encode()


class Double(NullServer):
    """Either dialect. `lie_every`: each answer of so many is one of LIES in turn; `told` counts them.

    Photos whose body holds `refuses` get status 200 and an error.
    """

    def __init__(self, refuses: bytes = b"nothing") -> None:
        super().__init__(1.0)
        self.refuses, self.lie_every = refuses, 0
        self.asked, self.told = 0, Counter[str]()
        self._lock = threading.Lock()

    def answer(self, body: bytes) -> bytes:
        with self._lock:
            self.asked += 1
            said = REFUSED if self.refuses in body else self._said()
        if b'"instances"' in body:
            said = b'{"predictions": [%b]}' % said
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(said), said)

    def _said(self) -> bytes:
        if not self.lie_every or self.asked % self.lie_every:
            return json.dumps(HAPPY | {"happy": 0.5 + self.asked % 2 * 1e-6}).encode()
        lie = list(LIES)[self.told.total() % len(LIES)]
        self.told[lie] += 1
        return LIES[lie]


@contextmanager
def double(refuses: bytes = b"nothing") -> Iterator[Double]:
    """One that listens."""
    with Double(refuses) as server:
        thread = serve(server)
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()

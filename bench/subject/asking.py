"""One request, through whatever stands before a server."""

import ssl
from collections.abc import Mapping
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from stack.outputs import OPEN, Door


class _Trusting(HTTPAdapter):
    """Trusts a certificate beside those that this machine trusts anyway."""

    def __init__(self, certificate: str) -> None:
        self._trusted = ssl.create_default_context(cadata=certificate)
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """As the library does, with our trust."""
        super().init_poolmanager(*arguments, **options, ssl_context=self._trusted)


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, seconds: float, door: Door = OPEN
) -> requests.Response:
    """The answer to a POST with the door's key. Raises requests.RequestException."""
    with requests.Session() as session:
        if door.certificate:
            session.mount("https://", _Trusting(door.certificate))
        return session.post(url, body, headers={**headers, **door.headers}, timeout=seconds)

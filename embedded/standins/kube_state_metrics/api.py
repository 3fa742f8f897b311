"""Asks the API server as the pod's ServiceAccount."""

import json
import os
import ssl
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import cast

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
SECONDS = 5


class ApiError(Exception):
    """There is no API server, or it does not answer with a list."""


@dataclass(frozen=True)
class Api:
    """An API server, with the folder of the token (read anew each time: kubelet renews it) and the CA."""

    url: str
    account: Path

    def items(self, path: str) -> list[Mapping[str, object]]:
        """The items of a list. ApiError if the API server does not answer with them within 5 s."""
        try:
            with self._opener().open(self._request(path), timeout=SECONDS) as answer:
                return cast("list[Mapping[str, object]]", json.load(answer)["items"])
        except (OSError, HTTPException, ValueError, KeyError, TypeError) as error:
            raise ApiError(f"{path}: expected a list from the API server, got {error!r}") from error

    def _request(self, path: str) -> urllib.request.Request:
        token = (self.account / "token").read_text().strip()
        return urllib.request.Request(self.url + path, headers={"Authorization": f"Bearer {token}"})

    def _opener(self) -> urllib.request.OpenerDirector:
        direct = urllib.request.ProxyHandler({})
        if not self.url.startswith("https:"):
            return urllib.request.build_opener(direct)
        trust = ssl.create_default_context(cafile=str(self.account / "ca.crt"))
        return urllib.request.build_opener(direct, urllib.request.HTTPSHandler(context=trust))


def in_cluster() -> Api:
    """The API server of the cluster that this pod runs in. ApiError outside of one."""
    host, port = os.environ.get("KUBERNETES_SERVICE_HOST"), os.environ.get("KUBERNETES_SERVICE_PORT")
    if not host or not port:
        raise ApiError("KUBERNETES_SERVICE_HOST: expected an API server's address, got none; run in a pod")
    return Api(f"https://{f'[{host}]' if ':' in host else host}:{port}", ACCOUNT)

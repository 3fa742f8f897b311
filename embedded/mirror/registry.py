"""Asks the local registry what it holds, over the registry's HTTP API."""

from dataclasses import dataclass

import requests

from embedded.mirror.errors import MirrorError

_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True)
class Registry:
    """A registry by its address, such as 127.0.0.1:5000."""

    address: str

    def check(self) -> None:
        """MirrorError unless the registry answers."""
        self._get("")

    def labels(self, path: str, tag: str) -> dict[str, str] | None:
        """The labels of an image; None if the registry has no such image."""
        manifest = self._get(f"{path}/manifests/{tag}", accept=_MANIFEST)
        if manifest.status_code == 404:
            return None
        digest = manifest.json().get("config", {}).get("digest", "")
        config = self._get(f"{path}/blobs/{digest}")
        if config.status_code != 200:
            return None
        return config.json().get("config", {}).get("Labels") or {}

    def digest(self, path: str, tag: str) -> str | None:
        """The digest of an image's manifest; None if the registry has no such image."""
        manifest = self._get(f"{path}/manifests/{tag}", accept=_MANIFEST)
        return manifest.headers.get("Docker-Content-Digest") if manifest.status_code == 200 else None

    def _get(self, path: str, accept: str = "*/*") -> requests.Response:
        url = f"http://{self.address}/v2/{path}"
        try:
            with requests.Session() as session:
                session.trust_env = False
                answer = session.get(url, headers={"Accept": accept}, timeout=_TIMEOUT_SECONDS)
        except requests.RequestException as error:
            raise MirrorError(
                f"registry on {self.address}: expected an answer, got {type(error).__name__}\n"
                "  try: make up, which starts it"
            ) from error
        if answer.status_code >= 500:
            raise MirrorError(
                f"registry on {self.address}: {url} answered {answer.status_code}: {answer.text[:200]}"
            )
        return answer

"""What is read from a registry's HTTP API."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from embedded.mirror.errors import MirrorError
from embedded.mirror.registry import Registry
from tests.listening import serve

MANIFEST = "/v2/prom/prometheus/manifests/v1"
ANSWERS = {
    "/v2/": {},
    MANIFEST: {"config": {"digest": "sha256:c"}},
    "/v2/prom/prometheus/blobs/sha256:c": {"config": {"Labels": {"key": "value"}}},
    "/v2/bare/manifests/v1": {"config": {"digest": "sha256:d"}},
    "/v2/bare/blobs/sha256:d": {"config": {"Labels": None}},
    "/v2/torn/manifests/v1": {"config": {"digest": "sha256:gone"}},
}


class Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        answer = ANSWERS.get(self.path)
        ill = self.path.startswith("/v2/ill/")
        self.send_response(500 if ill else 404 if answer is None else 200)
        self.send_header("Docker-Content-Digest", "sha256:m")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_: object) -> None:
        """Nothing: the tests' output is for failures."""


@pytest.fixture
def registry() -> Iterator[Registry]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        serve(server)
        yield Registry(f"127.0.0.1:{server.server_port}")
        server.shutdown()


def test_the_labels_of_an_image_are_read_from_its_config(registry: Registry) -> None:
    assert registry.labels("prom/prometheus", "v1") == {"key": "value"}


def test_an_image_without_labels_has_none(registry: Registry) -> None:
    assert registry.labels("bare", "v1") == {}


def test_an_image_that_the_registry_lacks_is_not_there(registry: Registry) -> None:
    registry.check()
    assert registry.labels("prom/prometheus", "v2") is None


def test_an_image_whose_config_is_gone_is_not_there(registry: Registry) -> None:
    assert registry.labels("torn", "v1") is None


def test_a_registry_that_fails_is_no_empty_registry(registry: Registry) -> None:
    with pytest.raises(MirrorError, match="answered 500"):
        registry.labels("ill", "v1")


def test_a_registry_that_does_not_answer_is_named_with_the_remedy() -> None:
    with pytest.raises(MirrorError, match=r"registry on 127.0.0.1:1: .*\n  try: make up"):
        Registry("127.0.0.1:1").check()


def test_the_digest_is_that_of_the_manifest_and_none_without_an_image(registry: Registry) -> None:
    assert registry.digest("prom/prometheus", "v1") == "sha256:m"
    assert registry.digest("prom/prometheus", "v2") is None

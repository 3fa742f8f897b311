"""The Pulumi program itself, without Pulumi and without a cluster."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

import pulumi
import pytest
from pulumi.runtime.settings import get_root_resource
from pulumi.runtime.stack import Stack

from infra.__main__ import main
from model_build.manifest import save
from stack import files, outputs
from tests.infra import example
from tests.infra.engine import run
from tests.listening import serve

NOWHERE = "http://127.0.0.1:9"
REFUSED: Mapping[str, tuple[Mapping[str, str], tuple[str, ...]]] = {
    "several wrong settings": (
        {"replcas": "2", "replicas": "x", "servers": '["caffe"]'},
        ("replcas: ", "did you mean replicas?", "replicas: expected", "servers: expected"),
    ),
    "a cluster that is down": ({}, ("kubeContexts: expected the cluster of context", NOWHERE)),
}


def kubeconfig(folder: Path, server: str) -> Path:
    """One context, `embedded`."""
    file = folder / "kubeconfig"
    cluster = {"name": "c", "cluster": {"server": server}}
    context = {"name": "embedded", "context": {"cluster": "c", "user": "u"}}
    user = {"name": "u", "user": {}}
    file.write_text(json.dumps({"contexts": [context], "clusters": [cluster], "users": [user]}))
    return file


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_declared_is_one_line_a_problem_and_no_traceback(case: str, tmp_path: Path) -> None:
    given, expected = REFUSED[case]
    config = json.dumps({f"project:{key}": value for key, value in given.items()})
    where = {"KUBECONFIG": str(kubeconfig(tmp_path, NOWHERE)), "PULUMI_CONFIG": config}
    answer = subprocess.run(
        [sys.executable, "-m", "infra"],
        cwd=files.ROOT / "infra",
        env={**os.environ, "PYTHONPATH": str(files.ROOT), **where},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1
    lines = answer.stderr.splitlines()
    assert lines
    assert all(line.startswith("error: ") for line in lines), answer.stderr
    assert all(text in answer.stderr for text in expected), answer.stderr


@dataclass
class Api:
    """What an API server was asked for."""

    url: str
    asked: list[str] = field(default_factory=list)


@contextmanager
def closed_api() -> Iterator[Api]:
    """An API server that lets nobody look: only its local registry is public."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            api.asked.append(self.path)
            public = self.path.endswith("/local-registry-hosting")
            self.send_response(200 if public else 403)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            hosting = {"data": {"localRegistryHosting.v1": 'host: "127.0.0.1:5000"'}}
            self.wfile.write(json.dumps(hosting if public else {}).encode())

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    api = Api(f"http://127.0.0.1:{server.server_port}")
    serve(server)
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()


def test_a_stack_that_may_be_declared_is_declared_as_its_settings_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(example.manifest(), tmp_path / "manifest.json")
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"shop:servers": '["torchserve"]', "other:servers": "x"}))
    exported = dict[str, object]()

    def program() -> pulumi.Output[None]:
        main(tmp_path)
        root = cast("Stack", get_root_resource())
        return pulumi.Output.from_input(root.outputs[outputs.KEY]).apply(exported.update)

    with closed_api() as api:
        monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path, api.url)))
        engine = run(program, project="shop", stack="tf-hpa")
    (image,) = (each for name, each in engine.registered.items() if name.startswith("docker:index/image"))
    assert str(image["imageName"]).startswith("127.0.0.1:5000/emotion-torchserve:")
    kinds = {name.split(":")[2] for name in engine.registered if name.startswith("kubernetes:")}
    assert {"Namespace", "Deployment", "Service"} <= kinds
    told = outputs.decode(exported)
    assert told.namespace == "emotion-tf-hpa"
    assert {each.server for each in told.endpoints} == {"torchserve"}

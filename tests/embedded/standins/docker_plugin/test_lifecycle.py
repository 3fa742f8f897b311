"""docker.Image from preview to destroy with the embedded docker daemon and registry."""

import secrets
from collections.abc import Callable
from pathlib import Path

import pulumi
import pulumi_docker as docker
import pytest
import requests
from pulumi import automation

from embedded.machine.paths import REGISTRY, docker_socket
from tests.embedded.standins.docker_plugin.conftest import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]


@pytest.fixture
def daemon() -> str:
    if not docker_socket().exists():
        pytest.skip(f"no docker daemon: {docker_socket()} is missing; run make up")
    return f"unix://{docker_socket()}"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\nARG A\nLABEL a=$A\nCOPY content /content\n")
    (folder / "content").write_text(secrets.token_hex(4))
    return folder


def test_an_image_is_built_pushed_rebuilt_when_it_changes_and_otherwise_left_alone(
    daemon: str, app: Path, stack: Callable[..., Stack]
) -> None:
    repository = f"tests/plugin-{secrets.token_hex(3)}"

    def program() -> None:
        options = pulumi.ResourceOptions(provider=docker.Provider("builder", host=daemon, cert_path=""))
        build = docker.DockerBuildArgs(context=str(app), args={"A": "1"})
        name = f"localhost:{REGISTRY.partition(':')[2]}/{repository}:1"
        pushed = docker.Image("pushed", image_name=name, build=build, opts=options)
        local = docker.Image(
            "local", image_name=f"{repository}:local", build=build, skip_push=True, opts=options
        )
        pulumi.export("digest", pushed.repo_digest)
        pulumi.export("id", local.repo_digest)

    subject = stack(program)
    assert subject.preview().get("create") == 4
    subject.up()
    outputs = subject.automation.outputs()
    digest = str(outputs["digest"].value).partition("@")[2]
    assert (
        requests.get(f"http://{REGISTRY}/v2/{repository}/manifests/{digest}", timeout=10).status_code == 200
    )
    assert str(outputs["id"].value).startswith("sha256:")
    for operation in (subject.preview, subject.up, subject.refresh):
        assert set(operation()) == {"same"}, subject.said()
    (app / "content").write_text("changed")
    assert subject.up().get("update") == 2
    assert str(subject.automation.outputs()["digest"].value).partition("@")[2] != digest
    assert subject.destroy().get("delete") == 4


def test_a_failed_build_shows_the_step_that_failed(
    daemon: str, app: Path, stack: Callable[..., Stack]
) -> None:
    (app / "Dockerfile").write_text("FROM scratch\nCOPY no-such-file /\n")

    def program() -> None:
        options = pulumi.ResourceOptions(provider=docker.Provider("builder", host=daemon, cert_path=""))
        docker.Image(
            "broken",
            image_name="tests/broken:1",
            build=docker.DockerBuildArgs(context=str(app)),
            skip_push=True,
            opts=options,
        )

    with pytest.raises(automation.CommandError, match="no-such-file"):
        stack(program).up()

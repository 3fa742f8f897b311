"""docker.Image: what is checked, what is built, and what the state says; the docker command is a recorder."""

import json
import os
import threading
from pathlib import Path

import pytest

from embedded.standins.docker_plugin import inputs as image_inputs
from embedded.standins.docker_plugin.cli import build_arguments, pull_advice
from embedded.standins.docker_plugin.inputs import (
    Build,
    Checked,
    fully_qualified,
    host_platform,
    repository_of,
)
from embedded.standins.docker_plugin.provider import INPUTS, Docker, recorded
from embedded.standins.docker_plugin.values import UNKNOWN, Object, PluginError, Secret, as_object
from tests.embedded.standins.docker_plugin.examples import RecordedLog

DIGEST = "sha256:" + "a" * 64
URN = "urn:pulumi:dev::p::docker:index/image:Image::app"
RECORDER = """#!/bin/sh
echo "$DOCKER_HOST|$DOCKER_BUILDKIT|$*" >> '{log}'
[ -n "$DOCKER_CONFIG" ] && cat "$DOCKER_CONFIG/config.json" >> '{log}' && echo >> '{log}'
case "$1" in
  buildx) exit {buildx} ;;
  build) echo "Step 1/1"; exit {build} ;;
  push) echo "1: digest: {digest} size: 5" ;;
  image) echo "sha256:local" ;;
esac
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "Dockerfile").write_text("FROM scratch\n")
    return tmp_path / "app"


def recorder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, buildx: int = 1, build: int = 0) -> Path:
    (tmp_path / "bin").mkdir()
    log, program = tmp_path / "log", tmp_path / "bin" / "docker"
    program.write_text(RECORDER.format(log=log, buildx=buildx, build=build, digest=DIGEST))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    for name in ("DOCKER_HOST", "DOCKER_CONFIG", "DOCKER_CERT_PATH"):
        monkeypatch.delenv(name, raising=False)
    return log


def provider(log: RecordedLog | None = None) -> Docker:
    made = Docker(log or RecordedLog(), threading.Event())
    made.configure({"host": "unix:///x.sock", "certPath": ""})
    return made


def image(app: Path, **more: object) -> Object:
    build: Object = {"context": str(app), "args": {"BASE": "x"}}
    return {"imageName": "localhost:5000/app:1", "build": build, **more}  # type: ignore[dict-item]


def checked(app: Path) -> Object:
    result = image_inputs.check(image(app))
    assert result.failures == ()
    return result.inputs


def test_check_fills_in_defaults_and_the_context_s_digest(app: Path) -> None:
    inputs = checked(app)
    build = as_object(inputs["build"])
    assert build["dockerfile"] == str(app / "Dockerfile")
    assert build["platform"] == host_platform()
    assert len(str(build["contextDigest"])) == 64
    assert inputs["buildOnPreview"] is False


@pytest.mark.parametrize(
    ("changes", "where", "reason"),
    [
        ({"imageName": "app:1"}, "imageName", "fully qualified"),
        ({"imageName": "", "skipPush": True}, "imageName", "expected a name"),
        ({"build": {"context": "/nowhere"}}, "build.context", "expected a folder"),
        ({"build": {"builderVersion": "3"}}, "build.builderVersion", "BuilderV1"),
        ({"build": {"secrets": {}}}, "build.secrets", "not served"),
        ({"build": "./app"}, "build", "expected an object"),
        ({"buildOnPreview": True}, "buildOnPreview", "builds on update only"),
    ],
)
def test_bad_inputs_are_named(app: Path, changes: Object, where: str, reason: str) -> None:
    (failure,) = image_inputs.check({**image(app), **changes}).failures
    assert failure.property == where
    assert reason in failure.reason


def test_a_dockerfile_given_relative_to_the_context_gets_the_right_advice(
    app: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(app.parent)
    inputs: Object = {"imageName": "localhost/a/b", "build": {"context": "app", "dockerfile": "Dockerfile"}}
    (failure,) = image_inputs.check(inputs).failures
    assert failure.reason.endswith("try app/Dockerfile")


def test_unknown_inputs_are_not_checked_yet() -> None:
    inputs: Object = {"imageName": UNKNOWN, "build": {"context": UNKNOWN}}
    assert image_inputs.check(inputs) == Checked(inputs)


@pytest.mark.parametrize(
    ("name", "qualified"),
    [
        ("docker.io/library/app:1", True),
        ("docker.io/app", False),
        ("localhost:5000/app", True),
        ("localhost/app", True),
        ("library/app", False),
        ("app", False),
        ("127.0.0.1:5000/a/b@sha256:x", True),
    ],
)
def test_names_to_push_begin_with_their_registry(name: str, qualified: bool) -> None:
    assert fully_qualified(name) is qualified


def test_a_repository_is_a_name_without_tag_and_digest() -> None:
    assert (
        repository_of("localhost:5000/a/b:1")
        == repository_of("localhost:5000/a/b@sha256:x")
        == "localhost:5000/a/b"
    )


def test_a_build_s_options_become_arguments() -> None:
    build = Build(
        Path("c"), Path("c/D"), "linux/s390x", (("A", "1"),), ("h:127.0.0.1",), ("x/y",), "host", "final"
    )
    assert build_arguments("n", build) == [
        *("--tag", "n", "--file", "c/D", "--platform", "linux/s390x", "--build-arg", "A=1"),
        *("--add-host", "h:127.0.0.1", "--cache-from", "x/y", "--network", "host", "--target", "final", "c"),
    ]
    assert "--platform" not in build_arguments("n", Build(Path("c"), Path("d"), host_platform()))


def test_without_buildx_the_classic_builder_builds_and_the_pushed_digest_is_recorded(
    app: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, inputs, told = recorder(tmp_path, monkeypatch), checked(app), RecordedLog()
    state = provider(told).make(URN, inputs, 0, preview=False)
    assert state["imageName"] == "localhost:5000/app:1"
    assert state["repoDigest"] == f"localhost:5000/app@{DIGEST}"
    assert state["dockerfile"] == "Dockerfile"
    assert state[INPUTS] == Secret(inputs)
    probe, build, push = log.read_text().splitlines()
    assert probe.endswith("|buildx version")
    assert build.startswith("unix:///x.sock|0|build --tag localhost:5000/app:1 --file")
    assert push.endswith("|push localhost:5000/app:1")
    assert "Step 1/1" in told.statuses and told.statuses[-1] == ""


def test_buildx_is_used_where_it_is_and_without_a_push_the_local_id_is_recorded(
    app: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = recorder(tmp_path, monkeypatch, buildx=0)
    inputs = {**checked(app), "imageName": "app:1", "skipPush": True}
    state = provider().make(URN, inputs, 0, preview=False)
    assert state["repoDigest"] == "sha256:local"
    assert "|1|buildx build --load --progress=plain --tag app:1" in log.read_text()
    assert "push" not in log.read_text()


def test_a_failed_build_shows_the_builder_s_last_lines(
    app: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder(tmp_path, monkeypatch, build=3)
    with pytest.raises(PluginError, match=r"failed with exit code 3:\nStep 1/1"):
        provider().make(URN, checked(app), 0, preview=False)


def test_credentials_go_into_a_private_configuration_that_is_gone_afterwards(
    app: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = recorder(tmp_path, monkeypatch)
    own = tmp_path / "own"
    own.mkdir()
    (own / "config.json").write_text(json.dumps({"credsStore": "x", "auths": {"other": {"auth": "o"}}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(own))
    login: Object = {"server": "r.test", "username": "u", "password": "p"}
    provider().make(URN, {**checked(app), "registry": login}, 0, preview=False)
    used = {line for line in log.read_text().splitlines() if '"r.test"' in line}
    assert used == {json.dumps({"auths": {"other": {"auth": "o"}, "r.test": {"auth": "dTpw"}}})}
    assert "credsStore" in (own / "config.json").read_text(), "the user's own is left alone"


def test_a_preview_builds_nothing_and_leaves_the_digest_open(app: Path) -> None:
    assert provider().make(URN, checked(app), 0, preview=True)["repoDigest"] == UNKNOWN


def test_only_changes_that_matter_are_changes(app: Path) -> None:
    old: Object = {**checked(app), "registry": {"server": "r", "username": "u", "password": "1"}}

    def changed(new: Object, ignore: tuple[str, ...] = ()) -> list[str]:
        return [change.property for change in provider().diff({INPUTS: Secret(old)}, new, ignore)]

    assert changed(old) == []
    assert changed({**old, "registry": {"server": "r", "username": "v", "password": "2"}}) == []
    assert changed({**old, "registry": {"server": "s"}}) == ["registry"]
    build: Object = {**as_object(old["build"]), "contextDigest": "other"}
    assert changed({**old, "build": build}) == ["build"]
    assert changed({**old, "build": build}, ("build",)) == []


def test_a_recorded_state_keeps_its_inputs_secret(app: Path) -> None:
    state: Object = {INPUTS: checked(app), "repoDigest": DIGEST}
    assert recorded(state) == {**state, INPUTS: Secret(checked(app))}
    assert recorded({}) == {}, "an import has no state yet"


def test_other_configuration_is_refused_by_name() -> None:
    failures = provider().check_config({"host": "h", "sshOpts": "[]"}).failures
    assert [failure.property for failure in failures] == ["sshOpts"]


def test_a_base_out_of_reach_is_told_with_what_builds_it(tmp_path: Path) -> None:
    base = ("BASE", "nvcr.io/nvidia/tritonserver:24.10")
    build = Build(tmp_path, tmp_path / "Dockerfile", "linux/amd64", args=(base,))
    said = 'Get "https://nvcr.io/v2/": dial tcp: lookup nvcr.io: no such host'
    assert "python -m embedded.mirror nvcr.io/nvidia/tritonserver builds it" in pull_advice(build, said)
    assert pull_advice(build, "COPY failed: no such file") == ""

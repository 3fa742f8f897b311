"""The toolchain's three questions: make sure, where is it, what is there."""

from pathlib import Path

import pytest

from embedded.machine import paths
from embedded.machine.versions import pins
from embedded.toolchain import ToolchainError, ensure, inventory, tool
from embedded.toolchain.catalogue import C_COMPILER, bundles
from embedded.toolchain.install import missing, select
from embedded.toolchain.locate import folder_of

from .conftest import Script

# `go build -o FOLDER/ PACKAGE …` names each program after its package
GO_THAT_BUILDS = """case "$1" in version) echo go version go1.99.0;; build)
while [ "$1" != -o ]; do shift; done; out=$2; shift 2
for package in "$@"; do printf "#!/bin/sh\\n" > "$out/$(basename "${package%/v3}")"; done;; esac"""


def test_a_program_is_built_once_and_then_costs_nothing(script: Script) -> None:
    script("go", GO_THAT_BUILDS)
    said: list[str] = []
    ensure(("etcd",), said.append)
    assert any("etcd" in line and "there after" in line for line in said)
    said.clear()
    ensure(("etcd",), said.append)
    assert said == []


def test_a_built_program_is_linked_into_the_folder_for_path(script: Script) -> None:
    script("go", GO_THAT_BUILDS)
    ensure(("etcd",), lambda _: None)
    assert (paths.tools() / "etcd").resolve() == tool("etcd").resolve()


def test_a_link_to_an_older_build_is_replaced(script: Script) -> None:
    script("go", GO_THAT_BUILDS)
    paths.tools().mkdir(parents=True)
    (paths.tools() / "etcd").symlink_to("/nowhere/etcd-3.0.0")
    ensure(("etcd",), lambda _: None)
    assert (paths.tools() / "etcd").resolve() == tool("etcd").resolve()


def test_k6_is_built_when_it_is_asked_for(script: Script) -> None:
    script("go", GO_THAT_BUILDS)
    assert tool("k6").is_file()


def test_a_missing_program_is_an_error_that_names_the_command_to_get_it() -> None:
    with pytest.raises(
        ToolchainError, match=r"etcd: not installed\n  try: python -m embedded.toolchain etcd"
    ):
        tool("etcd")


def test_an_unknown_program_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ToolchainError, match=r"kubelte: unknown program; known: .*kubelet"):
        ensure(("kubelte",))


def test_a_failed_build_keeps_what_was_finished_before(script: Script) -> None:
    script("go", f'case "$*" in *metrics*) echo disk full; exit 1;; esac; {GO_THAT_BUILDS}')
    with pytest.raises(ToolchainError, match=r"metrics-server: exit code 1(.|\n)*disk full"):
        ensure(("etcd", "metrics-server"), lambda _: None)
    assert tool("etcd").is_file()


def test_a_cache_that_cannot_be_written_is_an_error_with_a_cure(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script("go", GO_THAT_BUILDS)
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(ToolchainError, match=r"Not a directory\n  try: .*XDG_CACHE_HOME"):
        ensure(("etcd",), lambda _: None)


def test_the_default_is_everything_but_what_is_built_on_demand() -> None:
    names = {getattr(item, "name", None) for item in select(None)}
    assert {"etcd", "kubelet", "pulumi", "coredns", "metrics-server", "pause"} <= names
    assert "k6" not in names
    assert C_COMPILER not in select(None)


def test_a_compiler_is_brought_only_for_a_c_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embedded.toolchain.install.find_package", lambda _: None)
    by_name = {bundle.name: bundle for bundle in bundles(pins())}
    assert missing((by_name["etcd"],)) == (by_name["etcd"],)
    assert missing((by_name["pause"],)) == (C_COMPILER, by_name["pause"])


def test_the_inventory_lists_what_is_there_and_whose_it_is(script: Script) -> None:
    script("go", GO_THAT_BUILDS)
    ensure(("etcd",), lambda _: None)
    (etcd,) = [source for source in inventory() if source.name == "etcd"]
    assert etcd.version == pins().tool("etcd")
    assert etcd.origin == "Go module go.etcd.io/etcd/server/v3"
    assert etcd.path.parent == folder_of(next(bundle for bundle in bundles(pins()) if bundle.name == "etcd"))
    assert "kubelet" not in {source.name for source in inventory()}

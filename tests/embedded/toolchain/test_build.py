"""A build is all there or not there at all; the compiler is a script here, what is around it is tested."""

from pathlib import Path

import pytest

from embedded import paths
from embedded.toolchain.build import build, clear_unfinished, go_command
from embedded.toolchain.catalogue import Bundle, GoProgram, ModuleFile
from embedded.toolchain.errors import ToolchainError
from embedded.toolchain.golang import build_environment, parallelism
from embedded.toolchain.locate import folder_of

from .conftest import Script

ONE = GoProgram("one", "etcd", "example/one")
TWO = GoProgram("two", "etcd", "example/two")
WRITE_TARGET = 'while [ "$1" != -o ]; do shift; done; echo built > "$2"'


def bundle(*parts: GoProgram | ModuleFile) -> Bundle:
    return Bundle("thing", "1.0.0", "example", parts)


def test_all_programs_of_a_bundle_come_to_one_place(script: Script) -> None:
    said: list[str] = []
    build(bundle(ONE, TWO), script("go", WRITE_TARGET), said.append)
    built = folder_of(bundle(ONE, TWO))
    assert sorted(file.name for file in built.iterdir()) == ["one", "two"]
    assert all(file.stat().st_mode & 0o111 for file in built.iterdir())
    assert said[-1].startswith("thing 1.0.0 … built in ")


def test_a_bundle_whose_second_program_fails_leaves_nothing(script: Script) -> None:
    go = script("go", f'case "$*" in *example/two*) echo no such module; exit 1;; esac; {WRITE_TARGET}')
    with pytest.raises(ToolchainError, match=r"two: exit code 1(.|\n)*no such module"):
        build(bundle(ONE, TWO), go, lambda _: None)
    assert list((paths.cache() / "tools").iterdir()) == []


def test_what_a_killed_build_left_is_cleared_and_finished_programs_are_kept(script: Script) -> None:
    build(bundle(ONE), script("go", WRITE_TARGET), lambda _: None)
    (paths.cache() / "tools" / ".new-other-1.0.0").mkdir()
    clear_unfinished()
    assert [folder.name for folder in (paths.cache() / "tools").iterdir()] == [folder_of(bundle(ONE)).name]


def test_a_file_of_a_module_is_copied_beside_the_programs(script: Script, tmp_path: Path) -> None:
    (tmp_path / "module").mkdir()
    (tmp_path / "module" / "helper").write_text("from upstream\n")
    go = script("go", f"echo {tmp_path}/module")
    build(bundle(ModuleFile("helper", "etcd", "example", "helper", "1.0.0")), go, lambda _: None)
    copied = folder_of(bundle(ModuleFile("helper", "etcd", "example", "helper", "1.0.0"))) / "helper"
    assert copied.read_text() == "from upstream\n"


def test_a_module_that_cannot_be_downloaded_is_an_error_that_names_the_file_and_the_cure(
    script: Script,
) -> None:
    go = script("go", 'case "$1" in mod) echo dial tcp: refused; exit 1;; esac')
    with pytest.raises(ToolchainError, match=r"helper: exit code 1(.|\n)*refused(.|\n)*module proxy"):
        build(bundle(ModuleFile("helper", "etcd", "example", "helper", "1.0.0")), go, lambda _: None)


def test_builds_are_checked_against_the_committed_sums_and_do_not_depend_on_the_folder() -> None:
    argv = go_command(ONE, Path("/target"), Path("/go")).argv
    assert {"-mod=readonly", "-trimpath", "-buildvcs=false"} <= set(argv)


def test_the_user_s_settings_do_not_reach_the_build_but_proxies_do() -> None:
    user = {
        "GOFLAGS": "-mod=mod",
        "GOOS": "windows",
        "CGO_ENABLED": "1",
        "CGO_CFLAGS": "-O0",
        "GOWORK": "/w",
        "GOPROXY": "https://proxy.example",
        "HTTPS_PROXY": "http://proxy.example",
        "GOMODCACHE": "/m",
    }
    environment = build_environment(user)
    assert environment["CGO_ENABLED"] == "0", "programs in images start without a C library"
    assert environment["GOWORK"] == "off"
    assert environment["GOFLAGS"].startswith("-mod=readonly")
    assert not {"GOOS", "CGO_CFLAGS"} & set(environment)
    assert {"GOPROXY", "HTTPS_PROXY", "GOMODCACHE"} <= set(environment)


@pytest.mark.parametrize(
    ("cores", "memory", "compilers"), [(2, 24, 2), (16, 64, 16), (16, 16, 4), (8, 4, 2), (1, 64, 1)]
)
def test_as_many_compilers_run_as_cores_and_memory_allow(cores: int, memory: float, compilers: int) -> None:
    assert parallelism(cores, memory) == compilers

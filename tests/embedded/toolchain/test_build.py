"""A build is all there or not there at all; the compiler is a script here, what is around it is tested."""

from pathlib import Path

import pytest

from embedded.machine import paths
from embedded.toolchain.build import build, by_module, clear_unfinished, go_command, turns
from embedded.toolchain.catalogue import GO_FOLDERS, Bundle, GoProgram, ModuleFile
from embedded.toolchain.errors import ToolchainError
from embedded.toolchain.golang import build_environment, parallelism
from embedded.toolchain.locate import folder_of

from .conftest import Script

ONE = GoProgram("one", "k6", "example/cmd/one")
TWO = GoProgram("two", "k6", "example/two/v3")
ELSEWHERE = GoProgram("three", "promtool", "example/three")
THIRD = GoProgram("four", "kube-score", "example/four")
# `go build -o FOLDER/ PACKAGE …` names each program after its package
COMPILE = """while [ "$1" != -o ]; do shift; done; out=$2; shift 2
for package in "$@"; do echo "$package" > "$out/$(basename "${package%/v3}")"; done"""


def bundle(name: str, *parts: GoProgram | ModuleFile) -> Bundle:
    return Bundle(name, "1.0.0", "example", parts)


def test_programs_of_one_module_are_compiled_together_and_each_bundle_comes_to_its_own_place(
    script: Script, tmp_path: Path
) -> None:
    go = script("go", f'echo "$@" >> {tmp_path}/asked; {COMPILE}')
    said: list[str] = []
    build((bundle("a", ONE), bundle("b", TWO, ELSEWHERE)), go, said.append)
    assert (folder_of(bundle("a", ONE)) / "one").read_text() == "example/cmd/one\n"
    both = folder_of(bundle("b", TWO, ELSEWHERE))
    assert {file.name: file.read_text() for file in both.iterdir()} == {
        "two": "example/two/v3\n",
        "three": "example/three\n",
    }
    assert all(file.stat().st_mode & 0o111 for file in both.iterdir())
    assert len((tmp_path / "asked").read_text().splitlines()) == 2
    assert said[-1].startswith("b 1.0.0 … there after ")


def test_what_is_complete_is_kept_when_a_later_module_fails(script: Script) -> None:
    go = script("go", f'case "$*" in *example/three*) echo no such module; exit 1;; esac; {COMPILE}')
    with pytest.raises(ToolchainError, match=r"three: exit code 1(.|\n)*no such module"):
        build((bundle("a", ONE, TWO), bundle("b", ELSEWHERE)), go, lambda _: None)
    assert list((paths.cache() / "tools").iterdir()) == [folder_of(bundle("a", ONE, TWO))]


def test_what_a_killed_build_left_is_cleared_and_finished_programs_are_kept(script: Script) -> None:
    build((bundle("a", ONE),), script("go", COMPILE), lambda _: None)
    (paths.cache() / "tools" / ".new-other-1.0.0").mkdir()
    clear_unfinished()
    assert list((paths.cache() / "tools").iterdir()) == [folder_of(bundle("a", ONE))]


def test_a_main_of_ours_finds_beside_it_what_it_embeds_out_of_its_module(
    script: Script, tmp_path: Path
) -> None:
    command = "cmd/pulumi-resource-kubernetes"
    (tmp_path / command).mkdir(parents=True)
    (tmp_path / command / "schema.json").write_text("{}")
    embeds = (f"{command}/schema.json",)
    part = GoProgram("embedding", "pulumi-kubernetes", f"./{command}", module="example", embeds=embeds)
    only_with_it = f'test -f "$3/{embeds[0]}" || exit 1; {COMPILE}'
    go = script("go", f'case "$1" in list) echo {tmp_path}; exit;; esac; {only_with_it}')
    build((bundle("a", part),), go, lambda _: None)
    assert (folder_of(bundle("a", part)) / "embedding").exists()
    assert not (GO_FOLDERS / "pulumi-kubernetes" / command / "schema.json").exists(), (
        "never beside the committed files"
    )


def test_a_file_of_a_module_is_copied_beside_the_programs(script: Script, tmp_path: Path) -> None:
    (tmp_path / "module").mkdir()
    (tmp_path / "module" / "helper").write_text("from upstream\n")
    helper = bundle("helper", ModuleFile("helper", "k6", "example", "helper", "1.0.0"))
    build((helper,), script("go", f"echo {tmp_path}/module"), lambda _: None)
    assert (folder_of(helper) / "helper").read_text() == "from upstream\n"


def test_a_module_that_cannot_be_downloaded_is_an_error_that_names_the_file_and_the_cure(
    script: Script,
) -> None:
    go = script("go", 'case "$1" in mod) echo dial tcp: refused; exit 1;; esac')
    helper = bundle("helper", ModuleFile("helper", "k6", "example", "helper", "1.0.0"))
    with pytest.raises(ToolchainError, match=r"helper: exit code 1(.|\n)*refused(.|\n)*module proxy"):
        build((helper,), go, lambda _: None)


def test_modules_go_beside_each_other_after_the_one_whose_packages_they_share_where_memory_allows() -> None:
    modules = by_module((bundle("a", TWO), bundle("b", ELSEWHERE), bundle("c", THIRD)))
    assert turns(modules, 24) == [[(TWO,)], [(ELSEWHERE,), (THIRD,)]]
    assert turns(modules, 8) == [[(TWO,)], [(ELSEWHERE,)], [(THIRD,)]]
    assert turns(by_module((bundle("a", TWO),)), 24) == [[(TWO,)]]
    assert turns({}, 24) == turns({}, 8) == []


def test_a_module_that_fails_ends_those_that_are_built_beside_it(script: Script, tmp_path: Path) -> None:
    endless = f"echo $$ > {tmp_path}/pid; exec sleep 600"
    after = f"while [ ! -s {tmp_path}/pid ]; do :; done; exit 1"
    go = script("go", f'case "$*" in *example/three*) {endless};; *example/four*) {after};; esac; {COMPILE}')
    with pytest.raises(ToolchainError, match="four: exit code 1"):
        build((bundle("a", TWO), bundle("b", ELSEWHERE), bundle("c", THIRD)), go, lambda _: None)
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()


def test_builds_are_checked_against_the_committed_sums_and_do_not_depend_on_the_folder() -> None:
    argv = go_command((ONE,), Path("/work"), Path("/go")).argv
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

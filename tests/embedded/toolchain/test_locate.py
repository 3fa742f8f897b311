"""Which program is used: the one on PATH, Debian's, or our own."""

from pathlib import Path

import pytest

from embedded.machine import paths
from embedded.machine.versions import Version, find, pins
from embedded.toolchain.catalogue import Bundle, DebianPackage, GoProgram, PathRule, bundles
from embedded.toolchain.locate import find_bundle, find_package, folder_of, is_good, search_path

from .conftest import Script

RULE = PathRule(("kubectl", "version"), Version(1, 33))


@pytest.mark.parametrize(
    ("found", "good"),
    [("1.33.0", True), ("1.34.4", True), ("1.32.9", False), ("2.0.0", False), ("0.99.0", False), ("", False)],
)
def test_a_program_on_path_is_used_from_the_required_minor_version_on(found: str, good: bool) -> None:
    assert is_good(find(found), RULE) is good


def test_a_newer_major_version_is_used_only_where_it_is_known_to_work() -> None:
    anything_newer = PathRule(("docker", "--version"), Version(20, 10), same_major=False)
    assert is_good(Version(28, 2, 2), anything_newer)
    assert not is_good(Version(20, 9), anything_newer)


def test_our_own_links_on_path_do_not_count_as_the_user_s_programs() -> None:
    path = search_path({"PATH": "/home/u/bin:/cache/bin:/usr/bin"}, Path("/cache/bin"))
    assert path.split(":")[:2] == ["/home/u/bin", "/usr/bin"]
    assert "/usr/sbin" in path.split(":"), "system programs are found although a user's PATH lacks /usr/sbin"


def named(name: str) -> Bundle:
    return next(bundle for bundle in bundles(pins()) if bundle.name == name)


def put_built(bundle: Bundle) -> Path:
    folder = folder_of(bundle)
    folder.mkdir(parents=True)
    for name in bundle.programs:
        (folder / name).touch(0o755)
    return folder


def test_a_good_program_on_path_wins_over_a_built_one(script: Script) -> None:
    put_built(named("kubectl"))
    program = script("kubectl", f"echo Client Version: v{pins().tool('kubernetes')}")
    sources = find_bundle(named("kubectl"))
    assert sources is not None
    assert [(source.origin, source.path) for source in sources] == [("PATH", program)]


def test_an_old_program_on_path_is_passed_over_for_a_built_one(script: Script) -> None:
    script("kubectl", "echo Client Version: v1.20.0")
    assert find_bundle(named("kubectl")) is None, "too old and none built: it must be built"
    folder = put_built(named("kubectl"))
    sources = find_bundle(named("kubectl"))
    assert sources is not None
    assert sources[0].path == folder / "kubectl"
    assert sources[0].origin == "Go module k8s.io/kubernetes"


def test_a_program_that_prints_no_version_is_passed_over(script: Script) -> None:
    script("kubectl", "exit 1")
    assert find_bundle(named("kubectl")) is None


def test_pulumi_without_its_language_host_is_passed_over(script: Script) -> None:
    script("pulumi", f"echo v{pins().tool('pulumi')}")
    assert find_bundle(named("pulumi")) is None
    script("pulumi-language-python", "")
    script("pulumi-language-python-exec", "")
    sources = find_bundle(named("pulumi"))
    assert sources is not None
    assert {source.name for source in sources} == set(named("pulumi").programs)


def test_a_program_that_is_replaced_on_path_is_asked_again(script: Script) -> None:
    script("kubectl", "echo v1.20.0")
    assert find_bundle(named("kubectl")) is None
    script("kubectl", "echo v1.34.4 # newer now")
    assert find_bundle(named("kubectl")) is not None


def test_versions_are_asked_for_once_and_then_remembered(script: Script, tmp_path: Path) -> None:
    script("kubectl", f"echo asked >> {tmp_path}/asked; echo v1.34.4")
    for _ in range(3):
        assert find_bundle(named("kubectl")) is not None
    assert (tmp_path / "asked").read_text() == "asked\n"


def test_a_broken_memory_of_versions_does_no_harm(script: Script) -> None:
    script("kubectl", "echo v1.34.4")
    (paths.cache()).mkdir(parents=True)
    (paths.cache() / "probes.json").write_text("[broken")
    assert find_bundle(named("kubectl")) is not None


def test_programs_that_nobody_may_bring_along_are_always_built(script: Script) -> None:
    script("etcd", "echo etcd Version: 99.0.0")
    assert find_bundle(named("etcd")) is None


@pytest.mark.usefixtures("script")
def test_each_program_of_a_bundle_has_its_own_version_and_module() -> None:
    put_built(named("pulumi"))
    sources = find_bundle(named("pulumi"))
    assert sources is not None
    versions = {source.name: source.version for source in sources}
    assert versions["pulumi"] == pins().tool("pulumi")
    assert versions["pulumi-language-python"] == pins().tool("pulumi-language-python")


def test_a_package_is_missing_if_one_of_its_programs_or_files_is(script: Script, tmp_path: Path) -> None:
    package = DebianPackage(("p",), ("one", "two"), needs_files=(tmp_path / "file",))
    script("one", "")
    assert find_package(package) is None
    script("two", "")
    assert find_package(package) is None
    (tmp_path / "file").touch()
    sources = find_package(package)
    assert sources is not None
    assert [(source.name, source.origin) for source in sources] == [("one", "PATH"), ("two", "PATH")]


def test_a_package_s_program_that_is_too_old_counts_as_missing(script: Script) -> None:
    package = DebianPackage(("runc",), ("runc",), path_rule=PathRule(("runc", "--version"), Version(1, 1)))
    script("runc", "echo runc version 1.0.3")
    assert find_package(package) is None


def test_the_folder_of_a_bundle_names_program_version_and_key() -> None:
    bundle = Bundle("etcd", "3.6.7", "m", (GoProgram("etcd", "etcd", "p"),))
    assert folder_of(bundle).parent == paths.cache() / "tools"
    assert folder_of(bundle).name.startswith("etcd-3.6.7-")

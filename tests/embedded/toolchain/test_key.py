"""A build is kept under a name that changes with everything that changes the program."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from embedded.machine.versions import pins
from embedded.toolchain.catalogue import GO_FOLDERS, Bundle, GoProgram, bundles
from embedded.toolchain.key import digest, linker_flags


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    return Path(shutil.copytree(GO_FOLDERS, tmp_path / "go"))


def etcd() -> tuple[Bundle, GoProgram]:
    bundle = next(bundle for bundle in bundles(pins()) if bundle.name == "etcd")
    part = bundle.parts[0]
    assert isinstance(part, GoProgram)
    return bundle, part


def test_the_same_sources_and_flags_give_the_same_key(folders: Path) -> None:
    assert digest(etcd()[0], "x86_64", folders) == digest(etcd()[0], "x86_64")


@pytest.mark.parametrize("file", ["go.mod", "go.sum"])
def test_a_changed_module_file_changes_the_key(folders: Path, file: str) -> None:
    before = digest(etcd()[0], "x86_64", folders)
    with (folders / "tools" / file).open("a") as handle:
        handle.write("\n")
    assert digest(etcd()[0], "x86_64", folders) != before


def test_another_version_machine_package_or_embedded_file_changes_the_key() -> None:
    bundle, part = etcd()
    others = [
        digest(replace(bundle, version="9.9.9"), "x86_64"),
        digest(bundle, "aarch64"),
        digest(replace(bundle, parts=(replace(part, package="other"),)), "x86_64"),
        digest(replace(bundle, parts=(replace(part, embeds=("schema.json",)),)), "x86_64"),
    ]
    assert len({digest(bundle, "x86_64"), *others}) == 5


def test_one_program_s_modules_do_not_change_another_s_key(folders: Path) -> None:
    before = digest(etcd()[0], "x86_64", folders)
    (folders / "k6" / "go.sum").write_text("")
    assert digest(etcd()[0], "x86_64", folders) == before


def test_a_main_of_ours_changes_the_key(folders: Path) -> None:
    before = digest(etcd()[0], "x86_64", folders)
    with (folders / "tools" / "cmd" / "coredns" / "main.go").open("a") as handle:
        handle.write("// changed\n")
    assert digest(etcd()[0], "x86_64", folders) != before


def test_programs_are_stripped_and_stamped_with_their_versions() -> None:
    assert linker_flags("k6") == "-s -w"
    assert linker_flags("kubeconform") == f"-s -w -X main.version={pins().tool('kubeconform')}"
    for said in (
        f"common/version.Version=v{pins().tool('pulumi')}",
        f"gitVersion=v{pins().tool('kubernetes')}",
    ):
        assert said in linker_flags("tools")


def test_no_variable_is_stamped_with_two_values_in_one_module() -> None:
    names = [stamp.partition("=")[0] for stamp in linker_flags("tools").split(" -X ")[1:]]
    assert len(names) == len(set(names)) > 0

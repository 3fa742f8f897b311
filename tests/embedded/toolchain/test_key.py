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


def program(name: str) -> GoProgram:
    parts = (part for bundle in bundles(pins()) for part in bundle.parts)
    return next(part for part in parts if isinstance(part, GoProgram) and part.name == name)


def etcd() -> tuple[Bundle, GoProgram]:
    return next(bundle for bundle in bundles(pins()) if bundle.name == "etcd"), program("etcd")


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


@pytest.mark.parametrize(
    ("name", "stamps"),
    [
        ("k6", ""),
        ("kubeconform", f" -X main.version={pins().tool('kubeconform')}"),
        ("etcd", ""),
        ("metrics-server", f" -X k8s.io/client-go/pkg/version.gitVersion=v{pins().tool('metrics-server')}"),
    ],
)
def test_a_program_is_stripped_and_stamped_with_its_own_version(name: str, stamps: str) -> None:
    assert linker_flags(program(name)) == f"{program(name).package}=-s -w{stamps}"


def test_kubernetes_and_pulumi_say_their_versions() -> None:
    assert f"gitVersion=v{pins().tool('kubernetes')} " in linker_flags(program("kubelet"))
    assert linker_flags(program("pulumi")).endswith(f"common/version.Version=v{pins().tool('pulumi')}")

"""Debian packages are installed without starting daemons and without changing the machine's policy."""

import os
import time
from pathlib import Path

import pytest

from embedded.toolchain import debian
from embedded.toolchain.catalogue import DebianPackage
from embedded.toolchain.errors import ToolchainError

from .conftest import Script


def test_daemons_are_refused_meanwhile_and_the_policy_is_gone_after(tmp_path: Path) -> None:
    policy = tmp_path / "policy-rc.d"
    with debian.daemons_stay_down(policy):
        assert os.access(policy, os.X_OK)
        assert os.waitstatus_to_exitcode(os.system(str(policy))) == 101, "101: action forbidden by policy"
    assert not policy.exists()


def test_the_machine_s_own_policy_is_put_back_even_after_a_failure(tmp_path: Path) -> None:
    policy = tmp_path / "policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 104\n")
    policy.chmod(0o700)

    def fail() -> None:
        with debian.daemons_stay_down(policy):
            raise ToolchainError("apt-get failed")

    with pytest.raises(ToolchainError):
        fail()
    assert policy.read_text() == "#!/bin/sh\nexit 104\n"
    assert policy.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("own", ["#!/bin/sh\nexit 104\n", None])
def test_a_killed_run_s_policy_is_not_taken_for_the_machine_s_own(tmp_path: Path, own: str | None) -> None:
    policy = tmp_path / "policy-rc.d"
    if own:
        policy.write_text(own)
    killed = debian.daemons_stay_down(policy)
    killed.__enter__()
    with debian.daemons_stay_down(policy):
        pass
    assert (policy.read_text() if policy.exists() else None) == own


def test_without_root_the_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    packages = (DebianPackage(("docker-cli", "docker.io"), ("docker",)), DebianPackage(("runc",), ("runc",)))
    with pytest.raises(ToolchainError, match=r"docker.io, runc: not on PATH(.|\n)*as root"):
        debian.install(packages, lambda _: None)


@pytest.mark.parametrize(
    ("known", "expected"), [("docker-cli docker.io", "docker-cli"), ("docker.io", "docker.io")]
)
def test_the_package_name_of_this_release_is_taken(script: Script, known: str, expected: str) -> None:
    script(
        "apt-cache",
        f'for name in {known}; do [ "$2" = $name ] && echo "$name:" && echo "  Candidate: 1"; done; true',
    )
    package = DebianPackage(("docker-cli", "docker.io"), ("docker",), with_packages=("extra",))
    assert debian.names(package) == (expected, "extra")


def test_a_package_that_only_others_mention_is_not_taken(script: Script) -> None:
    script("apt-cache", '[ "$2" = docker-cli ] && echo "  Candidate: (none)" || echo "  Candidate: 1"')
    assert debian.names(DebianPackage(("docker-cli", "docker.io"))) == ("docker.io",)


@pytest.fixture
def apt(script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """apt as a script that notes how it was called and what the policy for daemons was then."""
    notes, policy = tmp_path / "notes", tmp_path / "policy-rc.d"
    script("apt-cache", 'echo "  Candidate: 1"')
    script("dpkg", f"echo dpkg $* PATH:$PATH >> {notes}")
    script(
        "apt-get",
        f'echo "$* policy:$(grep exit {policy} 2>/dev/null)" >> {notes}; [ ! -e {tmp_path}/broken ]',
    )
    monkeypatch.setattr(debian, "_POLICY", policy)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return notes


def test_packages_are_installed_in_one_go_while_daemons_are_refused(apt: Path) -> None:
    packages = (DebianPackage(("runc",)), DebianPackage(("gcc",), with_packages=("libc6-dev",)))
    debian.install(packages, lambda _: None)
    *_, healed, line = apt.read_text().splitlines()
    assert healed.startswith("dpkg --configure -a"), "an installation that was killed is finished first"
    assert ":/usr/sbin" in healed, "packages' scripts need it, and a root shell's PATH may lack it"
    assert line.endswith("gcc libc6-dev runc policy:exit 101")
    assert "--no-install-recommends" in line
    assert not (apt.parent / "policy-rc.d").exists()


@pytest.mark.parametrize(("age", "updated"), [(3600, False), (2 * 86400, True), (None, True)])
def test_lists_of_packages_are_fetched_when_they_are_missing_or_old(
    apt: Path, monkeypatch: pytest.MonkeyPatch, age: float | None, updated: bool
) -> None:
    lists = apt.parent / "lists"
    (lists / "partial").mkdir(parents=True)
    if age is not None:
        (lists / "main_binary-amd64_Packages.lz4").touch()
        for folder in (lists, lists / "partial"):
            os.utime(folder, (time.time() - age,) * 2)
    monkeypatch.setattr(debian, "_LISTS", lists)
    debian.install((DebianPackage(("runc",)),), lambda _: None)
    assert any(" update " in line for line in apt.read_text().splitlines()) is updated


def test_a_failed_installation_shows_the_command_and_lifts_the_policy(apt: Path) -> None:
    (apt.parent / "broken").touch()
    with pytest.raises(ToolchainError, match=r"apt-get: exit code 1(.|\n)*command: apt-get"):
        debian.install((DebianPackage(("runc",)),), lambda _: None)
    assert not (apt.parent / "policy-rc.d").exists()

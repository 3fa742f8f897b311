"""Debian packages are installed without starting daemons and without changing the machine's policy."""

import os
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

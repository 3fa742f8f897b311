"""Installs Debian packages without starting the daemons that they bring."""

import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from embedded.machine import paths
from embedded.toolchain.catalogue import DebianPackage
from embedded.toolchain.command import Command, Say, output_of, run
from embedded.toolchain.errors import ToolchainError
from embedded.toolchain.locate import search_path

_POLICY = Path("/usr/sbin/policy-rc.d")
_REFUSE_TO_START = "#!/bin/sh\n# of emotion-serving, while it installs packages\nexit 101\n"
_LISTS = Path("/var/lib/apt/lists")
_A_DAY = 86400.0
_UNITS = ("docker.service", "docker.socket", "containerd.service", "docker-registry.service")


def can_install() -> bool:
    """Whether this process may install packages here."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(packages: Sequence[DebianPackage], say: Say) -> None:
    """Install what `packages` name; ToolchainError if that is impossible here or fails."""
    wanted = ", ".join(package.packages[-1] for package in packages)
    if not can_install():
        raise ToolchainError(
            f"{wanted}: not on PATH in a good version, and only root on a machine with apt-get can "
            "install them\n  try: install them with your package manager, or run as root on Debian or Ubuntu"
        )
    start = time.monotonic()
    if _lists_are_old():
        _apt(("update",), say)
    chosen = sorted({name for package in packages for name in names(package)})
    say(f"Debian packages {' '.join(chosen)} … installing")
    units = _enabled_units()
    with daemons_stay_down(_POLICY):
        _finish_what_was_interrupted()
        _apt(("install", "--yes", "--no-install-recommends", *chosen), say)
    _disable(sorted(_enabled_units() - units))
    say(f"Debian packages … installed in {time.monotonic() - start:.0f} s")


@contextmanager
def daemons_stay_down(policy: Path) -> Iterator[None]:
    """While this holds, package scripts start no daemon; the machine's own policy is put back after.

    A killed run leaves its policy behind, and the machine's own beside it: the next run puts that back.
    """
    own = policy.with_name(f"{policy.name}.kept-by-emotion-serving")
    if policy.exists() and policy.read_text(errors="replace") != _REFUSE_TO_START:
        policy.rename(own)
    policy.write_text(_REFUSE_TO_START)
    policy.chmod(0o755)
    try:
        yield
    finally:
        if own.exists():
            own.replace(policy)
        else:
            policy.unlink(missing_ok=True)


def names(package: DebianPackage) -> tuple[str, ...]:
    """The package's name in this release, and what comes with it."""
    known = (name for name in package.packages if len(package.packages) == 1 or _is_installable(name))
    return (next(known, package.packages[-1]), *package.with_packages)


def _is_installable(name: str) -> bool:
    policy = output_of(("apt-cache", "policy", name))
    return "Candidate:" in policy and "Candidate: (none)" not in policy


def _lists_are_old() -> bool:
    """Whether apt last looked for packages more than a day ago, or never."""
    partial = _LISTS / "partial"
    if not partial.exists() or not any(_LISTS.glob("*_Packages*")):
        return True
    return time.time() - max(partial.stat().st_mtime, _LISTS.stat().st_mtime) > _A_DAY


def _finish_what_was_interrupted() -> None:
    """After a kill in the middle of an installation apt-get refuses to work until this is done."""
    run(_command(("dpkg", "--configure", "-a")), lambda _: None)


def _apt(arguments: Sequence[str], say: Say) -> None:
    command = _command(("apt-get", "--quiet", "-o", "DPkg::Lock::Timeout=300", *arguments))
    run(command, lambda elapsed: say(f"apt-get {arguments[0]} … {elapsed:.0f} s"))


def _command(argv: Sequence[str]) -> Command:
    path = search_path(os.environ, paths.tools())
    return Command(
        program=argv[0],
        argv=argv,
        log=paths.cache() / "logs" / f"{argv[0]}.log",
        advice="run `apt-get update` and the command above by hand, and see what they say",
        env={**os.environ, "PATH": path, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"},
        dies_with_us=False,
    )


def _enabled_units() -> set[str]:
    wants = Path("/etc/systemd/system")
    return {unit for unit in _UNITS if any(wants.glob(f"*.wants/{unit}"))}


def _disable(units: Sequence[str]) -> None:
    """A package enables its daemons for the next start of the machine; ours are started by hand."""
    if units and shutil.which("systemctl"):
        output_of(("systemctl", "disable", "--quiet", *units))

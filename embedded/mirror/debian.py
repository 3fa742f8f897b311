"""Debian's minimal system as a tar file, made by debootstrap and thinned like Debian's own "slim" image."""

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from embedded.mirror.ingredients import log_file, quiet
from embedded.toolchain import tool
from embedded.toolchain.command import Command, output_of, run

_EXCLUDED = ("usr/share/doc", "usr/share/man", "usr/share/info", "usr/share/locale", "usr/share/lintian")
_EMPTIED = ("var/lib/apt/lists", "var/cache/apt", "var/cache/debconf", "var/cache/ldconfig", "var/log")
_DPKG = "force-unsafe-io\n" + "".join(f"path-exclude /{folder}/*\n" for folder in _EXCLUDED)
_APT = """\
APT::Keep-Downloaded-Packages "false";
APT::Install-Recommends "false";
Acquire::Languages "none";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
"""
_NO_SERVICES = "#!/bin/sh\nexit 101\n"
_MIRROR_QUERY = ("apt-get", "indextargets", "--format", "$(REPO_URI)", "Origin: Debian", "Label: Debian")


@dataclass(frozen=True)
class RootFileSystem:
    """`rootfs.tar` of a Debian release."""

    suite: str

    def fingerprint(self) -> str:
        return hashlib.sha256(self.suite.encode() + Path(__file__).read_bytes()).hexdigest()

    def place(self, context: Path) -> None:
        root = context.with_name(f"{context.name}.rootfs")
        root.mkdir(parents=True)
        try:
            _run(debootstrap_arguments(self.suite, root), "debootstrap")
            thin(root)
            _run(("tar", "--numeric-owner", "-C", str(root), "-cf", str(context / "rootfs.tar"), "."), "tar")
        finally:
            shutil.rmtree(root, ignore_errors=True)


def debootstrap_arguments(suite: str, root: Path) -> tuple[str, ...]:
    """debootstrap in its own mount and process namespaces, so that no mount or process outlives it."""
    alone = ("unshare", "--mount", "--pid", "--fork", "--kill-child")
    found = output_of(_MIRROR_QUERY).split()
    mirror = tuple(found[:1]) if found and found[0].startswith("http://") else ()
    return (*alone, str(tool("debootstrap")), "--variant=minbase", suite, str(root), *mirror)


def thin(root: Path) -> None:
    """Remove what no program reads, and keep packages installed later from bringing it back."""
    for folder in (*_EXCLUDED, *_EMPTIED):
        for entry in (root / folder).iterdir() if (root / folder).is_dir() else ():
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    (root / "usr/share/man/man1").mkdir(exist_ok=True)  # Java's packages cannot be set up without it
    (root / "etc/dpkg/dpkg.cfg.d/slim").write_text(_DPKG)
    (root / "etc/apt/apt.conf.d/slim").write_text(_APT)
    (root / "usr/sbin/policy-rc.d").write_text(_NO_SERVICES)
    (root / "usr/sbin/policy-rc.d").chmod(0o755)
    for name in ("etc/resolv.conf", "etc/hostname"):
        (root / name).unlink(missing_ok=True)


def _run(argv: tuple[str, ...], name: str) -> None:
    advice = "give apt on this machine access to a Debian archive over http, and free some disk"
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    run(Command(name, argv, log_file(name), advice, env=environment, limit=600), quiet)

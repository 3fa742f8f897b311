"""What is made on the host for an image: programs, Python packages, sources, Debian's base system."""

import hashlib
import platform
import shutil
import struct
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

from embedded.machine import paths
from embedded.mirror.recipe import Heartbeat, folder_digest
from embedded.toolchain import tool
from embedded.toolchain.command import Command, output_of, run

PYTHON = "3.13"
_PLATFORM = "manylinux_2_28"
_CAP_NET_BIND_SERVICE = 10
_VFS_CAP_REVISION_2_EFFECTIVE = 0x02000001


@dataclass(frozen=True)
class Program:
    """A static program of the toolchain."""

    name: str

    def fingerprint(self) -> str:
        with tool(self.name).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def place(self, context: Path, _: Heartbeat) -> None:
        target = context / self.name
        shutil.copyfile(tool(self.name), target)
        target.chmod(0o755)


@dataclass(frozen=True)
class LowPortProgram:
    """A static program that a plain user may let bind ports below 1024: `NAME.tar`, to be ADDed.

    A tar file, because COPY loses the extended attribute.
    """

    name: str

    def fingerprint(self) -> str:
        return f"{Program(self.name).fingerprint()} low ports"

    def place(self, context: Path, _: Heartbeat) -> None:
        attribute = {"SCHILY.xattr.security.capability": net_bind_capability().decode("ascii")}
        with tarfile.open(context / f"{self.name}.tar", "w", format=tarfile.PAX_FORMAT) as archive:
            entry = tarfile.TarInfo(self.name)
            program = tool(self.name)
            entry.size, entry.mode, entry.pax_headers = program.stat().st_size, 0o755, attribute
            with program.open("rb") as content:
                archive.addfile(entry, content)


def net_bind_capability() -> bytes:
    """What `setcap cap_net_bind_service=+ep` writes (vfs_cap_data in linux/capability.h)."""
    return struct.pack("<5I", _VFS_CAP_REVISION_2_EFFECTIVE, 1 << _CAP_NET_BIND_SERVICE, 0, 0, 0)


@dataclass(frozen=True)
class Users:
    """The files that a program expects of even the emptiest system: users, and a writable /tmp."""

    def fingerprint(self) -> str:
        return "root, nobody, nonroot"

    def place(self, context: Path, _: Heartbeat) -> None:
        lines = ("root:x:0:0:root:/:", "nonroot:x:65532:65532:nonroot:/:", "nobody:x:65534:65534:nobody:/:")
        (context / "etc").mkdir()
        (context / "etc" / "passwd").write_text("".join(f"{line}\n" for line in lines))
        (context / "tmp").mkdir()
        (context / "tmp").chmod(0o1777)


@dataclass(frozen=True)
class Wheels:
    """Python packages for the image's Python, fetched on the host: a build trusts no private CA.

    `requirements` has a hash for each file, for a `python` on a `platform`; `unused` is removed and symbols
    are stripped from `stripped` where the host has `strip` (paths below the folder `site`). `programs`: those
    that packages bring along are kept, in `site/bin`.
    """

    requirements: Path
    unused: tuple[str, ...] = ()
    stripped: tuple[str, ...] = ()
    python: str = PYTHON
    platform: str = _PLATFORM
    programs: bool = False

    def fingerprint(self) -> str:
        names = "\0".join((self.python, platform.machine(), *self.unused, *self.stripped))
        return hashlib.sha256(self.requirements.read_bytes() + names.encode()).hexdigest()

    def place(self, context: Path, still: Heartbeat) -> None:
        site = context / "site"
        run(
            Command(
                program=f"Python packages of {self.requirements.parent.name}",
                argv=uv_arguments(self, site, platform.machine()),
                log=log_file(f"wheels-{self.requirements.parent.name}"),
                advice="check that this machine's Python can install packages (.venv/bin/uv pip install)",
            ),
            still,
        )
        for name in (*(() if self.programs else ("bin",)), *self.unused):
            shutil.rmtree(site / name, ignore_errors=True)
        (site / ".lock").unlink(missing_ok=True)
        for name in self.stripped:
            if strip := shutil.which("strip"):
                output_of((strip, "--strip-unneeded", str(site / name)), seconds=120)


def uv_arguments(wheels: Wheels, site: Path, machine: str) -> tuple[str, ...]:
    """uv's command line for packages of another Python; copied, because files are changed afterwards."""
    return (
        *(sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-config", "--link-mode", "copy"),
        *("--no-deps", "--require-hashes", "--only-binary", ":all:"),
        *("--python-version", wheels.python, "--python-platform", f"{machine}-{wheels.platform}"),
        *("--target", str(site), "--requirement", str(wheels.requirements)),
    )


@dataclass(frozen=True)
class StandIn:
    """One package of `embedded.standins`, as sources under the same name."""

    name: str

    @property
    def _source(self) -> Path:
        return paths.ROOT / "embedded" / "standins" / self.name

    def fingerprint(self) -> str:
        return folder_digest(self._source)

    def place(self, context: Path, _: Heartbeat) -> None:
        target = context / "site" / "embedded" / "standins"
        shutil.copytree(self._source, target / self.name, ignore=shutil.ignore_patterns("__pycache__"))
        for package in (target, target.parent):
            (package / "__init__.py").touch()


def log_file(name: str) -> Path:
    """Where a step's output goes."""
    return paths.cache() / "logs" / f"mirror-{name}.log"

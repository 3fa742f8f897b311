"""What this machine has already: programs on PATH, Debian's, and those built before."""

import os
import platform
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from embedded.machine import paths
from embedded.machine.versions import Version
from embedded.toolchain.catalogue import Bundle, DebianPackage, PathRule
from embedded.toolchain.command import output_of
from embedded.toolchain.key import digest
from embedded.toolchain.probes import printed_version

_DPKG_STATUS = Path("/var/lib/dpkg/status")
_SYSTEM_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin")


@dataclass(frozen=True)
class Source:
    """A program of the toolchain that is there, and whose it is."""

    name: str
    version: str
    origin: str
    path: Path


def search_path(environment: Mapping[str, str], ours: Path) -> str:
    """PATH without our own links, and with the folders of system programs that a user's PATH may lack."""
    listed = [entry for entry in environment.get("PATH", "").split(os.pathsep) if entry]
    foreign = [entry for entry in listed if Path(entry) != ours]
    return os.pathsep.join([*foreign, *(entry for entry in _SYSTEM_FOLDERS if entry not in foreign)])


def which(program: str) -> Path | None:
    """A program that is not ours, by name."""
    found = shutil.which(program, path=search_path(os.environ, paths.tools()))
    return Path(found) if found else None


def is_good(found: Version | None, rule: PathRule) -> bool:
    """Whether a program on PATH may be used instead of our own."""
    if found is None or found < rule.minimum:
        return False
    return found.major == rule.minimum.major or not rule.same_major


def folder_of(bundle: Bundle) -> Path:
    """Where a bundle's programs are once built: keyed by version, sources' checksums, flags and machine."""
    return paths.cache() / "tools" / f"{bundle.name}-{bundle.version}-{digest(bundle, platform.machine())}"


def find_bundle(bundle: Bundle) -> tuple[Source, ...] | None:
    """A bundle's programs from PATH or from the cache; None if it must be built."""
    return _on_path(bundle) or _built(bundle)


def find_package(package: DebianPackage) -> tuple[Source, ...] | None:
    """A package's programs and files; None if it must be installed or is too old."""
    programs = [(name, which(name)) for name in package.programs]
    present = [(name, path) for name, path in programs if path is not None]
    if len(present) < len(programs) or not all(file.exists() for file in package.needs_files):
        return None
    rule = package.path_rule
    if rule and not is_good(printed_version(rule.argv, dict(present)[rule.argv[0]]), rule):
        return None
    origin, version = _origin(package, [path for _, path in present])
    if package.named_file:
        present.append((package.named_file.name, package.named_file.path))
    return tuple(Source(name, version or _version(package, path), origin, path) for name, path in present)


def _on_path(bundle: Bundle) -> tuple[Source, ...] | None:
    rule = bundle.path_rule
    first = which(bundle.name) if rule else None
    if rule is None or first is None:
        return None
    version = printed_version(rule.argv, first)
    if not is_good(version, rule):
        return None
    found = [(name, _beside(first, name)) for name in bundle.programs]
    sources = [Source(name, str(version), "PATH", path) for name, path in found if path]
    return tuple(sources) if len(sources) == len(found) else None


def _beside(first: Path, name: str) -> Path | None:
    neighbour = first.resolve().parent / name
    return first if first.name == name else neighbour if neighbour.exists() else which(name)


def _built(bundle: Bundle) -> tuple[Source, ...] | None:
    folder = folder_of(bundle)
    if not folder.is_dir():
        return None
    return tuple(
        Source(
            part.name,
            part.version or bundle.version,
            f"Go module {part.module or bundle.module}",
            folder / part.name,
        )
        for part in bundle.parts
    )


def _origin(package: DebianPackage, programs: list[Path]) -> tuple[str, str]:
    """Origin and version; the version is empty unless Debian's package manager vouches for the files."""
    local = any(Path("/usr/local") in path.parents or Path.home() in path.parents for path in programs)
    for name in package.packages:
        version = debian_versions().get(name)
        if version and not local:
            return f"Debian package {name}", version
    return "PATH", ""


def _version(package: DebianPackage, path: Path) -> str:
    rule = package.path_rule
    version = printed_version(rule.argv, path) if rule else None
    return str(version) if version else "unknown"


def debian_versions() -> dict[str, str]:
    """Installed Debian packages and their versions; empty where there is no dpkg."""
    return dict(_dpkg(_DPKG_STATUS.stat().st_mtime_ns if _DPKG_STATUS.exists() else 0))


@cache
def _dpkg(_changed: int) -> tuple[tuple[str, str], ...]:
    listed = output_of(("dpkg-query", "-W", "-f", "${db:Status-Status} ${Package} ${Version}\n"))
    rows = [line.split() for line in listed.splitlines() if line.startswith("installed ")]
    return tuple((row[1], row[2]) for row in rows if len(row) == 3)

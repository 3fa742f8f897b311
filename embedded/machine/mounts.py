"""What is mounted where, read from the text of /proc/self/mountinfo."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_OCTAL = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True)
class Mount:
    """A mount point and the type of the file system that is mounted there."""

    point: Path
    kind: str


def parse(mountinfo: str) -> Iterator[Mount]:
    """Every mount, in the kernel's order."""
    for line in mountinfo.splitlines():
        mounted, _, described = line.partition(" - ")
        yield Mount(Path(_unescaped(mounted.split()[4])), described.split()[0])


def filesystem(path: Path, mountinfo: str) -> str:
    """The type of the file system on which `path` lies; a later mount covers one at the same point."""
    found = [mount for mount in parse(mountinfo) if path.is_relative_to(mount.point)]
    deepest = max(found, key=lambda mount: len(mount.point.parts), default=Mount(Path("/"), "unknown"))
    return [mount.kind for mount in found if mount.point == deepest.point][-1] if found else deepest.kind


def _unescaped(point: str) -> str:
    """The kernel writes white space and backslashes as octal numbers."""
    return _OCTAL.sub(lambda match: chr(int(match[1], 8)), point)

"""Who listens on which port, read from the kernel's own files."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_LISTENING = "0A"
_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")


@dataclass(frozen=True)
class Listener:
    """A TCP port on which a process listens; `pid` is None where the process cannot be seen."""

    port: int
    pid: int | None

    @property
    def command(self) -> tuple[str, ...]:
        """The process's arguments; empty if it is gone or cannot be seen."""
        try:
            text = Path(f"/proc/{self.pid}/cmdline").read_text(errors="replace")
        except OSError:
            return ()
        return tuple(text.rstrip("\0").split("\0"))


def listeners(ports: Iterable[int]) -> tuple[Listener, ...]:
    """Those who listen on one of `ports`, on any address, by port."""
    wanted = frozenset(ports)
    inodes: dict[str, int] = {}
    for table in map(Path, _TABLES):
        inodes |= listening_inodes(table.read_text(), wanted) if table.exists() else {}
    holders = _holders(frozenset(inodes)) if inodes else {}
    found = {Listener(port, holders.get(inode)) for inode, port in inodes.items()}
    return tuple(sorted(found, key=lambda each: (each.port, each.pid or 0)))


def listening_inodes(table: str, ports: frozenset[int]) -> dict[str, int]:
    """Socket inodes that listen on one of `ports`, from the text of /proc/net/tcp or tcp6."""
    rows = [line.split() for line in table.splitlines()[1:]]
    local = [(row[9], int(row[1].rpartition(":")[2], 16)) for row in rows if row[3] == _LISTENING]
    return {inode: port for inode, port in local if port in ports}


def _holders(inodes: frozenset[str]) -> dict[str, int]:
    """The process that holds each socket."""
    found: dict[str, int] = {}
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            target = str(descriptor.readlink())
        except OSError:
            continue
        inode = target.removeprefix("socket:[").removesuffix("]")
        if inode in inodes:
            found[inode] = int(descriptor.parts[2])
    return found

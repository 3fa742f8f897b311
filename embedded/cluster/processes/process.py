"""Start, recognise and end long-lived processes.

A process is known by its pid *and* its start time, so a recycled pid is never taken for ours. Every process
carries `MARKER` in its environment: what was started but never noted (its starter was killed) is still found.
"""

import hashlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from embedded.cluster.files import write_atomically

MARKER = "EMOTION_SERVING_EMBEDDED"
LOG_LIMIT = 20_000_000
UMASK = 0o022  # pods run as other users than the daemons that make their files


@dataclass(frozen=True)
class Identity:
    """One process of one boot of the machine; `fingerprint` tells what it was started with."""

    pid: int
    start_ticks: int
    boot_id: str
    fingerprint: str


def boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def start_ticks(pid: int) -> int | None:
    """Start time of a process in clock ticks since boot; None if there is none, or only its zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return parse_start_ticks(stat)


def parse_start_ticks(stat: str) -> int | None:
    """Field 22 of proc(5) `stat`; None for a zombie. The command name before it may hold blanks and brackets.

    A zombie that still has threads (field 20) is not gone: these hold its sockets a moment longer.
    """
    fields = stat[stat.rindex(")") + 2 :].split()
    state, threads, ticks = fields[0], int(fields[17]), int(fields[19])
    return None if state in "Xx" or (state == "Z" and threads <= 1) else ticks


def is_alive(identity: Identity) -> bool:
    return identity.boot_id == boot_id() and start_ticks(identity.pid) == identity.start_ticks


def fingerprint(argv: Iterable[str], files: Iterable[Path]) -> str:
    """Digest of a command line and of the files it reads: when it changes, the process is out of date."""
    digest = hashlib.sha256("\0".join(argv).encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def read_identity(pid_file: Path) -> Identity | None:
    """What the pid file says, or None if it is missing or cannot be read as one."""
    try:
        return Identity(**json.loads(pid_file.read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def spawn(
    argv: tuple[str, ...], environment: dict[str, str], log: Path, pid_file: Path, fingerprint: str
) -> Identity:
    """Start a process that outlives us, holds none of our descriptors and is noted in `pid_file`."""
    rotate(log)
    with log.open("ab") as output:
        child = subprocess.Popen(
            argv,
            cwd="/",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            umask=UMASK,
        )
    identity = Identity(child.pid, start_ticks(child.pid) or 0, boot_id(), fingerprint)
    write_atomically(pid_file, json.dumps(asdict(identity)).encode())
    return identity


def rotate(log: Path) -> None:
    """Keep one older file beside a log that has grown beyond LOG_LIMIT bytes."""
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".old.log"))


def marked(value: str) -> Iterator[int]:
    """Pids of all living processes whose environment holds `MARKER=value`."""
    wanted = f"{MARKER}={value}".encode()
    for entry in Path("/proc").iterdir():
        if (
            entry.name.isdigit()
            and wanted in _environment(entry)
            and start_ticks(int(entry.name)) is not None
        ):
            yield int(entry.name)


def _environment(entry: Path) -> list[bytes]:
    try:
        return (entry / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


def command_line(pid: int) -> tuple[str, ...]:
    """The arguments of a process; empty if it is gone."""
    try:
        text = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ()
    return tuple(text.rstrip("\0").split("\0")) if text else ()


def terminate(pids: Iterable[int], grace: float) -> None:
    """SIGTERM, then SIGKILL to whoever is left after `grace` seconds (0: at once); waits for their end.

    The start times are taken first, so that a pid recycled while we wait is left alone.
    """
    targets = {pid: ticks for pid in pids if (ticks := start_ticks(pid)) is not None}
    if grace:
        _signal(targets, signal.SIGTERM)
        _wait(targets, grace)
    _signal(targets, signal.SIGKILL)
    _wait(targets, 10)


def _signal(targets: dict[int, int], number: signal.Signals) -> None:
    for pid, ticks in targets.items():
        if start_ticks(pid) == ticks:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue


def _wait(targets: dict[int, int], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and any(start_ticks(pid) == ticks for pid, ticks in targets.items()):
        time.sleep(0.02)

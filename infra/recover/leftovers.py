"""Programs of a killed Pulumi that live on: its plugins and language host, each of them a group of its own.

They would go on with what they had begun, and nobody would record it.
"""

import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from stack.files import ROOT

PROC = Path("/proc")
NAMES = ("pulumi-resource-", "pulumi-language-")
SECONDS = 5.0


@dataclass(frozen=True)
class Program:
    """A process of this project's Pulumi, or of another program: then `ours` is false."""

    pid: int
    parent: int
    name: str
    ours: bool


def orphans(known: Mapping[int, Program]) -> list[Program]:
    """Programs of our Pulumi that have no Pulumi above them any more."""
    return [each for each in known.values() if each.ours and not any(_above(each, known))]


def _above(program: Program, known: Mapping[int, Program]) -> Iterator[bool]:
    seen = set[int]()
    while (parent := known.get(program.parent)) and parent.pid not in seen:
        seen.add(parent.pid)
        yield parent.name == "pulumi"
        program = parent


def look(proc: Path = PROC, root: Path = ROOT) -> dict[int, Program]:
    """The processes of this machine; none on a system without /proc."""
    found = (_read(folder, root) for folder in proc.glob("[0-9]*"))
    return {each.pid: each for each in found if each}


def _read(folder: Path, root: Path) -> Program | None:
    try:
        state = (folder / "stat").read_text()
        words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
        place = (folder / "cwd").readlink()
    except OSError:  # it has ended, or is another user's
        return None
    name, rest = state[state.index("(") + 1 : state.rindex(")")], state[state.rindex(")") + 2 :].split()
    if rest[0] == "Z":
        return None
    ours = place.is_relative_to(root) and any(Path(word).name.startswith(NAMES) for word in words)
    return Program(int(folder.name), int(rest[1]), name, ours)


def end() -> list[str]:
    """End them all; the names of those that there were."""
    ended, limit = list[str](), time.monotonic() + SECONDS
    while (found := orphans(look())) and time.monotonic() < limit:
        for each in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(each.pid, signal.SIGKILL)
        ended += [each.name for each in found if each.name not in ended]
        time.sleep(0.1)
    return ended

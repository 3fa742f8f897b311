"""What one look into a serving container tells: shell to run there, its text out, frozen values of it.

The text has sections, each after a line `@@ NAME ARGUMENT`; a server may add its own to SCRIPT's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MARK = "@@ "
# Only what the smallest of the images has: sh and coreutils, sed and grep.
SCRIPT = r"""
for process in /proc/[0-9]*; do
    pid=${process#/proc/}
    [ "$pid" = "$$" ] && continue
    [ -r "$process/cmdline" ] || continue
    echo "@@ command $pid"; tr '\000' '\n' <"$process/cmdline"
    echo "@@ threads $pid"; sed -n 's/^Threads:[^0-9]*//p' "$process/status"
    echo "@@ openmp $pid"; tr '\000' '\n' <"$process/environ" | grep '^OMP_'
done 2>/dev/null
cgroup=/sys/fs/cgroup
echo "@@ cpu"
cat $cgroup/cpu.max 2>/dev/null || cat $cgroup/cpu/cpu.cfs_quota_us $cgroup/cpu/cpu.cfs_period_us 2>/dev/null
echo "@@ memory"
cat $cgroup/memory.max 2>/dev/null || cat $cgroup/memory/memory.limit_in_bytes 2>/dev/null
"""
END = "exit 0\n"  # whatever the last command found


class UnreadableError(ValueError):
    """The look lacks something; the message names it."""


def last_line(text: str) -> str:
    """What a program that failed said last: a traceback's reason, without its way."""
    return next((line.strip()[:200] for line in reversed(text.splitlines()) if line.strip()), "")


@dataclass(frozen=True)
class Process:
    """One process of the container; `openmp` are its variables OMP_…, which numeric libraries obey."""

    pid: int
    command: tuple[str, ...]
    threads: int | None
    openmp: Mapping[str, str]


@dataclass(frozen=True)
class Limits:
    """The container's cgroup limits: CPU in cores, memory in bytes; None where there is none."""

    cores: float | None
    memory: int | None


@dataclass(frozen=True)
class Reading:
    """All that was found in one container; `more` are the sections that the server itself added."""

    processes: tuple[Process, ...]
    limits: Limits
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def flags(self) -> dict[str, str]:
        """The flags of process 1."""
        return command_flags(next(process.command for process in self.processes if process.pid == 1))


def parse(output: str) -> Reading:
    """What SCRIPT and a server's own look printed. Raises UnreadableError."""
    sections = _sections(output)
    processes = tuple(
        _process(int(argument), lines, sections)
        for (name, argument), lines in sections.items()
        if name == "command"
    )
    if not any(process.pid == 1 for process in processes):
        raise UnreadableError("the command line of process 1 cannot be read")
    more = {name: "\n".join(lines) for (name, argument), lines in sections.items() if not argument}
    return Reading(processes, Limits(_cores(sections), _memory(sections)), more)


def command_flags(command: Sequence[str]) -> dict[str, str]:
    """`--name=value` → {name: value}, a bare `--name` → {name: ""}; the last one wins, as in the servers."""
    pairs = (word[2:].partition("=") for word in command if word.startswith("--"))
    return {name: value for name, _, value in pairs}


Sections = Mapping[tuple[str, str], tuple[str, ...]]


def _sections(output: str) -> Sections:
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    head, *blocks = f"\n{output}".split(f"\n{MARK}")
    if head.strip() or not blocks:
        raise UnreadableError(f"expected sections, got {output[:200]!r}")
    for block in blocks:
        title, *lines = block.splitlines()
        name, _, argument = title.partition(" ")
        found[name, argument] = tuple(lines)
    return found


def _process(pid: int, command: tuple[str, ...], sections: Sections) -> Process:
    threads = "".join(sections.get(("threads", str(pid)), ()))
    variables = (line.partition("=") for line in sections.get(("openmp", str(pid)), ()))
    return Process(
        pid=pid,
        command=command,
        threads=int(threads) if threads.isdigit() else None,
        openmp={name: value for name, _, value in variables},
    )


def _cores(sections: Sections) -> float | None:
    """cgroup v2: `cpu.max` = "QUOTA PERIOD"; v1: two files. "max" and -1 mean no limit."""
    words = " ".join(sections.get(("cpu", ""), ())).split()
    if len(words) != 2:
        raise UnreadableError("the cgroup's CPU limit cannot be read")
    quota, period = words
    return None if quota in ("max", "-1") else int(quota) / int(period)


def _memory(sections: Sections) -> int | None:
    """cgroup v2: `memory.max`; v1: `memory.limit_in_bytes`, whose "no limit" is nearly 2^63."""
    words = " ".join(sections.get(("memory", ""), ())).split()
    if len(words) != 1:
        raise UnreadableError("the cgroup's memory limit cannot be read")
    return None if words[0] == "max" or int(words[0]) > 2**62 else int(words[0])

"""What a serving pod really does: the text of the probe in, frozen values out.

The probe's text has sections, each after a line `@@ NAME ARGUMENT`; see `bench.inspect.PROBE`.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.objects import items, text, whole

MARK = "@@ "
TRUE = ("", "true", "1", "t", "yes")  # how a boolean flag is switched on
WORKER = "model_service_worker.py"  # the program of a TorchServe worker, in every version


class UnreadableError(ValueError):
    """The probe's answer lacks something; the message names it."""


@dataclass(frozen=True)
class Process:
    """One process of the container; `openmp` are its variables OMP_…, which PyTorch's threads obey."""

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
class Probe:
    """All that the probe found in one container."""

    processes: tuple[Process, ...]
    limits: Limits
    batching_file: str
    management: str


@dataclass(frozen=True)
class TensorFlowServer:
    """TensorFlow Serving as it runs. `batching` holds the batching file's values; None while it is off."""

    flags: Mapping[str, str]
    batching: Mapping[str, int] | None


@dataclass(frozen=True)
class TorchServer:
    """TorchServe as it runs: the management API's word on the model, and each worker's OpenMP variables."""

    min_workers: int
    max_workers: int
    batch_size: int
    max_batch_delay_millis: int
    workers: tuple[str, ...]
    openmp: tuple[Mapping[str, str], ...]


def parse(output: str) -> Probe:
    """The probe's answer. Raises UnreadableError."""
    sections = _sections(output)
    processes = tuple(
        _process(int(argument), lines, sections)
        for (name, argument), lines in sections.items()
        if name == "command"
    )
    if not any(process.pid == 1 for process in processes):
        raise UnreadableError("the command line of process 1 cannot be read")
    return Probe(
        processes=processes,
        limits=Limits(_cores(sections), _memory(sections)),
        batching_file="\n".join(sections.get(("batching", ""), ())),
        management="\n".join(sections.get(("management", ""), ())),
    )


def tensorflow(probe: Probe) -> TensorFlowServer:
    """TensorFlow Serving's state. Raises UnreadableError."""
    flags = command_flags(next(process.command for process in probe.processes if process.pid == 1))
    if flags.get("enable_batching", "false") not in TRUE:
        return TensorFlowServer(flags, None)
    if not probe.batching_file.strip():
        raise UnreadableError(f"batching file {flags.get('batching_parameters_file', '(none)')} is empty")
    return TensorFlowServer(flags, batching_values(probe.batching_file))


def torchserve(probe: Probe) -> TorchServer:
    """TorchServe's state. Raises UnreadableError."""
    try:
        versions = json.loads(probe.management)
    except json.JSONDecodeError as error:
        raise UnreadableError(f"the management API answered {probe.management[:200]!r}") from error
    if not isinstance(versions, list) or len(versions) != 1:
        raise UnreadableError(f"expected one version of the model, got {probe.management[:200]!r}")
    model = versions[0]
    return TorchServer(
        min_workers=_number(model, "minWorkers"),
        max_workers=_number(model, "maxWorkers"),
        batch_size=_number(model, "batchSize"),
        max_batch_delay_millis=_number(model, "maxBatchDelay"),
        workers=tuple(text(worker, "status") for worker in items(model, "workers")),
        openmp=tuple(
            process.openmp for process in probe.processes if any(WORKER in w for w in process.command)
        ),
    )


def command_flags(command: Sequence[str]) -> dict[str, str]:
    """`--name=value` → {name: value}, a bare `--name` → {name: ""}; the last one wins, as in the server."""
    pairs = (word[2:].partition("=") for word in command if word.startswith("--"))
    return {name: value for name, _, value in pairs}


def batching_values(proto: str) -> dict[str, int]:
    """The wrapped whole numbers of a BatchingParameters text proto (session_bundle_config.proto)."""
    bare = re.sub(r"#[^\n]*", "", proto)
    found = re.findall(r"(\w+)\s*:?\s*[{<]\s*value\s*:\s*(-?\d+)\s*[}>]", bare)
    return {name: int(value) for name, value in found}


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


def _number(model: object, key: str) -> int:
    found = whole(model, key)
    if found is None:
        raise UnreadableError(f"the management API does not tell {key}")
    return found

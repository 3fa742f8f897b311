"""Service times in process: what the model costs without a server."""

from dataclasses import dataclass

SCHEMA = 1


@dataclass(frozen=True)
class ServiceTime:
    """Decode and model in process, for a number of rows at once; the whole call in ms."""

    rows: int
    calls: int
    p50_millis: float


@dataclass(frozen=True)
class Baseline:
    """What the model costs without a server: the same runtime, threads and photos, in a process of its own.

    `where` says in which container or environment it ran; `threads` are those within an operation.
    """

    schema: int
    experiment: str
    arm: str
    stack: str
    server: str
    block: int
    runtime: str
    threads: int
    where: str
    times: tuple[ServiceTime, ...]

"""A load that was sent: what the generator leaves to whoever makes figures of it."""

from dataclasses import dataclass

from bench.load.plan import Plan
from bench.records.samples import Sample

# Where the generator shares its cores with the server it must not wait for them when a request is due; it
# uses little of them. Without the right to it, nice(1) goes on with the usual priority.
NICENESS = -10


@dataclass(frozen=True)
class Segment:
    """What one of several generators sent, and what that took on its node, which has so many `cpus`.

    `beside`: pods of the server ran on that node. `clock_millis`: how far its clock was ahead of the
    bench's. `cpu_seconds` are from the load's start on.
    """

    node: str
    cpus: float
    beside: bool
    cpu_seconds: float
    clock_millis: float
    samples: tuple[Sample, ...]


@dataclass(frozen=True)
class Outcome:
    """A load that was sent. `planned` requests (None: closed load); `samples` in the order of their answers.

    `began` is the Unix time (s) of the generator's start, known to within a poll's few ms. `stopped`: its
    watch ended it. `fault` says how k6 failed, empty if it did not; `cpu_seconds` are its own, over
    `wall_seconds`, from the first answer on: what it takes to begin harms nobody. `generator` names it where
    it is not this machine's k6, and `segments` are those of several generators.
    """

    plan: Plan
    samples: tuple[Sample, ...]
    planned: int | None
    interrupted: bool
    fault: str
    cpu_seconds: float
    wall_seconds: float
    stopped: bool = False
    began: float = 0.0
    generator: str = ""
    segments: tuple[Segment, ...] = ()

    @property
    def cut_short(self) -> bool:
        """It did not come to its planned end."""
        return bool(self.interrupted or self.stopped or self.fault)

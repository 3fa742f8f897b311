"""What several generators saw, as one load. Pure but for the files it listens to."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.load.outcome import Outcome, Segment
from bench.load.plan import Plan
from bench.records.samples import Sample, Tail
from bench.segments.objects import image
from bench.segments.placement import Node
from bench.segments.told import Place, fault


@dataclass
class Heard:
    """The samples of every generator so far, each from a file of its own."""

    tails: Sequence[Tail]
    parts: list[list[Sample]] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    stopped: bool = False
    interrupted: bool = False

    def __post_init__(self) -> None:
        self.parts = [[] for _ in self.tails]

    def listen(self) -> None:
        """Read what is new."""
        for tail, part in zip(self.tails, self.parts, strict=True):
            new = tail.new()
            part.extend(new)
            self.samples.extend(new)


@dataclass(frozen=True)
class Placed:
    """Where a generator was. `beside`: pods of the server ran on its node. `offset`: of its clock, s."""

    place: Place
    node: Node | None
    beside: bool
    offset: float


def together(plan: Plan, placed: Sequence[Placed], heard: Heard, start: float) -> Outcome:
    """One outcome of all segments; `start` is the Unix time (s) at which their common time began."""
    segments = tuple(_segment(each, part) for each, part in zip(placed, heard.parts, strict=True))
    meant = heard.stopped or heard.interrupted
    return Outcome(
        plan=plan,
        samples=tuple(sorted(heard.samples, key=lambda sample: sample.ended)),
        planned=len(plan.schedule()),
        interrupted=heard.interrupted,
        fault="" if meant else fault([each.place for each in placed]),
        cpu_seconds=round(sum(each.cpu_seconds for each in segments), 3),
        wall_seconds=max((each.ended for each in heard.samples), default=plan.end_millis) / 1000,
        stopped=heard.stopped,
        began=start,
        generator=image(),
        segments=segments,
    )


def _segment(placed: Placed, samples: Sequence[Sample]) -> Segment:
    ended = placed.place.ended
    return Segment(
        node=placed.place.node,
        cpus=placed.node.cpus if placed.node else 1.0,
        beside=placed.beside,
        cpu_seconds=ended.cpu_seconds if ended else 0.0,
        clock_millis=round(placed.offset * 1000, 1),
        samples=tuple(samples),
    )

"""What one run says by itself: the objective at each rate, what was short, how much longer it should be."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.analysis.loads import usage
from bench.records.estimates import needed_for_estimate, percentile
from bench.records.parts import TRIALS
from bench.records.profile import Closed, Open
from bench.records.run import Machine, Stretch, Summary
from bench.records.samples import LEAD_SECONDS, OK, Sample
from bench.trial.capacity import misses
from bench.trial.summarise import SHARES, WIDTHS

WINDOWS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)  # s
MOST_WINDOWS = 60
BUSY = 0.9  # of the machine's CPU: nothing is left
HELD_BACK = 0.1  # of the CFS periods
LONG_WAIT = 0.5  # of the time in the server


@dataclass(frozen=True)
class Shortfall:
    """A percentile that needs more answers: those there are, those needed, and the seconds that they take."""

    name: str
    answers: int
    needed: int
    seconds: int


@dataclass(frozen=True)
class Judged:
    """A stretch of one rate (requests/s; None for users who wait and for traces), and what it misses."""

    rate: float | None
    stretch: Stretch
    missed: tuple[str, ...]
    short: tuple[Shortfall, ...]


@dataclass(frozen=True)
class Instant:
    """What was due from `start` to `end`, in s since the load's start; latencies in ms of good answers."""

    start: float
    end: float
    requests: int
    failed: int
    p50: float | None
    p95: float | None


def judged(made: Summary) -> tuple[Judged, ...]:
    """Each rate of a run beside its objective, in the order in which they were offered."""
    return tuple(
        Judged(rate, part, misses(part, made.slo), shortfalls(part)) for rate, part in _stretches(made)
    )


def _stretches(made: Summary) -> Iterator[tuple[float | None, Stretch]]:
    profile = made.profile
    if not isinstance(profile, Open):
        yield None, made.total
    elif made.part in TRIALS:
        yield profile.phases[-1].rate, made.judged
    else:
        yield from ((phase.rate, part) for phase, part in zip(profile.phases, made.phases, strict=False))


def shortfalls(part: Stretch) -> tuple[Shortfall, ...]:
    """The percentiles that the answers are too few to state; none where nothing was answered.

    The seconds suffice also where as few requests arrive as two standard deviations below the mean.
    """
    answers = part.outcomes.get(str(OK), 0)
    needs = {name: needed_for_estimate(SHARES[name], width) for name, width in WIDTHS.items()}
    return tuple(
        Shortfall(
            name, answers, need, math.ceil((need + 2 * math.sqrt(need) - answers) * part.seconds / answers)
        )
        for name, need in needs.items()
        if 0 < answers < need
    )


def instants(made: Summary, samples: Sequence[Sample]) -> tuple[Instant, ...]:
    """A run in at most 60 windows of one length; the last one ends with the load, whole or not."""
    seconds, lead = made.total.seconds, 0.0 if isinstance(made.profile, Closed) else LEAD_SECONDS
    width = next((each for each in WINDOWS if seconds <= each * MOST_WINDOWS), seconds / MOST_WINDOWS)
    groups: list[list[Sample]] = [[] for _ in range(max(1, math.ceil(seconds / width)))]
    for sample in samples:
        place = int((sample.due / 1000 - lead) // width)
        if 0 <= place < len(groups):
            groups[place].append(sample)
    return tuple(
        _instant(number * width, min(seconds, (number + 1) * width), group)
        for number, group in enumerate(groups)
    )


def _instant(start: float, end: float, group: Sequence[Sample]) -> Instant:
    good = sorted(sample.latency for sample in group if sample.good)
    middle, high = (percentile(good, share) if good else None for share in (0.50, 0.95))
    return Instant(start, end, len(group), len(group) - len(good), middle, high)


def bounds(made: Summary) -> tuple[str, ...]:
    """What was short, so that latency grew or the rate did not; empty where nothing was seen to be."""
    return tuple(_bounds(made))


def _bounds(made: Summary) -> Iterator[str]:
    yield from made.overload
    used, share = usage([made]), busy(made.machine)
    if used.throttled is not None and used.throttled > HELD_BACK:
        yield f"the pods' CPU limit: throttled in {100 * used.throttled:.0f} % of all periods of 100 ms"
    if share is not None and share > BUSY:
        yield f"the machine's CPU: {100 * share:.0f} % of it was in use"
    if used.queue_millis and used.queue_millis > LONG_WAIT * (used.service_millis or 0.0):
        yield f"the wait for a batch or a worker: {used.queue_millis:.1f} ms (mean)"


def busy(machine: Machine | None) -> float | None:
    """The share of the machine's CPU in use; None where it was not seen."""
    return machine.busy / (machine.cpus * machine.wall_seconds) if machine else None

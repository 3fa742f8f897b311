"""What people see of a load: a line every 5 s while it runs, the figures at its end."""

import sys
from collections.abc import Sequence

from bench.load.plan import Plan
from bench.records.estimates import Estimate, percentile
from bench.records.run import Segment, Stretch, Summary
from bench.records.samples import Sample

EVERY_MILLIS = 5000.0


class Progress:
    """Prints a line to standard error for every 5 s of a load; as a watch it never ends the load."""

    def __init__(self, what: str, plan: Plan) -> None:
        self._what, self._plan, self._next, self._seen = what, plan, EVERY_MILLIS, 0

    def __call__(self, samples: Sequence[Sample]) -> bool:
        now = (samples[-1].ended if samples else 0.0) - self._plan.start_millis
        if now >= self._next:
            print(self._line(samples[self._seen :], now), file=sys.stderr, flush=True)
            self._seen, self._next = len(samples), now - now % EVERY_MILLIS + EVERY_MILLIS
        return False

    def _line(self, new: Sequence[Sample], now: float) -> str:
        good = sorted(sample.latency for sample in new if sample.good)
        p95 = f"p95 {percentile(good, 0.95):.1f} ms" if good else "no good answer"
        bad = f", {len(new) - len(good)} failed" if len(new) > len(good) else ""
        time = f"{now / 1000:4.0f} / {self._plan.profile.seconds:g} s"
        return f"{self._what}: {time}: {len(good)} answers, {p95}{bad}"


def shown(made: Sequence[Summary]) -> str:
    """A paragraph for each run."""
    return "\n\n".join(_paragraph(each) for each in made)


def _paragraph(made: Summary) -> str:
    obtained, generator = made.obtained, made.generator
    lines = [
        f"{made.stack} / {made.server} (Server header: {obtained.server_says})",
        f"  {obtained.load}; warm-up {obtained.warm_up_seconds:g} s; seed {made.seed}",
        *([f"  answers: {obtained.answers}"] if obtained.answers else []),
        *(_part(f"phase {number}", each) for number, each in enumerate(made.phases, 1) if made.phases[1:]),
        _part("whole", made.total),
        f"  generator: {generator.name}, lag p50 {generator.lag_p50:g} ms, p99 {generator.lag_p99:g} ms, "
        f"{generator.cpu_share:.1%} of {obtained.cpus} CPUs"
        + (", on the server's own machine" if obtained.same_machine else ""),
        *(_segment(number, each) for number, each in enumerate(generator.segments, 1)),
        *(f"  VOID: {reason}" for reason in made.void),
    ]
    return "\n".join(lines)


def _segment(number: int, own: Segment) -> str:
    beside = ", beside the server" if own.beside else ""
    return (
        f"  segment {number}: node {own.node}{beside}, {own.requests} requests, lag p50 {own.lag_p50:g} ms, "
        f"p99 {own.lag_p99:g} ms, {own.cpu_share:.1%} of {own.cpus:g} CPUs, clock {own.clock_millis:+g} ms"
    )


def _part(name: str, part: Stretch) -> str:
    offered = "" if part.offered_rate is None else f"offered {part.offered_rate:g}/s, "
    outcomes = ", ".join(f"{count} × {status}" for status, count in part.outcomes.items())
    compared = f"; {part.wrong} of {part.checked} compared answers are wrong" if part.checked else ""
    in_time = "" if part.goodput is None else f", {part.goodput:g}/s within the objective for p95"
    text = f"  {name}: {offered}achieved {part.achieved_rate:g}/s{in_time}; status {outcomes}{compared}"
    if part.latency is None:
        return text
    figures = ", ".join(f"{name} {_interval(each)}" for name, each in part.latency.percentiles.items())
    few = "".join(f"\n  too few to claim a {name}: {count}" for name, count in part.latency.too_few.items())
    return f"{text}\n  latency, ms: {figures}, max {part.latency.max:g}{few}"


def _interval(estimate: Estimate) -> str:
    low, high = (("…" if end is None else f"{end:.1f}") for end in (estimate.low, estimate.high))
    return f"{estimate.value:.1f} [{low}, {high}]"

"""What voids a run, and how a server did not keep up, each with the reason. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bench.load.outcome import Outcome
from bench.records.parts import MAY_OVERLOAD
from bench.records.profile import Closed, Open
from bench.records.run import Generator, Little, Machine, Summary
from bench.trial.summarise import horizon

MOST_OTHERS = 0.25  # of the machine: neither serving nor generating load
MOST_STOLEN = 0.05  # of the machine, by its host


@dataclass(frozen=True)
class Bounds:
    """What a generator may do: lag p99 in ms, and its share of the machine's CPU."""

    lag: float = 1.0
    cpu_share: float = 0.10


USUAL = Bounds()
# Where a rate nears what the machine holds, arrivals of one moment wait for each other and a core. Latency
# counts from the scheduled send, so that a trial or a step judges more severely by that much.
AT_CAPACITY = Bounds(lag=5.0, cpu_share=0.20)


def allowed(part: str) -> Bounds:
    """What the generator may do in a part of a visit."""
    return AT_CAPACITY if part in MAY_OVERLOAD else USUAL


@dataclass(frozen=True)
class Conditions:
    """What was seen around a load. Restarts are of each pod, by name; `mismatches` name settings."""

    stationary: bool
    pods_may_go: bool
    restarts_before: Mapping[str, int]
    restarts_after: Mapping[str, int]
    mismatches: tuple[str, ...]
    bounds: Bounds = USUAL


def void(outcome: Outcome, made: Generator, machine: Machine | None, seen: Conditions) -> tuple[str, ...]:
    """Every reason why the measurement itself is no good; empty for a good one."""
    return (*_cut_short(outcome), *_generator(made, seen.bounds), *_machine(machine), *_conditions(seen))


def overload(outcome: Outcome, made: Generator, law: Little | None) -> tuple[str, ...]:
    """How the server did not keep up with the load; empty if it did."""
    return (*_connections(made), *_queue(outcome, law))


def _cut_short(outcome: Outcome) -> Iterable[str]:
    if outcome.interrupted:
        done, whole = horizon(outcome) - outcome.plan.start_millis, outcome.plan.profile.seconds
        yield f"interrupted after {done / 1000:.1f} s of {whole:g} s"
    if outcome.fault:
        yield outcome.fault


def _generator(made: Generator, bounds: Bounds) -> Iterable[str]:
    if made.dropped and not made.waited:
        yield f"{made.dropped} requests were never sent"
    yield from _late(made, bounds)


def _late(made: Generator, bounds: Bounds) -> Iterable[str]:
    for where, lag in _lags(made):
        if lag > bounds.lag:
            yield f"the generator{where} sent late: lag p99 {lag:g} ms > {bounds.lag:g} ms"


def _lags(made: Generator) -> Iterable[tuple[str, float]]:
    """Of the one generator, or of each by its place."""
    for number, each in enumerate(made.segments, 1):
        yield f" of segment {number} (node {each.node})", each.lag_p99
    if not made.segments:
        yield "", made.lag_p99


def generator_limit(made: Generator, bounds: Bounds) -> tuple[str, ...]:
    """Why the generator cannot send more beside the servers; a search of the capacity ends there."""
    if made.cpu_share <= bounds.cpu_share:
        return ()
    whose = "a server's node's" if made.segments else "the machine's"
    return (f"the generator took {made.cpu_share:.0%} of {whose} CPU > {bounds.cpu_share:.0%}",)


def only_late(trial: Summary) -> bool:
    """Whether a trial is void for nothing but a generator that sent late."""
    return bool(trial.void) and trial.void == tuple(_late(trial.generator, AT_CAPACITY))


def _machine(machine: Machine | None) -> Iterable[str]:
    if machine is None:
        return
    whole = machine.cpus * machine.wall_seconds
    if machine.others > MOST_OTHERS * whole:
        yield f"other programs took {machine.others / whole:.0%} of the machine's CPU > {MOST_OTHERS:.0%}"
    if machine.stolen > MOST_STOLEN * whole:
        yield f"the machine's host took {machine.stolen / whole:.0%} of its CPU > {MOST_STOLEN:.0%}"


def _connections(made: Generator) -> Iterable[str]:
    if made.waited:
        yield (
            f"{made.waited} requests found all {made.connections} connections busy: "
            "the server did not keep up with the rate"
        )
    if made.waited and made.dropped:
        yield f"{made.dropped} requests had no free connection to the end, and were never sent"


def _queue(outcome: Outcome, law: Little | None) -> Iterable[str]:
    if outcome.stopped:
        yield "ended early: too many requests were too slow for the objective to be met any more"
    if law is None or not any(sample.good for sample in outcome.samples):
        yield "no request was answered with status 200"
    elif not law.holds and _one_rate(outcome):
        yield f"Little's law is violated by {law.error:.1%}: the queue was not steady"


def _one_rate(outcome: Outcome) -> bool:
    profile = outcome.plan.profile
    if isinstance(profile, Open):
        return len({phase.rate for phase in profile.phases}) == 1
    return isinstance(profile, Closed)


def _conditions(seen: Conditions) -> Iterable[str]:
    if not seen.stationary:
        yield "not stationary: the warm-up did not settle within its time"
    for mismatch in seen.mismatches:
        yield f"setting not effective: {mismatch}"
    for pod, before in seen.restarts_before.items():
        after = seen.restarts_after.get(pod)
        if after is None and not seen.pods_may_go:
            yield f"pod {pod} is gone"
        if after is not None and after > before:
            yield f"pod {pod} restarted"

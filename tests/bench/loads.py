"""Samples and outcomes of loads, made by hand."""

from collections.abc import Iterable

from bench.load.outcome import Outcome
from bench.load.plan import Plan
from bench.records.profile import Open, Phase, Profile
from bench.records.samples import Sample

START = 1000.0
STEADY = Open((Phase(rate=10.0, seconds=60.0),))


def sample(due: float, latency: float = 20.0, status: int = 200, lag: float = 0.0) -> Sample:
    """A request due at a time (ms), for which a connection was free."""
    return Sample(0, due, due - 50, due + lag, due + latency, status, 0)


def evenly(rate: float, seconds: float, latency: float = 20.0) -> tuple[Sample, ...]:
    """Equally spaced requests from the start on."""
    return tuple(sample(START + number * 1000 / rate, latency) for number in range(int(rate * seconds)))


def plan(profile: Profile = STEADY) -> Plan:
    """A plan with one body."""
    return Plan(profile, "http://127.0.0.1:1/", (b"{}",), seed=0)


def outcome(
    samples: Iterable[Sample] | None = None,
    profile: Profile = STEADY,
    *,
    interrupted: bool = False,
    fault: str = "",
    cpu_seconds: float = 1.0,
) -> Outcome:
    """A load whose every planned request was answered after 20 ms, unless samples are given."""
    made = plan(profile)
    answered = [sample(due) for due, _ in made.schedule()] if samples is None else samples
    return Outcome(made, tuple(answered), len(made.schedule()), interrupted, fault, cpu_seconds, 60.0)

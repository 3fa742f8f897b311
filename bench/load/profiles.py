"""Load profiles by name, and the seeded schedule of an open load."""

import random
from collections.abc import Sequence

from bench.errors import LoadError
from bench.records.parts import TRACE
from bench.records.profile import Closed, Open, Phase, Profile, Trace

RATE_SECONDS, STEP_SECONDS, SOAK_SECONDS = 60.0, 180.0, 3600.0
LOW_SHARE = 0.2  # of a step's rate, before and after it

# One request in flight: what a single request costs, without a queue.
SERIAL_SECONDS = 15.0
# A trial's rate is brought up for so long before it counts.
LEAD_SECONDS = 2.0

# 25 virtual users for 2 minutes, each sleeping 1 s after each answer: the thesis's k6 script.
THESIS = Closed(users=25, seconds=120.0, think_seconds=1.0)


def rate(rates: Sequence[float], seconds: float | None) -> Profile:
    """Each rate for `seconds`, by default 60, in the order given."""
    each_seconds = RATE_SECONDS if seconds is None else seconds
    return Open(tuple(Phase(each, each_seconds) for each in rates))


def serial(seconds: float = SERIAL_SECONDS) -> Closed:
    """One user who never thinks."""
    return Closed(users=1, seconds=seconds, think_seconds=0.0)


def trial(rate: float, seconds: float) -> Open:
    """One rate, whose second phase counts."""
    return Open((Phase(rate, LEAD_SECONDS), Phase(rate, seconds)))


def step(rates: Sequence[float], seconds: float | None) -> Profile:
    """Up and down again, for autoscaling: low for 60 s, the rate, low for 360 s (HPA waits 300 s)."""
    (high,) = rates
    return stepping(high, (60.0, STEP_SECONDS if seconds is None else seconds, 360.0))


def stepping(high: float, seconds: tuple[float, float, float]) -> Open:
    """A fifth of the rate, the rate, a fifth again, each for its seconds."""
    before, above, after = seconds
    low = LOW_SHARE * high
    return Open((Phase(low, before), Phase(high, above), Phase(low, after)))


def soak(rates: Sequence[float], seconds: float | None) -> Profile:
    """One rate for long, by default an hour: what leaks or drifts shows."""
    (only,) = rates
    return Open((Phase(only, SOAK_SECONDS if seconds is None else seconds),))


PROFILES = {"rate": rate, "soak": soak, "step": step}
FIXED = {"thesis": THESIS, "serial": serial()}
CAPACITY = "capacity"  # a search: its trials are profiles
NAMES = (*FIXED, CAPACITY, *sorted(PROFILES), TRACE)
# For people: the options that a profile takes, those it may do without in brackets, and what it is.
ABOUT = {
    "rate": ("--rate R … [--seconds S]", "Poisson arrivals at each rate in turn, by default for 60 s"),
    "capacity": (
        "[--rate R] [--seconds S]",
        "searches the highest rate that meets the objective, from R on, in trials of S seconds",
    ),
    "thesis": ("", "25 users for 2 minutes, each sleeps 1 s after each answer"),
    "serial": ("", "one request in flight for 15 s: what a request costs without a queue"),
    "step": (
        "--rate R [--seconds S]",
        "60 s of a fifth of the rate, the rate (180 s), a fifth for 360 s: for autoscalers",
    ),
    "soak": ("--rate R [--seconds S]", "one rate for an hour: what leaks or drifts shows"),
    "trace": (
        "--trace FILE [--bin S]",
        "as many requests as the trace has in each bin of 1 s; [--scale-time X] [--scale-rate X]",
    ),
}


def named(name: str, rates: Sequence[float], seconds: float | None) -> Profile:
    """The profile of a name. Raises LoadError for rates that it does not take, or lacks."""
    if name in FIXED:
        if rates or seconds is not None:
            raise LoadError(
                f"--profile {name}: expected no --rate and no --seconds, got some; leave them out"
            )
        return FIXED[name]
    if not rates or (name != "rate" and len(rates) > 1):
        wanted = "one --rate or more" if name == "rate" else "one --rate"
        raise LoadError(f"--profile {name}: expected {wanted}, got {len(rates)}; give it in requests/s")
    return PROFILES[name](rates, seconds)


def arrivals(load: Open | Trace, seed: int) -> tuple[float, ...]:
    """When each request arrives, in seconds after the start."""
    draw = random.Random(seed)
    return _replayed(load, draw) if isinstance(load, Trace) else _poisson(load, draw)


def _replayed(load: Trace, draw: random.Random) -> tuple[float, ...]:
    """The trace's counts, each at random within its bin: a Poisson process that is known to have as many."""
    return tuple(
        due
        for place, count in enumerate(load.counts)
        for due in sorted((place + draw.random()) * load.bin_seconds for _ in range(count))
    )


def _poisson(load: Open, draw: random.Random) -> tuple[float, ...]:
    """Exponential gaps, new in each phase."""
    start, times = 0.0, list[float]()
    for phase in load.phases:
        due = start + draw.expovariate(phase.rate)
        while due < start + phase.seconds:
            times.append(due)
            due += draw.expovariate(phase.rate)
        start += phase.seconds
    return tuple(times)

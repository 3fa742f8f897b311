"""Candidates played several times each, and their order."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from statistics import fmean, median_low

import numpy as np

from bench.analysis.cost import Prices
from bench.load.profiles import arrivals
from bench.queueing.limit import Floats
from bench.records.estimates import Estimate, over_runs
from bench.records.profile import Open, Phase, Trace
from bench.whatif import measured
from bench.whatif.candidates import Candidate
from bench.whatif.measured import Measured
from bench.whatif.outcome import Outcome, Span, outcome
from bench.whatif.serving import Model
from bench.whatif.simulation import LEAD_SECONDS, Scene, World, play
from stack.quantities import millicores
from stack.settings import Settings

RULE = (
    "First what keeps the objective over the whole load in every playing, the cheapest of it first; then the "
    "rest, by the share of requests beyond the objective, the least first. Of equals the cheaper is first."
)
FIRST_SECONDS = 60.0  # of a trace: their mean rate is that of the lead


@dataclass(frozen=True)
class Forecast:
    """One candidate. `rate`: requests/s at which one pod saturates; `holds`: at which it meets the objective.

    `typical` of its playings is that of the middle number of requests beyond the objective.
    """

    candidate: Candidate
    rate: float
    holds: float
    outcomes: tuple[Outcome, ...]

    @property
    def typical(self) -> Outcome:
        """The middle one."""
        late = [each.late for each in self.outcomes]
        return self.outcomes[late.index(median_low(late))]

    @property
    def kept(self) -> int:
        """In how many playings the objective was kept."""
        return sum(each.kept for each in self.outcomes)

    @property
    def late_share(self) -> float:
        """Of all requests, beyond the objective."""
        return fmean(each.late_share for each in self.outcomes)

    @property
    def cost(self) -> float:
        """In the mean."""
        return fmean(each.cost for each in self.outcomes)

    def mean(self, figure: Callable[[Outcome], float]) -> Estimate:
        """Over playings, with a bootstrap interval."""
        return over_runs([figure(each) for each in self.outcomes])

    @property
    def recovered(self) -> tuple[Estimate | None, int]:
        """Seconds to the objective kept again, over those that did, and how many did not in time."""
        known = [each.recovered for each in self.outcomes if each.recovered is not None]
        return (over_runs(known) if known else None), len(self.outcomes) - len(known)


@dataclass(frozen=True)
class Played:
    """How a load is played: the profile, whether it is a step, how often, from which seed on."""

    load: Open | Trace
    repeats: int
    seed: int
    world: World

    @property
    def span(self) -> Span | None:
        """The high phase of a step."""
        if isinstance(self.load, Trace):
            return None
        low, high = self.load.phases[:2]
        return Span(low.seconds, low.seconds + high.seconds)


def forecast(
    candidate: Candidate, known: Measured, how: Played, dues: Iterable[Floats], prices: Prices
) -> Forecast:
    """Play a load on a candidate, as often as there are `dues`."""
    seconds, outcomes = how.load.seconds, []

    @cache
    def sized(cores: float, pods: int) -> Model:
        wanted = resized(candidate.settings, cores) if cores else candidate.settings
        return measured.model(known, wanted, pods)

    pod = sized(0.0, 1)
    for seed, arrived in enumerate(dues, how.seed):
        made = play(arrived, seconds, Scene(pod, candidate.scaler, how.world, sized), seed)
        outcomes.append(outcome(made, seconds, candidate.settings, prices, how.span))
    holds = measured.capacity(known, candidate.settings)
    return Forecast(candidate, pod.rate, holds, tuple(outcomes))


def resized(wanted: Settings, cores: float) -> Settings:
    """A pod that requests other cores; its limit keeps its proportion."""
    own, request = wanted.resources, round(1000 * cores)
    limit = round(request * millicores(own.cpu_limit) / millicores(own.cpu_request))
    return replace(wanted, resources=replace(own, cpu_request=f"{request}m", cpu_limit=f"{limit}m"))


def around(known: Measured, error: float) -> tuple[Measured, Measured]:
    """The same with a request that costs less and more by a share."""
    less, more = (_dearer(known, 1 + each) for each in (-error, error))
    return less, more


def _dearer(known: Measured, times: float) -> Measured:
    crowded = tuple((pods, cpu * times) for pods, cpu in known.crowded)
    return replace(known, cpu_millis=known.cpu_millis * times, crowded=crowded)


def dues(how: Played) -> tuple[Floats, ...]:
    """Of each playing when requests are due, in s since the load's start, those of the lead before it."""
    return tuple(_due(how.load, seed) for seed in range(how.seed, how.seed + how.repeats))


def _due(load: Open | Trace, seed: int) -> Floats:
    lead = arrivals(Open((Phase(max(first_rate(load), 0.01), LEAD_SECONDS),)), seed)
    return np.array([*(each - LEAD_SECONDS for each in lead), *arrivals(load, seed)])


def first_rate(load: Open | Trace) -> float:
    """Requests/s at a load's beginning."""
    if isinstance(load, Open):
        return load.phases[0].rate
    bins = max(1, min(len(load.counts), round(FIRST_SECONDS / load.bin_seconds)))
    return sum(load.counts[:bins]) / (bins * load.bin_seconds)


def ranked(made: Sequence[Forecast]) -> tuple[Forecast, ...]:
    """By RULE."""
    return tuple(sorted(made, key=_place))


def _place(made: Forecast) -> tuple[bool, float, float]:
    kept = made.kept == len(made.outcomes)
    return not kept, 0.0 if kept else made.late_share, made.cost

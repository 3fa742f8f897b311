"""The forecast of an experiment's steps: every arm, played with the figures known before they begin."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bench.analysis.cost import Prices
from bench.errors import BenchError
from bench.load import plan as sending
from bench.load import profiles
from bench.records.estimates import over_runs
from bench.records.experiment import Arm, Experiment
from bench.records.forecast import SCHEMA, Forecast, Foretold, Left, Playing
from bench.whatif import candidates, measured, ranking
from bench.whatif.measured import Given, Measured, Source
from bench.whatif.outcome import Outcome, Span
from bench.whatif.ranking import Played
from bench.whatif.simulation import RECONNECT_SECONDS, Moment, World
from stack.schema import SettingsError

PLAYINGS = 20

Raw = Mapping[str, object]
"""What a stack's file sets."""


@dataclass(frozen=True)
class Known:
    """What a forecast stands on: experiments of before, and prices; how often each arm is played."""

    sources: tuple[Source, ...]
    prices: Prices
    playings: int = PLAYINGS


def forecast(plan: Experiment, stacks: Mapping[str, Raw], known: Known, made: str) -> Forecast:
    """Every arm of a plan of steps, by the files of its `stacks`; what cannot be played is left, with why."""
    foretold, left = list[Foretold](), list[Left]()
    for arm in plan.arms:
        try:
            foretold.append(_arm(plan, arm, stacks[arm.stack], known))
        except (BenchError, SettingsError) as error:
            left.append(Left(arm.name, " ".join(str(error).split())))
    sources = tuple(f"{each.name}, measured {each.found.conditions.first[:10]}" for each in known.sources)
    return Forecast(SCHEMA, made, plan.seed, known.playings, sources, tuple(foretold), tuple(left))


def _arm(plan: Experiment, arm: Arm, raw: Raw, known: Known) -> Foretold:
    (candidate,) = candidates.of(raw, ())
    wanted = candidate.settings
    (server,) = wanted.servers
    figures = measured.figures(known.sources, arm.stack, wanted, server, Given())
    load = profiles.stepping(plan.budget.step_rate, plan.budget.step_seconds)
    scrape = float(wanted.platform.prometheus.scrape_seconds)
    world = World(RECONNECT_SECONDS, scrape, connections=sending.connections(load))
    how = Played(load, known.playings, plan.seed, world)
    made = ranking.forecast(candidate, figures, how, ranking.dues(how), known.prices)
    recovered, never = made.recovered
    times = decided(made.outcomes, how.span)
    return Foretold(
        arm=arm.name,
        server=server,
        scaler=candidate.scaler.name,
        recovered=recovered,
        not_recovered=never,
        decided=over_runs(times) if times else None,
        requests=made.mean(lambda each: float(each.requests)).value,
        beyond=made.mean(lambda each: float(each.late)),
        pod_seconds=made.mean(lambda each: each.pod_seconds),
        figures=_told(figures, made.rate),
        played=tuple(Playing(each.recovered, each.late) for each in made.outcomes),
    )


def decided(outcomes: Sequence[Outcome], step: Span | None) -> list[float]:
    """Seconds from the step to the first decision for more while the load is high, where there was one."""
    begin, end = (step.begin, step.end) if step else (0.0, 0.0)
    times = (_more(each.moments, begin, end) for each in outcomes)
    return [at - begin for each in times if (at := next(each, None)) is not None]


def _more(moments: Sequence[Moment], begin: float, end: float) -> Iterator[float]:
    """When more pods, or more CPU of each, were asked for."""
    for before, now in pairwise(moments):
        more = now.wanted > before.wanted or now.request > before.request
        if more and begin <= now.at < end:
            yield now.at


def _told(figures: Measured, rate: float) -> dict[str, str]:
    p50, p95, p99 = figures.alone
    values = {
        "request's CPU": figures.cpu,
        "request alone": f"p50 {p50:.4g}, p95 {p95:.4g}, p99 {p99:.4g} ms",
        "pod's start": f"{min(figures.starts):g} to {max(figures.starts):g} s",
        "cores of a node": f"{figures.cores:g}",
    }
    told = {name: f"{value}: {figures.origins[name]}" for name, value in values.items()}
    return {**told, "a pod saturates at": f"{rate:.4g} requests/s, by the capacity model"}

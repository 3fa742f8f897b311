"""A forecast that was kept before an experiment, set beside what its steps then did."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean

from bench.analysis.recovery import Recovery
from bench.records.experiment import Rule
from bench.records.forecast import Forecast, Foretold, Left


@dataclass(frozen=True)
class Judged:
    """One step: its recovery in s (None: not in time) and requests beyond the objective; what was hit."""

    block: int
    recovered: float | None
    beyond: int
    recovery_hit: bool
    beyond_hit: bool


@dataclass(frozen=True)
class Compared:
    """One arm: what was foretold, and its steps. `recovered`: s; None: most playings did not in time."""

    cell: str
    foretold: Foretold
    recovered: float | None
    steps: tuple[Judged, ...]


@dataclass(frozen=True)
class Forecasts:
    """All of them. `before`: made before the first step began; what was not is no forecast.

    Shares are of all steps that were foretold: of those whose recovery was hit, whose requests beyond the
    objective, and, `share`, both; `met`: that is enough by the rule. `chance`: the share that would be hit if
    the forecast's own playings were the steps, the most that when autoscalers look allows; None: not kept.
    """

    made: str
    before: bool
    seed: int
    playings: int
    sources: tuple[str, ...]
    compared: tuple[Compared, ...]
    left: tuple[Left, ...]
    recovery_share: float
    beyond_share: float
    share: float
    met: bool
    chance: float | None = None


def forecasts(told: Forecast | None, steps: Sequence[Recovery], began: str, rule: Rule) -> Forecasts | None:
    """None without a forecast, or without a step of what it foretold. `began`: the first run's start."""
    if told is None:
        return None
    compared = [_compared(each, told.playings, steps, rule) for each in told.foretold]
    judged = [step for each in compared for step in each.steps]
    if not judged:
        return None
    both = sum(step.recovery_hit and step.beyond_hit for step in judged) / len(judged)
    before = datetime.fromisoformat(told.made) <= datetime.fromisoformat(began)
    return Forecasts(
        made=told.made,
        before=before,
        seed=told.seed,
        playings=told.playings,
        sources=told.sources,
        compared=tuple(each for each in compared if each.steps),
        left=told.left,
        recovery_share=sum(step.recovery_hit for step in judged) / len(judged),
        beyond_share=sum(step.beyond_hit for step in judged) / len(judged),
        share=both,
        met=before and both >= rule.forecast_steps,
        chance=_chance([each for each in compared if each.steps], rule),
    )


def _chance(compared: Sequence[Compared], rule: Rule) -> float | None:
    """Each arm counts as often as it was measured."""
    if not all(each.foretold.played for each in compared):
        return None
    hits = [len(each.steps) * fmean(_own_hits(each, rule)) for each in compared]
    return sum(hits) / sum(len(each.steps) for each in compared)


def _own_hits(each: Compared, rule: Rule) -> Iterator[bool]:
    told = each.foretold
    for played in told.played:
        beyond = beyond_hit(told.beyond.value, played.beyond, told.requests, rule)
        yield recovery_hit(each.recovered, played.recovered, rule) and beyond


def _compared(told: Foretold, playings: int, steps: Sequence[Recovery], rule: Rule) -> Compared:
    own = [each for each in steps if each.cell == told.arm]
    mostly = told.recovered if 2 * told.not_recovered <= playings else None
    recovered = mostly.value if mostly else None
    judged = (
        Judged(
            block=step.block,
            recovered=step.recovered,
            beyond=step.violating_requests,
            recovery_hit=recovery_hit(recovered, step.recovered, rule),
            beyond_hit=beyond_hit(told.beyond.value, step.violating_requests, step.requests, rule),
        )
        for step in own
    )
    return Compared(told.arm, told, recovered, tuple(judged))


def recovery_hit(foretold: float | None, measured: float | None, rule: Rule) -> bool:
    """Near enough; that a step is not over in time is hit by saying so."""
    if foretold is None or measured is None:
        return foretold is measured
    return abs(foretold - measured) <= max(rule.forecast_seconds, rule.forecast_share * measured)


def beyond_hit(foretold: float, measured: int, requests: float, rule: Rule) -> bool:
    """Near enough, as a share of what was measured, or of all requests: of few a share would be chance."""
    return abs(foretold - measured) <= max(rule.forecast_requests * measured, rule.forecast_floor * requests)

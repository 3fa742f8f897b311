"""What an experiment's steps were foretold to do: kept with its plan before the first visit, never after."""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.records.estimates import Estimate

SCHEMA = 1


@dataclass(frozen=True)
class Playing:
    """One playing: s from the step to the objective kept again, None: not in time; requests beyond it."""

    recovered: float | None
    beyond: int


@dataclass(frozen=True)
class Foretold:
    """One arm, over several playings; intervals are over these and do not hold the model's error.

    `recovered`: s from the step to the objective kept again, over the playings in which it was;
    `not_recovered`: the others. `decided`: s to the first decision for more, where there was one.
    `beyond`: requests slower than the objective's p95, or failed. `figures`: what one pod was taken to be,
    with where each comes from. `played`: each playing, unknown in older forecasts.
    """

    arm: str
    server: str
    scaler: str
    recovered: Estimate | None
    not_recovered: int
    decided: Estimate | None
    requests: float
    beyond: Estimate
    pod_seconds: Estimate
    figures: Mapping[str, str]
    played: tuple[Playing, ...] = ()


@dataclass(frozen=True)
class Left:
    """An arm that was not foretold, and why."""

    arm: str
    why: str


@dataclass(frozen=True)
class Forecast:
    """All arms. `made`: ISO 8601; `sources`: the experiments whose figures it stands on."""

    schema: int
    made: str
    seed: int
    playings: int
    sources: tuple[str, ...]
    foretold: tuple[Foretold, ...]
    left: tuple[Left, ...]

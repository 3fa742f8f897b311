"""What an autoscaler sees and decides: the interface between scalers and the simulation. Times in s."""

import math
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Usage:
    """CPU of a pod in cores, over the `window` seconds up to `taken`."""

    cores: float
    taken: float
    window: float


@dataclass(frozen=True)
class PodSeen:
    """One pod in the API. `changed`: when its condition Ready last changed; `usage` None: no metric of it.

    `pending`: not yet started on a node; `ending`: asked to end, or failed.
    """

    started: float
    ready: bool
    changed: float
    usage: Usage | None = None
    pending: bool = False
    ending: bool = False


@dataclass(frozen=True)
class Seen:
    """The world at one moment. `replicas` is `spec.replicas`; `load` what Prometheus says, None: nothing.

    `request`: cores that each pod requests, 0 where no scaler asks.
    """

    now: float
    replicas: int
    pods: tuple[PodSeen, ...] = ()
    load: float | None = None
    request: float = 0.0


@dataclass(frozen=True)
class Sample:
    """CPU of a pod in cores, up to the time `taken`."""

    taken: float
    cores: float


@dataclass(frozen=True)
class Bounds:
    """CPU requests in cores: what is aimed at, and between which a pod may stay."""

    lower: float
    target: float
    upper: float


@dataclass(frozen=True)
class History:
    """What a scaler remembers: numbers of pods that it wished for, changes that it made, by their times.

    `active`: when its metric was last above what activates it. `samples` and `bounds` are a recommender's.
    """

    wishes: tuple[tuple[float, int], ...] = ()
    changes: tuple[tuple[float, int], ...] = ()
    active: float = -math.inf
    samples: tuple[Sample, ...] = ()
    bounds: Bounds | None = None


@dataclass(frozen=True)
class Decision:
    """So many pods. `metric` is what was compared with the target, None where it was not known.

    `request`: cores that each pod is to request from now on; None: as they do.
    """

    replicas: int
    history: History
    metric: float | None = None
    request: float | None = None


class Loop(Protocol):
    """A controller that decides every `period` seconds."""

    @property
    def period(self) -> float: ...

    def decide(self, seen: Seen, history: History) -> Decision: ...


@dataclass(frozen=True)
class Scaler:
    """What scales a stack: loops that share a history. None: the number of pods is fixed.

    `least` pods are there before a load begins. `target` is that of the metric in `unit`; `signal` says which
    of Prometheus' figures `Seen.load` is to hold, empty for none, and `window` over how many seconds.
    `request`: cores that a pod requests before a load begins, of a scaler that changes it; 0: none does. A
    further scaler is one more such value.
    """

    name: str
    loops: tuple[Loop, ...]
    least: int
    most: int
    target: float
    unit: str
    signal: str = ""
    window: float = 0.0
    request: float = 0.0

"""Kubernetes' VerticalPodAutoscaler: a recommender of CPU requests, an updater that resizes pods in place.

After its own source, 1.8 (kubernetes/autoscaler, vertical-pod-autoscaler: recommender/model and logic, the
decaying histogram of recommender/util, updater/priority), with its defaults where a platform sets nothing
else. Pure; times in seconds, CPU in cores.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bench.whatif.seen import Bounds, Decision, History, Sample, Scaler, Seen

FIRST_BUCKET, GROWTH = 0.01, 1.05  # of the histogram: each bucket is 5 % wider than the one before
TARGET, LOWER, UPPER = 0.9, 0.5, 0.95  # percentiles
MARGIN = 1.15  # --recommendation-margin-fraction 0.15
LEAST = 0.025  # --pod-recommendation-min-cpu-millicores
CONFIDENCE_SECONDS, CONFIDENCE_SAMPLES = 86_400.0, 1440.0  # of a whole confidence: a day, a sample a minute
CHANGE = 0.1  # --pod-update-threshold


def percentile(samples: Sequence[Sample], share: float, half_life: float) -> float:
    """The end of the bucket of a share of the samples' weights, which halve with every half-life of age."""
    weights: dict[int, float] = {}
    newest = max(each.taken for each in samples)
    for each in samples:
        bucket = _bucket(each.cores)
        weights[bucket] = weights.get(bucket, 0.0) + 2 ** ((each.taken - newest) / half_life)
    wanted, passed, bucket = share * sum(weights.values()), 0.0, 0
    for bucket in sorted(weights):
        passed += weights[bucket]
        if passed >= wanted:
            break
    return _start(bucket + 1)


def _bucket(cores: float) -> int:
    return math.floor(math.log(cores * (GROWTH - 1) / FIRST_BUCKET + 1) / math.log(GROWTH))


def _start(bucket: int) -> float:
    return FIRST_BUCKET * (GROWTH**bucket - 1) / (GROWTH - 1)


def recommended(samples: Sequence[Sample], half_life: float, allowed: tuple[float, float]) -> Bounds:
    """The request to aim at, and between which it may stay, as is allowed: the wider, the less is known."""
    low, high = allowed
    span = (max(each.taken for each in samples) - min(each.taken for each in samples)) / CONFIDENCE_SECONDS
    known = min(span, len(samples) / CONFIDENCE_SAMPLES)

    def request(share: float, factor: float) -> float:
        wanted = max(LEAST, MARGIN * percentile(samples, share, half_life) * factor)
        return min(high, max(low, wanted))

    least = (1 + 0.001 / known) ** -2 if known else 0.0
    most = 1 + 1 / known if known else math.inf
    return Bounds(request(LOWER, least), request(TARGET, 1.0), request(UPPER, most))


@dataclass(frozen=True)
class Recommender:
    """Takes each new usage of the pods for a sample. `allowed`: between which requests."""

    half_life: float
    allowed: tuple[float, float]
    period: float

    def decide(self, seen: Seen, history: History) -> Decision:
        """Changes no pod."""
        last = history.samples[-1].taken if history.samples else -math.inf
        usages = (pod.usage for pod in seen.pods if pod.usage and not pod.ending)
        new = tuple(Sample(each.taken, each.cores) for each in usages if each.taken > last)
        samples = (*history.samples, *new)
        bounds = recommended(samples, self.half_life, self.allowed) if samples else None
        told = bounds.target if bounds else None
        return Decision(seen.replicas, replace(history, samples=samples, bounds=bounds), told)


@dataclass(frozen=True)
class Updater:
    """Resizes what is outside of its bounds, or old enough (`patience`) and far enough from the target."""

    patience: float
    period: float

    def decide(self, seen: Seen, history: History) -> Decision:
        """The number of pods stays. All pods have one size."""
        bounds = history.bounds
        if bounds is None:
            return Decision(seen.replicas, history)
        outside = not bounds.lower <= seen.request <= bounds.upper
        old = any(seen.now - pod.started >= self.patience for pod in seen.pods)
        far = abs(bounds.target - seen.request) >= CHANGE * seen.request
        wanted = bounds.target if outside or (old and far) else None
        return Decision(seen.replicas, history, bounds.target, wanted)


def scaler(recommender: Recommender, updater: Updater, pods: int, request: float) -> Scaler:
    """The two programs over so many pods, which begin with a request."""
    most = recommender.allowed[1]
    return Scaler(
        "VPA", (recommender, updater), pods, pods, most, "recommended request, cores", request=request
    )

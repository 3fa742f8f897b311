"""What may be concluded from samples. Pure; latencies in any one unit, shares between 0 and 1."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev

CONFIDENCE = 0.95
RESAMPLES = 10_000
# Student's t, 97.5 %, for 1 to 30 degrees of freedom.
T975 = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)


@dataclass(frozen=True)
class Estimate:
    """A value and its 95 % interval; an end is None where the samples are too few to bound it."""

    value: float
    low: float | None
    high: float | None


def percentile(ordered: Sequence[float], share: float) -> float:
    """The nearest-rank percentile of ascending samples. Raises ValueError for none."""
    if not ordered:
        raise ValueError("a percentile needs at least one sample")
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def percentile_estimate(ordered: Sequence[float], share: float) -> Estimate:
    """A percentile with its distribution-free interval (binomial order statistics).

    The interval supposes independent samples; those of one run follow each other, so between runs use
    `over_runs`. Raises ValueError for no samples.
    """
    count, tail = len(ordered), (1 - CONFIDENCE) / 2
    below = _ranks(count, share, tail)
    low = ordered[below[0] - 1] if below[0] >= 1 else None
    high = ordered[below[1] - 1] if below[1] <= count else None
    return Estimate(percentile(ordered, share), low, high)


def _ranks(count: int, share: float, tail: float) -> tuple[int, int]:
    """The ranks l and u (from 1) with P(X_l ≤ quantile ≤ X_u) ≥ 1 − 2·tail; 0 or count + 1: there is none."""
    far = 10 * math.sqrt(count * share * (1 - share))  # P of fewer is nil
    low, total = 0, 0.0
    for successes in range(max(0, int(count * share - far)), count):
        total += _binomial(count, successes, share)
        if total <= tail:
            low = successes + 1
        if total >= 1 - tail:
            return low, successes + 1
    return low, count + 1


def _binomial(count: int, successes: int, share: float) -> float:
    """P(exactly so many successes)."""
    ways = math.lgamma(count + 1) - math.lgamma(successes + 1) - math.lgamma(count - successes + 1)
    return math.exp(ways + successes * math.log(share) + (count - successes) * math.log1p(-share))


def over_runs(values: Sequence[float], seed: int = 0) -> Estimate:
    """The mean of one figure of several runs, with a percentile bootstrap over the runs.

    Runs are independent where requests are not. One run has no interval. Raises ValueError for none.
    """
    if not values:
        raise ValueError("a bootstrap needs at least one run")
    if len(values) == 1:
        return Estimate(values[0], None, None)
    if len(set(values)) == 1:
        return Estimate(values[0], values[0], values[0])  # as every draw would give
    draw = random.Random(seed)
    means = sorted(fmean(draw.choices(values, k=len(values))) for _ in range(RESAMPLES))
    tail = (1 - CONFIDENCE) / 2
    return Estimate(fmean(values), percentile(means, tail), percentile(means, 1 - tail))


def paired_ratio(baseline: Sequence[float], other: Sequence[float]) -> Estimate:
    """Geometric mean of other ÷ baseline over pairs of runs, with Student's interval of the logarithms.

    Resampling the three to five pairs of an experiment would give too narrow an interval; Student's pays for
    how few they are. One pair has no interval. Raises ValueError unless both are of one length ≥ 1.
    """
    if not baseline or len(baseline) != len(other):
        raise ValueError(f"pairs need one length ≥ 1, got {len(baseline)} and {len(other)}")
    logs = [math.log(b / a) for a, b in zip(baseline, other, strict=True)]
    middle, freedom = fmean(logs), len(logs) - 1
    if freedom == 0:
        return Estimate(math.exp(middle), None, None)
    student = T975[min(freedom, len(T975)) - 1]
    half = student * stdev(logs) / math.sqrt(len(logs))
    return Estimate(math.exp(middle), math.exp(middle - half), math.exp(middle + half))


def noise_floor(twins: Estimate) -> float | None:
    """The factor ≥ 1 by which two identical stacks may differ: the far end of the A/A pair's ratio interval.

    None if the pair has no interval: then nothing may be called a difference.
    """
    if twins.low is None or twins.high is None:
        return None
    return max(twins.high, 1 / twins.low, 1.0)


def verdict(ratio: Estimate, floor: float | None) -> str:
    """`lower`, `higher`, `no difference`, or `unknown` where intervals are lacking.

    A difference needs an interval without 1 and a ratio beyond the noise floor.
    """
    if floor is None or ratio.low is None or ratio.high is None:
        return "unknown"
    if ratio.high < 1 and ratio.value < 1 / floor:
        return "lower"
    if ratio.low > 1 and ratio.value > floor:
        return "higher"
    return "no difference"


def needed_for_estimate(share: float, half_width: float) -> int:
    """How many samples estimate a percentile within ± `half_width` (0.005: half a point) at 95 %."""
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    return math.ceil(z * z * share * (1 - share) / half_width**2)

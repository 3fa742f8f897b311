"""KEDA with a metric of Prometheus: an HPA on that metric, and an operator that wakes and ends the last pod.

After KEDA's documentation, Scaling Deployments ("Activating and scaling thresholds") and the specification
of ScaledObject. Its HPA asks at every sync, unless metrics are cached; `pollingInterval` only bounds how soon
the first pod comes, `cooldownPeriod` how late the last one goes. Pure; times in seconds.
"""

from dataclasses import MISSING, dataclass, field, replace

from bench.whatif import hpa, pace
from bench.whatif.hpa import SYNC_SECONDS, Tolerance
from bench.whatif.pace import Pace
from bench.whatif.seen import Decision, History, Scaler, Seen
from stack.rules import OneOf, Real, Whole
from stack.schema import setting

IN_FLIGHT, RATE = "inFlight", "rate"
USUAL = (0, 100)  # minReplicaCount, maxReplicaCount
UNITS = {IN_FLIGHT: "requests in flight for each pod", RATE: "requests/s for each pod"}


@dataclass(frozen=True)
class Keda:
    """A ScaledObject with one trigger of Prometheus; defaults as KEDA has them.

    Where the stack has an autoscaler, its fewest and most pods are the defaults.
    """

    target: float = setting(MISSING, Real(0.01, 10_000), "threshold: of the metric for each pod")
    metric: str = setting(IN_FLIGHT, OneOf((IN_FLIGHT, RATE)), "what is counted in front of the pods")
    activation: float = setting(0.0, Real(0, 10_000), "activationThreshold: above it the first pod comes")
    polling_seconds: int = setting(30, Whole(1, 3600), "pollingInterval")
    cooldown_seconds: int = setting(300, Whole(0, 3600), "cooldownPeriod")
    min_replicas: int | None = setting(None, Whole(0, 100), "minReplicaCount; 0: the last pod may go")
    max_replicas: int | None = setting(None, Whole(1, 100), "maxReplicaCount")
    window_seconds: int = setting(
        0, Whole(0, 3600), "what Prometheus averages over; 0: requests in flight as it last found them"
    )


@dataclass(frozen=True)
class MetricLoop:
    """KEDA's HPA: `target` of the metric for each pod. At no pods it rests."""

    target: float
    bounds: tuple[int, int]
    pace: Pace = field(default=Pace())
    tolerance: Tolerance = field(default=Tolerance())
    period: float = SYNC_SECONDS

    def decide(self, seen: Seen, history: History) -> Decision:
        """Without the metric, or without a pod, the number of pods stays."""
        if seen.load is None or seen.replicas == 0:
            return Decision(seen.replicas, history)
        wish = hpa.by_average(seen.replicas, seen.load, self.target, self.tolerance)
        decided, kept = pace.paced(seen, wish, self.bounds, self.pace, history)
        return Decision(decided, kept, seen.load / seen.replicas)


@dataclass(frozen=True)
class Activation:
    """KEDA's operator: at every poll the metric is above the activation, or the pods go after a while."""

    above: float
    cooldown: float
    least: int
    period: float

    def decide(self, seen: Seen, history: History) -> Decision:
        """The activation counts more than the target: below it even many pods go."""
        if seen.load is not None and seen.load > self.above:
            return Decision(max(seen.replicas, self.least, 1), replace(history, active=seen.now))
        rests = seen.load is not None and self.least == 0 and seen.now - history.active >= self.cooldown
        return Decision(0 if rests else seen.replicas, history)


def scaler(
    told: Keda, usual: tuple[int, int], pace_: Pace, tolerance: Tolerance, sync: float = SYNC_SECONDS
) -> Scaler:
    """The two loops of a ScaledObject; `usual`: the fewest and the most pods unless it says otherwise."""
    least, most = (
        default if value is None else value
        for value, default in zip((told.min_replicas, told.max_replicas), usual, strict=True)
    )
    metric = MetricLoop(told.target, (max(1, least), most), pace_, tolerance, sync)
    operator = Activation(told.activation, float(told.cooldown_seconds), least, float(told.polling_seconds))
    unit, window = UNITS[told.metric], float(told.window_seconds)
    return Scaler("KEDA", (metric, operator), least, most, told.target, unit, told.metric, window)

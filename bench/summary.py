"""A run's summary: figures from its samples, how they were obtained, and what voids them. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.load.k6 import NICENESS, Outcome
from bench.load.samples import Sample
from bench.payloads import Sizes
from bench.profiles import Open, Profile
from bench.statistics import Estimate, needed_for_estimate, percentile, percentile_estimate
from bench.steadiness import Little, little_closed, little_open
from bench.timeline import Event
from stack.settings import Slo

SCHEMA = 2
THESIS, SERIAL, RATE, STEP, SOAK = "thesis", "serial", "rate", "step", "soak"
SEARCH, CONFIRM = "search", "confirm"
TRIALS = (SEARCH, CONFIRM)  # of one rate, in the search of a capacity
MAY_OVERLOAD = (*TRIALS, STEP)  # here a server that does not keep up is an answer
PARTS = (THESIS, SERIAL, RATE, STEP, SOAK, *TRIALS)
NO_BLOCK = 0  # of a run outside of an experiment
SERVICE = "the Service's own address"
PORT_FORWARD = "kubectl port-forward: an extra run, to show what it adds"
SHARES = {"p50": 0.50, "p90": 0.90, "p95": 0.95, "p99": 0.99}
# Half-widths, as shares, within which a percentile must be known before it is claimed.
WIDTHS = {"p95": 0.005, "p99": 0.0025}


@dataclass(frozen=True)
class Latency:
    """Of answers with status 200, in ms from the scheduled send; `too_few` names what not to claim."""

    percentiles: Mapping[str, Estimate]
    max: float
    too_few: Mapping[str, str]


@dataclass(frozen=True)
class Part:
    """A stretch of a load. Rates in requests/s; a closed load offers none. `achieved`: good answers."""

    seconds: float
    offered_rate: float | None
    achieved_rate: float
    requests: int
    outcomes: Mapping[str, int]
    latency: Latency | None

    def percentile(self, name: str) -> float | None:
        """One of SHARES, in ms; None if nothing was answered."""
        return self.latency.percentiles[name].value if self.latency else None


@dataclass(frozen=True)
class Generator:
    """What the load generator did. Lag: ms later than scheduled, of requests for which a connection was free.

    `waited` found no free connection. CPU from the first answer on, as a share of this machine's; `niceness`
    is what it asked for, to be served before the servers on the same cores.
    """

    name: str
    connections: int
    rotate: int
    niceness: int
    lag_p50: float
    lag_p99: float
    waited: int
    dropped: int
    cpu_seconds: float
    cpu_share: float


@dataclass(frozen=True)
class Obtained:
    """How the figures came about: read them with this in mind. `route`: SERVICE or PORT_FORWARD."""

    load: str
    route: str
    latency: str
    started: str
    interrupted: bool
    warm_up_seconds: float
    stationary: bool
    cpus: int
    same_machine: bool
    server_says: str


@dataclass(frozen=True)
class PodUse:
    """One serving pod over a load: by its cgroup and by the server's own counters.

    Counters of a pod that came during the load began at 0; one that went is known up to its last look.
    Means are None where the server counts nothing of the kind. `service_millis` is the mean time of a request
    in the server; TorchServe's includes its queue. `queue_millis` is the mean wait for a batch or a worker.
    """

    pod: str
    requests: int
    cpu_seconds: float
    cfs_periods: int
    cfs_throttled: int
    throttled_seconds: float
    service_millis: float | None
    queue_millis: float | None
    batches: int | None
    batch_size: float | None


@dataclass(frozen=True)
class Machine:
    """CPU of the whole machine over a load, in CPU seconds; known only where the bench runs on it.

    `others` is what neither the serving pods nor the generator used: the cluster's own programs, the kernel,
    the bench. `stolen` went to other machines of the same host.
    """

    cpus: int
    wall_seconds: float
    busy: float
    serving: float
    generator: float
    others: float
    stolen: float


@dataclass(frozen=True)
class Summary:
    """One run on one server of one stack; `docs/summary.md` describes every field.

    `arm` is the stack, or a twin of it: the same settings once more, to see the noise. `part` names what the
    run is to its experiment: one of PARTS. `block` counts from 1; 0 is a run outside of an experiment.
    `settings` are the stack's by their keys, for `stack.settings.read`. `events` are in seconds since the
    load's start. `overload` says how the server did not keep up, `void` why the figures must not be used at
    all; in a search of the capacity and in a step overload is an answer, elsewhere it voids too.
    """

    schema: int
    experiment: str
    arm: str
    stack: str
    server: str
    image: str
    run: str
    part: str
    block: int
    seed: int
    profile: Profile
    settings: Mapping[str, object]
    slo: Slo
    payloads: Sizes
    obtained: Obtained
    total: Part
    phases: tuple[Part, ...]
    generator: Generator
    little: Little | None
    pods: tuple[PodUse, ...]
    machine: Machine | None
    events: tuple[Event, ...]
    restarts: Mapping[str, int]
    overload: tuple[str, ...]
    void: tuple[str, ...]

    @property
    def judged(self) -> Part:
        """The stretch that counts: of a trial its last phase, whose first one only brings the load up."""
        return self.phases[-1] if self.part in TRIALS else self.total


def total(outcome: Outcome) -> Part:
    """The whole load, up to its end or to where it was interrupted."""
    return part(outcome.samples, outcome.plan.start_millis, horizon(outcome), _is_open(outcome))


def horizon(outcome: Outcome) -> float:
    """Where the load ended, in ms since the generator's start."""
    if not outcome.cut_short:
        return outcome.plan.end_millis
    last = max((sample.ended for sample in outcome.samples), default=0.0)
    return max(outcome.plan.start_millis, min(outcome.plan.end_millis, last))


def phases(outcome: Outcome) -> tuple[Part, ...]:
    """Each phase of an open load that has begun."""
    profile, start, end = outcome.plan.profile, outcome.plan.start_millis, horizon(outcome)
    parts = []
    for phase in profile.phases if isinstance(profile, Open) else ():
        stop = min(end, start + phase.seconds * 1000)
        if start < stop:
            parts.append(part(outcome.samples, start, stop, True))
        start += phase.seconds * 1000
    return tuple(parts)


def part(samples: Sequence[Sample], start: float, end: float, is_open: bool) -> Part:
    """The requests that were due in a stretch of time, in ms since the generator's start."""
    own = [sample for sample in samples if start <= sample.due < end]
    seconds = max(end - start, 1.0) / 1000
    answered = sum(sample.good and start <= sample.ended < end for sample in samples)
    return Part(
        seconds=round(seconds, 3),
        offered_rate=round(len(own) / seconds, 3) if is_open else None,
        achieved_rate=round(answered / seconds, 3),
        requests=len(own),
        outcomes=dict(sorted(Counter(str(sample.status) for sample in own).items())),
        latency=latency([sample.latency for sample in own if sample.good]),
    )


def latency(millis: Sequence[float]) -> Latency | None:
    """Percentiles with intervals; None for no answer."""
    if not millis:
        return None
    ordered, count = sorted(millis), len(millis)
    wanted = {name: needed_for_estimate(SHARES[name], width) for name, width in WIDTHS.items()}
    return Latency(
        percentiles={name: _rounded(percentile_estimate(ordered, share)) for name, share in SHARES.items()},
        max=round(ordered[-1], 3),
        too_few={name: f"{count} of {need} requests" for name, need in wanted.items() if count < need},
    )


def _rounded(estimate: Estimate) -> Estimate:
    low, high = estimate.low, estimate.high
    return Estimate(
        round(estimate.value, 3),
        None if low is None else round(low, 3),
        None if high is None else round(high, 3),
    )


def generator(outcome: Outcome, name: str, cpus: int) -> Generator:
    """Lag, requests that were not sent, and CPU."""
    # where a load is cut short requests are under way, which is not the generator's fault
    complete = _is_open(outcome) and not (outcome.interrupted or outcome.stopped)
    due = [due for due, _ in outcome.plan.schedule() if due < horizon(outcome)] if complete else []
    sent = [sample for sample in outcome.samples if sample.due < horizon(outcome)]
    lags = sorted(sample.lag for sample in sent if not sample.waited)
    return Generator(
        name=name,
        connections=outcome.plan.connections,
        rotate=outcome.plan.rotate,
        niceness=NICENESS,
        lag_p50=round(percentile(lags, 0.50), 3) if lags else 0.0,
        lag_p99=round(percentile(lags, 0.99), 3) if lags else 0.0,
        waited=sum(sample.waited for sample in sent),
        dropped=max(0, len(due) - len(sent)),
        cpu_seconds=outcome.cpu_seconds,
        cpu_share=round(outcome.cpu_seconds / (outcome.wall_seconds * cpus), 4),
    )


def little(outcome: Outcome) -> Little | None:
    """Little's law over the whole load; None if nothing was answered."""
    profile, start, end = outcome.plan.profile, outcome.plan.start_millis, horizon(outcome)
    try:
        if isinstance(profile, Open):
            return little_open(outcome.samples, start, end)
        think = profile.think_seconds * 1000
        return little_closed(outcome.samples, start, end, profile.users, think)
    except ValueError:
        return None


def _is_open(outcome: Outcome) -> bool:
    return isinstance(outcome.plan.profile, Open)

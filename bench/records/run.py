"""One run's record, its summary: what the samples say, how that came about, what voids it."""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.records.estimates import Estimate
from bench.records.events import Event, Held
from bench.records.parts import TRIALS
from bench.records.profile import Profile
from bench.records.samples import OK, WRONG
from stack.settings import Slo

SCHEMA = 6
# What they lack has defaults: 2 `answers` and `checked`, 2 and 3 `goodput`, 2 to 4 `held` and `segments`, all
# `start_seconds`.
OLDER = (2, 3, 4, 5)
SERVICE = "the Service's own address"
PORT_FORWARD = "kubectl port-forward: an extra run, to show what it adds"
IN_CLUSTER = "the Service's cluster IP, from pods of the cluster"
FOREIGN = "http"
"""In place of a server: a service that this project did not deploy."""
LITTLE_TOLERANCE = 0.05


@dataclass(frozen=True)
class Latency:
    """Of answers with status 200, in ms from the scheduled send; `too_few` names what not to claim."""

    percentiles: Mapping[str, Estimate]
    max: float
    too_few: Mapping[str, str]


@dataclass(frozen=True)
class Stretch:
    """A stretch of a load. Rates in requests/s; a closed load offers none. `achieved`: good answers.

    `checked` answers of status 200 were compared with the photo's first one. `goodput`: good answers that
    took no longer than the objective for p95; None where none was kept.
    """

    seconds: float
    offered_rate: float | None
    achieved_rate: float
    requests: int
    outcomes: Mapping[str, int]
    latency: Latency | None
    checked: int = 0
    goodput: float | None = None

    @property
    def wrong(self) -> int:
        """Answers of status 200 that were found to be wrong."""
        return sum(count for outcome, count in self.outcomes.items() if outcome.startswith(WRONG))

    @property
    def failed_share(self) -> float:
        """Of the requests; as many of all answers count as wrong as of those that were compared."""
        answered = self.outcomes.get(str(OK), 0) + self.wrong
        failed = self.requests - answered + (answered * self.wrong / self.checked if self.wrong else 0)
        return failed / self.requests if self.requests else 1.0

    def percentile(self, name: str) -> float | None:
        """One of p50, p90, p95 and p99, in ms; None if nothing was answered."""
        return self.latency.percentiles[name].value if self.latency else None


@dataclass(frozen=True)
class Segment:
    """One of several generators that shared a load: a pod on a `node` with so many `cpus`.

    `beside`: pods of the server ran on that node too. CPU from the load's start on, as a share of the node's.
    `clock_millis`: how much its clock was ahead of the bench's.
    """

    node: str
    cpus: float
    beside: bool
    requests: int
    lag_p50: float
    lag_p99: float
    cpu_seconds: float
    cpu_share: float
    clock_millis: float


@dataclass(frozen=True)
class Generator:
    """What the load generator did. Lag: ms later than scheduled, of requests for which a connection was free.

    `waited` found no free connection. CPU from the first answer on, as a share of this machine's; `niceness`
    is what it asked for, to be served before the servers on the same cores. Of several generators, the
    `segments`, CPU is that of all, its share the largest on a node of the server's pods.
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
    segments: tuple[Segment, ...] = ()


@dataclass(frozen=True)
class Obtained:
    """How the figures came about: read them with this in mind. `route`: SERVICE, PORT_FORWARD or IN_CLUSTER.

    `answers` says which are compared, and how; empty where none are.
    """

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
    answers: str = ""


@dataclass(frozen=True)
class PodUse:
    """One serving pod over a load: by its cgroup and by the server's own counters.

    Counters of a pod that came during the load began at 0; one that went is known up to its last look.
    Means are None where the server counts nothing of the kind. `service_millis` is the mean time of a request
    in the server; TorchServe's includes its queue. `queue_millis` is the mean wait for a batch or a worker.
    `start_seconds`: from its creation to ready; None if it restarted.
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
    start_seconds: float | None = None


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
class Sizes:
    """What is sent: how many photos of each format, and the bytes of a request's body."""

    formats: dict[str, int]
    least_bytes: int
    mean_bytes: float
    most_bytes: int


@dataclass(frozen=True)
class Little:
    """N = X·R: requests in flight (mean), throughput in requests/ms, time in the system in ms.

    `edge` is how far the ends of the window alone may shift it: a closed load counts whole turns of users,
    of which one each may be cut off.
    """

    in_flight: float
    throughput: float
    time: float
    edge: float = 0.0

    @property
    def error(self) -> float:
        """|N − X·R| ÷ N."""
        return abs(self.in_flight - self.throughput * self.time) / self.in_flight

    @property
    def holds(self) -> bool:
        """Within 5 % and the edge."""
        return self.error <= LITTLE_TOLERANCE + self.edge


@dataclass(frozen=True)
class Summary:
    """One run on one server of one stack; `docs/summary.md` describes every field.

    `arm` is the stack, or a twin of it: the same settings once more, to see the noise. `part` names what the
    run is to its experiment: one of
    `bench.records.parts.PARTS`. `block` counts from 1; 0 is a run outside of an experiment.
    `settings` are the stack's by their keys, for `stack.settings.read`. `events` are in seconds since the
    load's start. `overload` says how the server did not keep up, `void` why the figures must not be used at
    all; in a search of the capacity and in a step overload is an answer, elsewhere it voids too. `held` is
    what the server's pods requested, by time; empty where nobody followed them.
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
    total: Stretch
    phases: tuple[Stretch, ...]
    generator: Generator
    little: Little | None
    pods: tuple[PodUse, ...]
    machine: Machine | None
    events: tuple[Event, ...]
    restarts: Mapping[str, int]
    overload: tuple[str, ...]
    void: tuple[str, ...]
    held: tuple[Held, ...] = ()

    @property
    def foreign(self) -> bool:
        """Of a service that this project did not deploy: only its answers are known."""
        return self.server == FOREIGN

    @property
    def judged(self) -> Stretch:
        """The stretch that counts: of a trial its last phase, whose first one only brings the load up."""
        return self.phases[-1] if self.part in TRIALS else self.total

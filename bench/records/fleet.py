"""What became of a planned stack on a cluster that orders nodes: how soon, on how many, at what price."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.records.estimates import percentile

HOURS = 730.0  # of a month, as `bench size` counts them


@dataclass(frozen=True)
class Plan:
    """What `bench size` chose: pods of a stack, nodes of one kind, cost a month."""

    stack: str
    sets: Mapping[str, object]
    pods: int
    nodes: int
    month: float
    kind: str
    hour: float
    currency: str


@dataclass(frozen=True)
class Bound:
    """A pod's times: whole seconds since the epoch, as Kubernetes keeps them; `node`: empty without one."""

    name: str
    node: str
    created: float
    scheduled: float | None
    ready: float | None


@dataclass(frozen=True)
class Ordered:
    """A node: its kind, its zone, and whether it is ready."""

    name: str
    kind: str
    zone: str
    ready: bool


@dataclass(frozen=True)
class Budget:
    """A PodDisruptionBudget's status, in pods."""

    name: str
    allowed: int
    healthy: int
    least: int


@dataclass(frozen=True)
class Scene:
    """One look at the stack's pods and at the nodes that they may run on. `at`: seconds since the start."""

    at: float
    pods: tuple[Bound, ...]
    nodes: tuple[Ordered, ...]

    @property
    def bound(self) -> int:
        """The pods that are on a node."""
        return sum(bool(pod.node) for pod in self.pods)

    @property
    def state(self) -> tuple[frozenset[tuple[str, str]], frozenset[tuple[str, bool]]]:
        """Which pods are where, and which nodes there are."""
        return frozenset((p.name, p.node) for p in self.pods), frozenset(
            (n.name, n.ready) for n in self.nodes
        )

    def complete(self, pods: int) -> bool:
        """Whether there are so many pods, all of them on nodes."""
        return len(self.pods) == self.bound == pods


@dataclass(frozen=True)
class Spread:
    """Of a pod's seconds until it was bound to a node."""

    p50: float
    p95: float
    most: float


@dataclass(frozen=True)
class Group:
    """The nodes of one kind in one zone, and the pods on them."""

    kind: str
    zone: str
    nodes: int
    pods: int


@dataclass(frozen=True)
class Command:
    """A command and all its processes: seconds, and the most memory that they held at once, MiB.

    `programs`: the most of each program. Shared pages count for each process that has them.
    """

    seconds: float
    mebibytes: float
    programs: Mapping[str, float]


@dataclass(frozen=True)
class Seen:
    """What Prometheus has of the stack's pods: targets, those that answer, and what it takes for them.

    `seconds` from the last pod's binding until all were targets; None where they did not become.
    """

    targets: int
    up: int
    seconds: float | None
    mebibytes: float | None


@dataclass(frozen=True)
class Scaler:
    """An autoscaler's bounds, its wish, and what it says of its metric."""

    name: str
    minimum: int
    maximum: int
    desired: int
    says: str


@dataclass(frozen=True)
class Stage:
    """The stack once it is settled: as it came up, or after pods were taken away.

    `seconds`: from the first change until every pod was bound and the number of nodes stayed.
    `settled`: whether it did before the time was over.
    """

    pods: int
    nodes: int
    month: float
    skew: int
    groups: tuple[Group, ...]
    budgets: tuple[Budget, ...]
    seconds: float
    settled: bool
    command: Command
    api_mebibytes: float | None


@dataclass(frozen=True)
class Fleet:
    """A whole trial. `binding` and `all_bound` are of the pods as the stack came up, in seconds."""

    when: str
    cpus: int
    machine_mebibytes: float
    kubernetes: str
    simulated: bool
    plan: Plan
    sets: Mapping[str, object]
    api_mebibytes: float | None
    prometheus_mebibytes: float | None
    binding: Spread
    all_bound: float
    came: Stage
    seen: Seen | None
    scalers: tuple[Scaler, ...]
    shrunk: Stage | None
    removed: float
    nodes_gone: float | None


def binding(pods: Sequence[Bound]) -> Spread:
    """From a pod's creation to its binding. Raises ValueError where no pod was bound."""
    waits = sorted(pod.scheduled - pod.created for pod in pods if pod.scheduled is not None)
    return Spread(percentile(waits, 0.5), percentile(waits, 0.95), max(waits))


def all_bound(pods: Sequence[Bound]) -> float:
    """From the first pod's creation to the last one's binding. Raises ValueError for no bound pod."""
    return max(pod.scheduled for pod in pods if pod.scheduled is not None) - min(pod.created for pod in pods)


def groups(scene: Scene) -> tuple[Group, ...]:
    """Nodes and pods by kind and zone."""
    places = {node.name: (node.kind, node.zone) for node in scene.nodes}
    on = [places.get(pod.node) for pod in scene.pods]
    return tuple(
        Group(kind, zone, [*places.values()].count((kind, zone)), on.count((kind, zone)))
        for kind, zone in sorted({*places.values()})
    )


def skew(found: Iterable[Group]) -> int:
    """Pods of the fullest zone less those of the emptiest; 0 for none."""
    zones: dict[str, int] = {}
    for group in found:
        zones[group.zone] = zones.get(group.zone, 0) + group.pods
    return max(zones.values(), default=0) - min(zones.values(), default=0)


def month(scene: Scene, plan: Plan) -> float:
    """The cost of the nodes, all of the planned kind, in the plan's currency."""
    return len(scene.nodes) * plan.hour * HOURS

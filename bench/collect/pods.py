"""What the serving pods of one server used over a load: their cgroups' counters and the server's own."""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.errors import ClusterError
from bench.records.run import PodUse
from bench.subject import counters
from bench.subject.counters import Counted
from bench.subject.deployed import Deployed
from stack.outputs import Endpoint

# cgroup v2 has all in one file (µs); v1 has the CFS counts (throttled_time in ns) and the use (ns) apart.
PROBE = r"""
cd /sys/fs/cgroup
if [ -r cpuacct/cpuacct.usage ]; then cat cpu/cpu.stat; echo "usage_ns $(cat cpuacct/cpuacct.usage)"
else cat cpu.stat; fi
"""


@dataclass(frozen=True)
class CpuCounts:
    """A container's cgroup since its start."""

    seconds: float = 0.0
    periods: int = 0
    throttled: int = 0
    throttled_seconds: float = 0.0


@dataclass(frozen=True)
class PodCounts:
    """One pod's counters at one moment, and how long it took to be ready."""

    cpu: CpuCounts
    server: Counted
    start_seconds: float | None = None


NOTHING = PodCounts(CpuCounts(), Counted())
Look = Mapping[str, PodCounts]


def look(stack: Deployed, endpoint: Endpoint) -> Look:
    """Every ready pod of a server; one that ends meanwhile is left out. Raises ClusterError."""
    cluster = stack.cluster
    found: dict[str, PodCounts] = {}
    for pod in (each for each in stack.pods(endpoint) if each.ready):
        try:
            cpu = cpu_counts(cluster.execute(pod.namespace, pod.name, pod.component, ["sh", "-c", PROBE]))
            server = counters.read(cluster, pod.namespace, pod.name, endpoint.server)
            found[pod.name] = PodCounts(cpu, server, pod.start_seconds)
        except ClusterError:
            continue
    return found


def cpu_counts(text: str) -> CpuCounts:
    """What PROBE printed; a cgroup without a CPU limit counts no periods. Raises ClusterError for no use."""
    numbers = {name: int(value) for name, _, value in (line.partition(" ") for line in text.splitlines())}
    if not {"usage_ns", "usage_usec"} & set(numbers):
        raise ClusterError(f"the cgroup's CPU use cannot be read: {text[:200]!r}")
    usage = numbers["usage_ns"] / 1e9 if "usage_ns" in numbers else numbers["usage_usec"] / 1e6
    stopped = numbers.get("throttled_time", 0) / 1e9 + numbers.get("throttled_usec", 0) / 1e6
    return CpuCounts(usage, numbers.get("nr_periods", 0), numbers.get("nr_throttled", 0), stopped)


def used(before: Look, after: Look) -> tuple[PodUse, ...]:
    """What each pod of the later look used since the earlier; one that is new began at 0."""
    return tuple(_used(name, before.get(name, NOTHING), after[name]) for name in sorted(after))


def _used(name: str, before: PodCounts, after: PodCounts) -> PodUse:
    cpu, was, server = after.cpu, before.cpu, after.server - before.server
    return PodUse(
        pod=name,
        requests=round(server.requests),
        cpu_seconds=round(cpu.seconds - was.seconds, 3),
        cfs_periods=cpu.periods - was.periods,
        cfs_throttled=cpu.throttled - was.throttled,
        throttled_seconds=round(cpu.throttled_seconds - was.throttled_seconds, 3),
        service_millis=_mean(server.service_micros / 1000, server.requests),
        queue_millis=_mean(server.queue_micros / 1000, server.queued),
        batches=round(server.batches) or None,
        batch_size=_mean(server.rows, server.batches),
        start_seconds=after.start_seconds,
    )


def _mean(total: float, count: float) -> float | None:
    return round(total / count, 3) if count > 0 else None

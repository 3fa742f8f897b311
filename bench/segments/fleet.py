"""Generators in a stack's cluster: whether they may be had, their namespace, and a load for them to send."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from urllib.parse import urlsplit, urlunsplit

from bench.errors import ClusterError, OptionError
from bench.load.k6 import Watch
from bench.load.outcome import Outcome
from bench.load.plan import GRACE_SECONDS, Plan
from bench.records.profile import Closed, Open, Profile, Trace
from bench.records.ranges import Range
from bench.segments import objects, placement
from bench.segments.job import BRINGING_SECONDS, READY_SECONDS, Job, until
from bench.segments.kubectl import Kubectl
from bench.segments.objects import Aim, Size
from bench.subject.deployed import Deployed
from bench.subject.objects import at, items, text
from stack.outputs import OPEN, Endpoint
from stack.servers import SERVERS

COUNTS = Range(1, 20, "generators", whole=True)  # 20: the fewest connections of a load
GONE_SECONDS = 60.0
OPTION = "--generators"


@dataclass(frozen=True)
class Fleet:
    """So many generators, each a pod with a segment of every load."""

    stack: Deployed
    kubectl: Kubectl
    count: int

    def send(self, endpoint: Endpoint, plan: Plan, watch: Watch) -> Outcome:
        """As `k6.send`. Raises ClusterError if the pods cannot be had, OptionError for too small a load."""
        inside = replace(plan, url=self._url(endpoint, plan.url))
        require_enough(requests := len(inside.schedule()), self.count)
        nodes, serving = placement.nodes(self.stack.cluster.get("/api/v1/nodes")), self._serving(endpoint)
        size = Size(
            count=self.count,
            requests=requests,
            users=-(-inside.connections // self.count),
            body_bytes=sum(map(len, inside.bodies)),
            seconds=inside.profile.seconds + GRACE_SECONDS + READY_SECONDS + BRINGING_SECONDS,
            apart=placement.apart(nodes, serving),
        )
        name = f"load-{time.time_ns() // 1_000_000}"
        job = Job(self.stack.cluster, self.kubectl, name, size, nodes, serving)
        try:
            self.kubectl.apply(objects.load(name, self._aim(endpoint), size))
            return job.send(inside, watch)
        finally:
            self.kubectl.delete("job", name)

    def _url(self, endpoint: Endpoint, url: str) -> str:
        """By the Service's cluster IP, so that nothing has to be looked up."""
        space = self.stack.outputs.namespace
        service = self.stack.cluster.get(f"/api/v1/namespaces/{space}/services/{endpoint.deployment}")
        return cluster_url(text(service, "spec", "clusterIP"), SERVERS[endpoint.server].inference.number, url)

    def _aim(self, endpoint: Endpoint) -> Aim:
        port = SERVERS[endpoint.server].inference.number
        outputs = self.stack.outputs
        return Aim(outputs.stack, outputs.namespace, endpoint.deployment, port)

    def _serving(self, endpoint: Endpoint) -> frozenset[str]:
        """The nodes of the server's pods."""
        where = f"/api/v1/namespaces/{self.stack.outputs.namespace}/pods"
        label = f"app.kubernetes.io/name%3D{endpoint.deployment}"
        listed = self.stack.cluster.get(f"{where}?labelSelector={label}")
        return frozenset(text(each, "spec", "nodeName") for each in items(listed, "items"))


def cluster_url(address: str, port: int, url: str) -> str:
    """The path of a URL at a Service's cluster IP."""
    host = f"[{address}]" if ":" in address else address
    return urlunsplit(urlsplit(url)._replace(scheme="http", netloc=f"{host}:{port}"))


def require_open(profile: Profile) -> Open | Trace:
    """The same. Raises OptionError for a load whose arrivals are not known beforehand."""
    if isinstance(profile, Closed):
        raise OptionError(
            f"{OPTION}: expected an open load, got {profile.users} users who wait for their answers; "
            "leave it out, one machine holds them all"
        )
    return profile


def require_enough(requests: int, count: int) -> None:
    """Raises OptionError for more generators than requests."""
    if count > requests:
        raise OptionError(
            f"{OPTION}: expected at most {requests}, as the load has no more requests, got {count}"
        )


def require_reachable(endpoints: Sequence[Endpoint]) -> None:
    """Raises OptionError for servers that pods of the cluster may not ask."""
    if any(each.door != OPEN for each in endpoints):
        raise OptionError(
            f"{OPTION}: expected servers that pods of the cluster may ask, got a stack whose gateway alone "
            "may; leave it out"
        )


@contextmanager
def fleet(stack: Deployed, count: int) -> Iterator[Fleet]:
    """Generators for as many loads as are wanted; at its end their namespace goes. Raises ClusterError."""
    outputs, cluster = stack.outputs, stack.cluster
    kubectl = Kubectl(outputs.context, objects.home_of(outputs.namespace))
    path = f"/api/v1/namespaces/{kubectl.namespace}"
    require_free(stack, kubectl)
    until(lambda: at(cluster.find(path), "metadata", "deletionTimestamp") is None, GONE_SECONDS)
    try:
        kubectl.apply(objects.room(outputs.stack, outputs.namespace))
        yield Fleet(stack, kubectl, count)
    finally:
        kubectl.delete("namespace", kubectl.namespace)
        until(lambda: cluster.find(path) is None, GONE_SECONDS)


def require_free(stack: Deployed, kubectl: Kubectl) -> None:
    """What a killed bench left is taken over, once it has ended. Raises ClusterError for all else."""
    found = stack.cluster.find(f"/api/v1/namespaces/{kubectl.namespace}")
    if found is None:
        return
    mine = objects.labels(stack.outputs.stack)
    if any(text(found, "metadata", "labels", key) != value for key, value in mine.items()):
        raise ClusterError(
            f"{OPTION}: namespace {kubectl.namespace} is somebody else's; remove it, or leave {OPTION} out"
        )
    jobs = stack.cluster.get(f"/apis/batch/v1/namespaces/{kubectl.namespace}/jobs")
    if any(at(each, "status", "active") for each in items(jobs, "items")):
        raise ClusterError(
            f"{OPTION}: namespace {kubectl.namespace} has a load under way, or one whose bench is gone; wait "
            f"for its end, or run: kubectl --context {kubectl.context} delete namespace {kubectl.namespace}"
        )

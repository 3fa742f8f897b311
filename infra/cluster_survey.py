"""What a cluster has: asked once, all questions at the same time, before anything is declared.

What the user may not ask is None; a check that needs it is left out.
"""

import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import cast
from urllib.parse import quote

from kubernetes import client
from kubernetes.client.exceptions import ApiException
from urllib3.exceptions import HTTPError

from base.children import tied_command
from infra import capacity, live, target
from infra.gateway import checks
from stack.endings import EXTERNAL_API, METRICS_API
from stack.kube import INSTANCE, KubeObject, name_of
from stack.namespaces import MONITORING
from stack.schema import SettingsError

API_SERVICES = "/apis/apiregistration.k8s.io/v1/apiservices"
SCALED_OBJECTS = "/apis/keda.sh/v1alpha1/scaledobjects"
VPA_KIND = "verticalpodautoscalers.autoscaling.k8s.io"
VERTICALS = "/apis/autoscaling.k8s.io/v1/verticalpodautoscalers"
NODE_POOLS = "/apis/karpenter.sh/v1/nodepools"
PROMETHEUS = f"/apis/apps/v1/namespaces/{MONITORING}/deployments/prometheus"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases"
PODS = "/api/v1/pods?fieldSelector=" + quote("status.phase!=Succeeded,status.phase!=Failed,spec.nodeName!=")
BLOCKING = ("NoSchedule", "NoExecute")
# Set by Kubernetes itself while a node starts or is ill; Pulumi waits for what passes.
PASSING = ("node.kubernetes.io/", "node.cloudprovider.kubernetes.io/")


@dataclass(frozen=True)
class Lease:
    """A lease of kube-system; `live` while its holder renews it."""

    name: str
    live: bool


@dataclass(frozen=True)
class Survey:
    """A cluster as it is now.

    `node_pools` are Karpenter's, which add nodes.
    `metrics_api` and `external_api` are the namespaces of the Services behind metrics.k8s.io and
    external.metrics.k8s.io, empty where there is none; `keda` is whether there can be ScaledObjects, and
    `scaled` the namespaces of those that there are. `vpa` is the definition of VerticalPodAutoscalers, as
    `namespaces`, `vertical` the namespaces of those that there are.
    `namespaces` are by name, with the stack whose label they carry, empty without one; so are those
    `definitions` that stand for a gateway's kinds. `addressed` are the
    Services that a load balancer has given an address; `programs` run on this machine, and so does a node if
    `node_here`.
    """

    nodes: tuple[capacity.Node, ...] | None = None
    node_pools: frozenset[str] | None = None
    pods: tuple[capacity.Pod, ...] | None = None
    prometheus: bool | None = None
    metrics_api: str | None = None
    external_api: str | None = None
    keda: bool | None = None
    scaled: tuple[str, ...] | None = None
    vpa: Mapping[str, str] | None = None
    vertical: tuple[str, ...] | None = None
    storage_classes: frozenset[str] | None = None
    gateway_classes: frozenset[str] | None = None
    gateways: tuple[checks.Known, ...] | None = None
    definitions: Mapping[str, str] | None = None
    namespaces: Mapping[str, str] | None = None
    leases: tuple[Lease, ...] | None = None
    addressed: tuple[str, ...] | None = None
    programs: tuple[str, ...] = ()
    node_here: bool | None = None


def survey(context: str) -> Survey:
    """Ask the cluster of a context, at most `target.SECONDS` long.

    Raises SettingsError if its API server does not answer.
    """
    api = target.client_of(context)
    questions: Mapping[str, Callable[[], object]] = {
        "nodes": lambda: nodes(_items(api, "/api/v1/nodes")),
        "node_pools": lambda: _names(api, NODE_POOLS),
        "pods": lambda: pods(_items(api, PODS)),
        "prometheus": lambda: live.get(api, PROMETHEUS) is not None,
        "metrics_api": lambda: metrics_namespace(live.get(api, f"{API_SERVICES}/{METRICS_API}")),
        "external_api": lambda: metrics_namespace(live.get(api, f"{API_SERVICES}/{EXTERNAL_API}")),
        "keda": lambda: live.get(api, SCALED_OBJECTS) is not None,
        "scaled": lambda: namespaces_of(_items(api, SCALED_OBJECTS)),
        "vpa": lambda: owners(_each(api, checks.DEFINITIONS, (VPA_KIND,))),
        "vertical": lambda: namespaces_of(_items(api, VERTICALS)),
        "storage_classes": lambda: _names(api, "/apis/storage.k8s.io/v1/storageclasses"),
        "gateway_classes": lambda: _names(api, checks.CLASSES),
        "gateways": lambda: checks.known(_items(api, checks.GATEWAYS)),
        "definitions": lambda: owners(_each(api, checks.DEFINITIONS, checks.SIGNS)),
        "namespaces": lambda: owners(_items(api, "/api/v1/namespaces")),
        "leases": lambda: leases(_items(api, LEASES), datetime.now(UTC)),
        "addressed": lambda: addressed(_items(api, "/api/v1/services")),
        "programs": programs_here,
    }
    try:
        with ThreadPoolExecutor(len(questions)) as pool:
            asked = {name: pool.submit(_permitted, question) for name, question in questions.items()}
            answers = {name: answer.result() for name, answer in asked.items()}
    except (ApiException, HTTPError) as error:
        raise SettingsError([target.unusable(api, context, error)]) from error
    known = Survey(**answers)  # type: ignore[arg-type]  # one question a field, of its type
    return replace(known, node_here=nodes_here(known.nodes or ()))


def nodes(items: list[KubeObject]) -> tuple[capacity.Node, ...]:
    """The nodes that take pods, if only those that tolerate their taints."""
    return tuple(
        capacity.Node(
            name_of(node),
            capacity.amount(cast("dict[str, str]", _part(node, "status", "allocatable"))),
            str(_part(node, "spec").get("providerID", "")),
            _internal_address(node),
            cast("dict[str, str]", _part(node, "metadata", "labels")),
            _taints(_part(node, "spec")),
        )
        for node in items
        if not _part(node, "spec").get("unschedulable")
    )


def _internal_address(node: KubeObject) -> str:
    known = {str(each["type"]): str(each["address"]) for each in _list(_part(node, "status"), "addresses")}
    return known.get("InternalIP", "")


def _taints(spec: KubeObject) -> tuple[str, ...]:
    lasting = (taint for taint in _list(spec, "taints") if not str(taint["key"]).startswith(PASSING))
    return tuple(
        f"{taint['key']}={taint.get('value') or ''}:{taint['effect']}"
        for taint in lasting
        if taint["effect"] in BLOCKING
    )


def pods(items: list[KubeObject]) -> tuple[capacity.Pod, ...]:
    """The pods that hold room on a node; one that is being deleted gives it back soon."""
    return tuple(
        capacity.Pod(
            str(_part(pod, "metadata")["namespace"]),
            str(_part(pod, "spec")["nodeName"]),
            _request(_part(pod, "spec")),
        )
        for pod in items
        if not _part(pod, "metadata").get("deletionTimestamp")
    )


def _request(spec: KubeObject) -> capacity.Amount:
    """All containers together, or the largest that runs before them."""
    own = [capacity.requested(container) for container in _list(spec, "containers")]
    overhead = capacity.amount(cast("dict[str, str]", _part(spec, "overhead")))
    starting = [capacity.requested(container) for container in _list(spec, "initContainers")]
    return max((sum(own, overhead), *starting), key=lambda amount: amount.millicores)


def metrics_namespace(api_service: KubeObject | None) -> str:
    """Where the Service behind an API lives; empty if the API is not registered."""
    return str(_part(api_service or {}, "spec", "service").get("namespace", ""))


def namespaces_of(items: list[KubeObject]) -> tuple[str, ...]:
    """The namespaces that hold some objects."""
    return tuple(sorted({str(_part(item, "metadata")["namespace"]) for item in items}))


def leases(items: list[KubeObject], now: datetime) -> tuple[Lease, ...]:
    """Live is a lease that was renewed within twice its duration: clocks differ a little."""
    return tuple(Lease(name_of(lease), _is_live(_part(lease, "spec"), now)) for lease in items)


def _is_live(lease: KubeObject, now: datetime) -> bool:
    renewed, duration = lease.get("renewTime"), lease.get("leaseDurationSeconds")
    if not renewed or not isinstance(duration, int):
        return False
    return (now - datetime.fromisoformat(str(renewed))).total_seconds() < 2 * duration


def owners(items: list[KubeObject]) -> dict[str, str]:
    """The stack that each object belongs to, by the object's name; empty for what is no stack's."""
    return {name_of(item): str(_part(item, "metadata", "labels").get(INSTANCE, "")) for item in items}


def addressed(items: list[KubeObject]) -> tuple[str, ...]:
    """The Services of type LoadBalancer that have an address."""
    return tuple(
        f"{_part(service, 'metadata')['namespace']}/{name_of(service)}"
        for service in items
        if _part(service, "spec").get("type") == "LoadBalancer"
        and _list(_part(service, "status", "loadBalancer"), "ingress")
    )


def _permitted(question: Callable[[], object]) -> object:
    try:
        return question()
    except ApiException as error:
        if error.status in (401, 403):
            return None
        raise


def _items(api: client.ApiClient, path: str) -> list[KubeObject]:
    return _list(live.get(api, path) or {}, "items")


def _each(api: client.ApiClient, path: str, names: Sequence[str]) -> list[KubeObject]:
    found = (live.get(api, f"{path}/{name}") for name in names)
    return [each for each in found if each]


def _names(api: client.ApiClient, path: str) -> frozenset[str]:
    return frozenset(map(name_of, _items(api, path)))


def _part(item: KubeObject, *keys: str) -> KubeObject:
    """The object below some keys; empty where there is none."""
    for key in keys:
        item = cast("KubeObject", item.get(key) or {})
    return item


def _list(item: KubeObject, key: str) -> list[KubeObject]:
    return cast("list[KubeObject]", item.get(key) or [])


def nodes_here(found: tuple[capacity.Node, ...]) -> bool | None:
    """Whether a node has an address of this very machine; None where no node tells its address."""
    told = [node.address for node in found if node.address]
    return any(map(_is_of_this_machine, told)) if told else None


def _is_of_this_machine(address: str) -> bool:
    """Only an address of one's own can be bound."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as bound:
            bound.bind((address, 0))
    except OSError:
        return False
    return True


def programs_here() -> tuple[str, ...]:
    """The command lines of this machine's programs; none where it has no `ps`."""
    command = ["ps", "-A", "-o", "args="]
    try:
        shown = subprocess.run(
            tied_command(command), capture_output=True, text=True, timeout=target.SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return tuple(shown.stdout.splitlines())

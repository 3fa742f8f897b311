"""Simulated nodes come, are looked at, and go with all that they left."""

import time
from collections import Counter
from collections.abc import Callable, Sequence

from embedded import mirror, toolchain
from embedded.cluster import layout
from embedded.cluster.kubernetes import api
from embedded.fleet import kubectl, manifests
from embedded.fleet.errors import FleetError
from embedded.fleet.kubectl import Found, part
from embedded.fleet.manifests import LABEL, NAMESPACE, POOL, VALUE, Images
from embedded.fleet.nodes import NodeKind
from embedded.machine.versions import pins
from embedded.toolchain.catalogue import KARPENTER_KINDS, KARPENTER_KWOK, KWOK_STAGES

KWOK = "registry.k8s.io/kwok/kwok"
OURS = f"{LABEL}={VALUE}"
DEPLOYMENTS = ("karpenter", "kwok")
KINDS = ("nodepools.karpenter.sh", "nodeclaims.karpenter.sh", "kwoknodeclasses.karpenter.kwok.sh")
GONE_SECONDS = 90.0
POLL_SECONDS = 1.0
NO_FINALIZERS = '{"metadata":{"finalizers":null}}'

Say = Callable[[str], None]


def say(line: str) -> None:
    print(f"nodes: {line}", flush=True)


def start(kind: NodeKind, tell: Say = say) -> None:
    """Karpenter may order simulated nodes of this kind. Idempotent; another kind replaces the first.

    Programs and images are built where they are missing. Raises FleetError, MirrorError, ToolchainError.
    """
    _require_cluster()
    mirror.ensure((KARPENTER_KWOK, KWOK))
    definitions = [toolchain.tool(f"{name}.yaml").read_text() for name in KARPENTER_KINDS]
    stages = tuple(toolchain.tool(name).read_text() for name in KWOK_STAGES)
    images = Images(pins().reference(KARPENTER_KWOK), pins().reference(KWOK))
    where = layout.current()
    api.apply(where, "---\n".join(definitions))
    kubectl.run("wait", "--for=condition=Established", "--timeout=60s", *(f"crd/{name}" for name in KINDS))
    api.apply(where, manifests.programs(images, kind, stages))
    for name in DEPLOYMENTS:
        kubectl.run("rollout", "status", f"deployment/{name}", f"--namespace={NAMESPACE}", "--timeout=120s")
        tell(f"{name} runs")
    api.apply(where, manifests.pool(kind))
    tell(f"Karpenter orders {kind.name} at {kind.hour:g} an hour; nothing runs on them")
    tell(f"a stack's pods go there by its setting placement: {manifests.placement()}")


def status() -> str:
    """Programs, and nodes by kind and zone. Raises FleetError."""
    _require_cluster()
    programs = kubectl.items("deployments", f"--namespace={NAMESPACE}")
    ready = {
        str(part(each, "metadata")["name"]): part(each, "status").get("readyReplicas") for each in programs
    }
    lines = [f"{name:12} {'runs' if ready.get(name) else 'not there'}" for name in DEPLOYMENTS]
    counted = Counter(_place(node) for node in nodes())
    return "\n".join(lines + [f"{place}: {count} nodes" for place, count in sorted(counted.items())])


def stop(tell: Say = say) -> None:
    """No node, object or kind of them is left. Raises FleetError while pods of a stack are on the nodes."""
    _require_cluster()
    if there := _stacks():
        told = ", ".join(sorted(there))
        raise FleetError(
            f"simulated nodes: expected no pods on them, got those of {told}; destroy these first"
        )
    if kubectl.items("customresourcedefinitions", "--ignore-not-found", KINDS[0]):
        kubectl.run("delete", "nodepool", POOL, "--ignore-not-found", "--wait=false")
        if not _gone(GONE_SECONDS):
            _force(tell)
    kubectl.run("delete", "namespace", NAMESPACE, "--ignore-not-found")
    rights = [
        f"{kind}/{NAMESPACE}-{name}" for kind in ("clusterrole", "clusterrolebinding") for name in DEPLOYMENTS
    ]
    kubectl.run("delete", "--ignore-not-found", *rights)
    leases = [f"{kind}/{NAMESPACE}-kwok" for kind in ("role", "rolebinding")]
    kubectl.run("delete", "--ignore-not-found", "--namespace=kube-node-lease", *leases)
    kubectl.run("delete", "--ignore-not-found", *(f"crd/{name}" for name in KINDS))
    tell("gone")


def nodes() -> Sequence[Found]:
    """The simulated ones. Raises FleetError."""
    return kubectl.items("nodes", f"--selector={OURS}")


def _require_cluster() -> None:
    found = api.node(layout.current())
    if not found.ready:
        raise FleetError(f"expected the embedded cluster, got none ({found.reason}); run: make up")


def _place(node: Found) -> str:
    labels = part(node, "metadata", "labels")
    kind, zone = "node.kubernetes.io/instance-type", "topology.kubernetes.io/zone"
    return f"{labels.get(kind, '?')} in {labels.get(zone, '?')}"


def _stacks() -> set[str]:
    """The namespaces that have pods on simulated nodes."""
    ours = {part(node, "metadata")["name"] for node in nodes()}
    pods = kubectl.items("pods", "--all-namespaces") if ours else ()
    return {
        str(part(pod, "metadata")["namespace"]) for pod in pods if part(pod, "spec").get("nodeName") in ours
    }


def _gone(seconds: float) -> bool:
    """Whether Karpenter has taken its nodes away within so many seconds."""
    deadline = time.monotonic() + seconds
    while nodes() or kubectl.items("nodeclaims.karpenter.sh") or kubectl.items("nodepools.karpenter.sh"):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _force(tell: Say) -> None:
    """What Karpenter does not take away, because it is dead or gone, goes without it."""
    kinds = {"nodes": (f"--selector={OURS}",), KINDS[1]: (), KINDS[0]: (), KINDS[2]: ()}
    for kind, selected in kinds.items():
        for each in kubectl.items(kind, *selected):
            name = str(part(each, "metadata")["name"])
            kubectl.run("delete", kind, name, "--ignore-not-found", "--wait=false")
            if kubectl.items(kind, name, "--ignore-not-found"):
                kubectl.run("patch", kind, name, "--type=merge", f"--patch={NO_FINALIZERS}")
            tell(f"{kind} {name}: taken away without Karpenter")

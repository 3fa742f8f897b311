"""What the start needs to know of the API server: is the node Ready, and apply these manifests."""

import json
import subprocess
from dataclasses import dataclass
from datetime import datetime

from base.children import tied
from embedded.cluster import layout
from embedded.cluster.errors import ClusterError
from embedded.cluster.layout import Layout
from embedded.cluster.processes import programs
from embedded.cluster.processes.probes import Http, connection, get

FIELD_MANAGER = "emotion-serving-embedded"


@dataclass(frozen=True)
class Condition:
    """Whether a condition is True, and why, as Kubernetes words it."""

    ready: bool
    reason: str


UNREACHABLE = Condition(False, "the API server does not answer")


def node(where: Layout) -> Condition:
    """The node's Ready condition."""
    status, body = _get(where, f"/api/v1/nodes/{layout.NODE}")
    return parse_node(body) if status == 200 else _absent(status, "node")


def last_sign_of_life(where: Layout) -> float:
    """When the kubelet last renewed the node's lease or wrote its conditions: epoch seconds, 0 if never."""
    lease = f"/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/{layout.NODE}"
    replies = [_get(where, path) for path in (lease, f"/api/v1/nodes/{layout.NODE}")]
    return max((parse_sign_of_life(body) for status, body in replies if status == 200), default=0.0)


def parse_sign_of_life(body: bytes) -> float:
    """Pure: the latest time in a node's lease or in a node's conditions."""
    document = json.loads(body)
    conditions = document.get("status", {}).get("conditions", [])
    times = [
        document.get("spec", {}).get("renewTime"),
        *(each.get("lastHeartbeatTime") for each in conditions),
    ]
    return max((datetime.fromisoformat(time).timestamp() for time in times if time), default=0.0)


def dns(where: Layout) -> Condition:
    """The Available condition of CoreDNS' Deployment."""
    status, body = _get(where, "/apis/apps/v1/namespaces/kube-system/deployments/coredns")
    return parse_condition(body, "Available") if status == 200 else _absent(status, "deployment")


def parse_node(body: bytes) -> Condition:
    return parse_condition(body, "Ready")


def parse_condition(body: bytes, kind: str) -> Condition:
    """Pure: one condition out of an object's status."""
    for found in json.loads(body).get("status", {}).get("conditions", []):
        if found["type"] == kind:
            reason = ": ".join(part for key in ("reason", "message") if (part := found.get(key, "")))
            return Condition(found["status"] == "True", reason)
    return Condition(False, f"no condition {kind} yet")


def kubectl(where: Layout, *words: str) -> tuple[str, ...]:
    """The command line of kubectl as the cluster's administrator."""
    return (
        *(programs.find("kubectl"), f"--kubeconfig={where.kubeconfig}", f"--context={layout.CONTEXT}"),
        *words,
    )


def apply(where: Layout, manifests: str) -> None:
    """Server-side apply of a multi-document YAML text; repeating it changes nothing."""
    argv = kubectl(
        where,
        *("apply", "--server-side", "--force-conflicts", f"--field-manager={FIELD_MANAGER}", "--filename=-"),
    )
    done = subprocess.run(
        argv, input=manifests, capture_output=True, text=True, check=False, preexec_fn=tied()
    )
    if done.returncode:
        raise ClusterError(f"applying the cluster's own manifests failed: {done.stderr.strip()}")


def _absent(status: int, what: str) -> Condition:
    return UNREACHABLE if status == 0 else Condition(False, f"no such {what} yet (HTTP {status})")


def _get(where: Layout, path: str) -> tuple[int, bytes]:
    pki = where.pki
    identity = (pki / "admin.crt", pki / "admin.key")
    try:
        link = connection(Http(layout.NODE_IP, layout.API_PORT, path, ca=pki / "ca.crt", identity=identity))
        return get(link, path)
    except OSError:
        return 0, b""

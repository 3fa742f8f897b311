"""`make status`: what runs, where, and program by program whether it is upstream software or a stand-in."""

import json
import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from base.children import tied
from embedded import cluster, mirror, plugins, toolchain
from embedded.machine import environment, limits, paths

SECONDS = 10


@dataclass(frozen=True)
class Pod:
    """A pod and the images that it runs."""

    namespace: str
    name: str
    phase: str
    ready: str
    restarts: int
    images: tuple[str, ...]


@dataclass(frozen=True)
class Status:
    """Everything that `render` shows."""

    cluster: cluster.ClusterStatus
    programs: Sequence[toolchain.Source]
    plugins: Sequence[plugins.InstalledPlugin]
    images: Sequence[mirror.Image]
    pods: Sequence[Pod]


def gather() -> Status:
    """Look at the machine and ask the API server; changes nothing."""
    now = cluster.status()
    return Status(
        cluster=now,
        programs=toolchain.inventory(),
        plugins=plugins.installed(paths.pulumi_home()),
        images=mirror.inventory(),
        pods=_pods() if now.node.ready else (),
    )


def render(status: Status) -> str:
    """One screen."""
    node = status.cluster.node
    sections = {
        f"Cluster: {'ready' if node.ready else node.reason}": (
            _process(each) for each in status.cluster.processes
        ),
        "Pods": (_pod(pod) for pod in status.pods),
        "Images": ((image.reference, image.kind, image.detail) for image in status.images),
        "Pulumi plugins": ((each.name, each.version, each.origin) for each in status.plugins),
        "Programs": ((each.name, each.version, each.origin) for each in status.programs),
    }
    shown = [f"{title}\n{table(rows)}" for title, rows in sections.items()]
    return "\n\n".join([*shown, f"Limits\n  {limits.NETWORK_POLICIES}"])


def table(rows: Iterable[tuple[str, ...]]) -> str:
    """Rows in columns as wide as their longest cell."""
    known = list(rows)
    if not known:
        return "  none"
    widths = [max(len(cell) for cell in column) for column in zip(*known, strict=True)]
    return "\n".join(
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in known
    )


def pods(listed: Mapping[str, object]) -> tuple[Pod, ...]:
    """The pods of a PodList."""
    return tuple(_read_pod(item) for item in cast("list[dict[str, dict[str, object]]]", listed["items"]))


def _read_pod(item: Mapping[str, Mapping[str, object]]) -> Pod:
    containers = cast("list[dict[str, object]]", item["status"].get("containerStatuses") or [])
    ready = sum(bool(each["ready"]) for each in containers)
    return Pod(
        namespace=str(item["metadata"]["namespace"]),
        name=str(item["metadata"]["name"]),
        phase=str(item["status"].get("phase", "Unknown")),
        ready=f"{ready}/{len(containers)}",
        restarts=sum(cast(int, each["restartCount"]) for each in containers),
        images=tuple(str(each["image"]) for each in containers),
    )


def _pods() -> tuple[Pod, ...]:
    command = [str(toolchain.tool("kubectl")), "get", "pods", "--all-namespaces", "--output", "json"]
    answer = subprocess.run(
        command,
        env={**os.environ, **environment.variables()},
        capture_output=True,
        check=False,
        timeout=SECONDS,
        preexec_fn=tied(),
    )
    return pods(json.loads(answer.stdout)) if answer.returncode == 0 else ()


def _process(each: cluster.ProcessStatus) -> tuple[str, ...]:
    health = "healthy" if each.healthy else each.state.value if each.pid is None else "not healthy"
    whose = "stand-in for a cloud's load balancer" if each.name == "loadbalancer" else "upstream software"
    return (each.name, health, f"pid {each.pid}" if each.pid else "", whose, str(each.log))


def _pod(pod: Pod) -> tuple[str, ...]:
    restarts = f"{pod.restarts} restarts" if pod.restarts else ""
    return (pod.namespace, pod.name, pod.phase, pod.ready, ", ".join(pod.images), restarts)

"""A planned stack comes up on nodes that are ordered for it, is made smaller, and goes."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import psutil

from bench.collect import discovery, processes
from bench.collect.discovery import Discovering
from bench.collect.processes import MEBIBYTE
from bench.errors import TargetError
from bench.records import fleet
from bench.records.fleet import Fleet, Plan, Scaler, Scene, Seen, Stage
from bench.subject import placed, pulumi
from bench.subject.cluster import Cluster
from bench.subject.objects import text
from stack.namespaces import Placement

POLL_SECONDS = 1.0
STILL_SECONDS = 30.0  # Karpenter looks for better nodes every 10 s, and waits 15 s before it acts

Say = Callable[[str], None]


@dataclass(frozen=True)
class Trial:
    """What is tried: a stack's settings for so many pods, on nodes with some labels.

    `smaller`: the settings for fewer pods, and how many; `patience`: s that a change may take to settle.
    """

    stack: str
    plan: Plan
    sets: Mapping[str, object]
    labels: Mapping[str, str]
    patience: float
    smaller: tuple[Mapping[str, object], int] | None

    @property
    def namespace(self) -> str:
        """Where its pods are."""
        return Placement(self.stack).namespace


@dataclass(frozen=True)
class Came:
    """The stack as it came up."""

    stage: Stage
    scene: Scene
    seen: Seen | None
    scalers: tuple[Scaler, ...]
    simulated: bool


@dataclass(frozen=True)
class Hands:
    """The cluster; `keep` makes settings those of the stack's file; `say` shows a line of progress."""

    cluster: Cluster
    keep: Callable[[Mapping[str, object]], None]
    say: Say


def run(trial: Trial, hands: Hands) -> Fleet:
    """Deploy, look, make it smaller if asked to, and take all of it away, whatever happens.

    Raises BenchError.
    """
    cluster, say = hands.cluster, hands.say
    api, prometheus = discovery.api_mebibytes(cluster), discovery.prometheus_mebibytes(cluster)
    try:
        came = _come(trial, hands)
        shrunk = _change(trial, hands, *trial.smaller)[0] if trial.smaller else None
    finally:
        start = time.monotonic()
        pulumi.destroy(trial.stack)
        removed = round(time.monotonic() - start, 1)
        say(f"destroyed in {removed:.0f} s")
    return Fleet(
        when=datetime.now(UTC).isoformat(timespec="seconds"),
        cpus=os.cpu_count() or 1,
        machine_mebibytes=round(psutil.virtual_memory().total / MEBIBYTE),
        kubernetes=text(cluster.get("/version"), "gitVersion"),
        simulated=came.simulated,
        plan=trial.plan,
        sets=trial.sets,
        api_mebibytes=api,
        prometheus_mebibytes=prometheus,
        binding=fleet.binding(came.scene.pods),
        all_bound=fleet.all_bound(came.scene.pods),
        came=came.stage,
        seen=came.seen,
        scalers=came.scalers,
        shrunk=shrunk,
        removed=removed,
        nodes_gone=_emptied(trial, cluster, say),
    )


def _come(trial: Trial, hands: Hands) -> Came:
    cluster = hands.cluster
    with Discovering(cluster, trial.namespace, trial.plan.pods) as discovering:
        stage, scene = _change(trial, hands, trial.sets, trial.plan.pods)
    return Came(
        stage,
        scene,
        discovering.seen(max(pod.scheduled or 0.0 for pod in scene.pods)),
        placed.scalers(cluster, trial.namespace),
        placed.simulated(cluster, trial.labels),
    )


def _change(trial: Trial, hands: Hands, sets: Mapping[str, object], pods: int) -> tuple[Stage, Scene]:
    """`pulumi up` with some settings, until pods and nodes have settled. Raises TargetError."""
    cluster, start = hands.cluster, time.monotonic()
    hands.keep(sets)
    command = processes.during(lambda: pulumi.up(trial.stack))
    hands.say(f"pulumi up: {command.seconds:.0f} s")
    scene, settled = settle(lambda: _look(trial, cluster, start), pods, trial.patience, hands.say)
    if not scene.complete(pods):
        told = f"{scene.bound} of {pods} are on one after {scene.at:.0f} s; see kubectl describe pod"
        raise TargetError(f"{trial.stack}: expected every pod on a node, got {told}")
    found = fleet.groups(scene)
    stage = Stage(
        pods=len(scene.pods),
        nodes=len(scene.nodes),
        month=fleet.month(scene, trial.plan),
        skew=fleet.skew(found),
        groups=found,
        budgets=placed.budgets(cluster, trial.namespace),
        seconds=round(scene.at, 1),
        settled=settled,
        command=command,
        api_mebibytes=discovery.api_mebibytes(cluster),
    )
    return stage, scene


def _look(trial: Trial, cluster: Cluster, start: float) -> Scene:
    pods, nodes = placed.pods(cluster, trial.namespace), placed.nodes(cluster, trial.labels)
    return Scene(time.monotonic() - start, pods, nodes)


def settle(
    look: Callable[[], Scene],
    pods: int,
    patience: float,
    say: Say,
    pause: Callable[[float], object] = time.sleep,
) -> tuple[Scene, bool]:
    """The scene since which nothing has changed for STILL_SECONDS, with so many pods, all on nodes.

    After `patience` seconds the last one that differed from the one before, and False.
    """
    first = now = look()
    say(told(now))
    while now.at < patience:
        if now.complete(pods) and now.at - first.at >= STILL_SECONDS:
            return first, True
        pause(POLL_SECONDS)
        now = look()
        if now.state != first.state:
            first = now
            say(told(now))
    return first, False


def told(scene: Scene) -> str:
    """A line of progress."""
    ready = sum(node.ready for node in scene.nodes)
    pods = f"{scene.bound} of {len(scene.pods)} pods on a node"
    return f"{scene.at:5.0f} s  {pods}, {ready} of {len(scene.nodes)} nodes ready"


def _emptied(trial: Trial, cluster: Cluster, say: Say) -> float | None:
    """Seconds until no node is left; None if some stay: on a cluster of one's own they may be others'."""
    start = time.monotonic()
    while left := placed.nodes(cluster, trial.labels):
        if time.monotonic() - start > trial.patience:
            say(f"{len(left)} nodes stay")
            return None
        time.sleep(POLL_SECONDS)
    say("no node is left")
    return round(time.monotonic() - start, 1)

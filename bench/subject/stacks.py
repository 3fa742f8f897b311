"""Whether the stacks on a cluster are as Pulumi deployed them, and what keeps things that are to go."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from bench.errors import ClusterError, StackUnavailableError
from bench.subject import state
from bench.subject.cluster import Cluster
from bench.subject.objects import items
from stack import drift, endings, recorded
from stack.contexts import choose
from stack.drift import Deviation
from stack.kube import KubeObject, name_of
from stack.namespaces import PREFIX
from stack.schema import SettingsError
from stack.settings import Settings

API_SERVICES = "/apis/apiregistration.k8s.io/v1/apiservices"


@dataclass(frozen=True)
class StackState:
    """One stack beside its cluster."""

    name: str
    objects: int
    pending: Sequence[str]
    deviations: Sequence[Deviation]


def render(stacks: Sequence[StackState], obstacles: Sequence[str]) -> str:
    """A line for each stack, one for each of its objects that is not as deployed, and the obstacles."""
    lines = [line for each in stacks for line in _lines(each)] or ["none"]
    return "\n".join(["Stacks", *(f"  {line}" for line in (*lines, *obstacles))])


def _lines(stack: StackState) -> list[str]:
    if stack.pending:
        told = "; ".join(stack.pending)
        return [f"{stack.name}: cut off while {told}; run: make recover STACK={stack.name}"]
    if stack.deviations:
        count = f"{len(stack.deviations)} of {stack.objects} objects are not as deployed"
        return [
            f"{stack.name}: {count}; run: make up STACK={stack.name}",
            *(f"  {d}" for d in stack.deviations),
        ]
    return [f"{stack.name}: {stack.objects} objects, all as deployed"]


def obstacles(namespaces: Sequence[KubeObject], services: Sequence[KubeObject]) -> list[str]:
    """What is being deleted and why it is still there; and APIs that are down, which keep everything."""
    ending = [each for each in namespaces if name_of(each).startswith(PREFIX) and endings.is_ending(each)]
    told = [
        f"{name_of(each)} is being deleted: {endings.obstacle(each) or endings.remains(each)}"
        for each in ending
    ]
    return [*told, *endings.unavailable(services)]


def local_report(known: Sequence[str], connect: Callable[[str], Cluster] = Cluster) -> str:
    """The stacks on the local cluster, of the contexts that are known; a sentence where that fails."""
    try:
        context = choose(Settings().kube_contexts, known)
        cluster = connect(context)
        listed = cast("tuple[KubeObject, ...]", items(cluster.get("/api/v1/namespaces"), "items"))
        services = cast("tuple[KubeObject, ...]", items(cluster.get(API_SERVICES), "items"))
        states = {name: state.read(name) for name in state.deployed()}
        here = {name: held for name, held in states.items() if recorded.context(held) in ("", context)}
        return render([look(name, held, cluster) for name, held in here.items()], obstacles(listed, services))
    except (ClusterError, SettingsError, StackUnavailableError) as error:
        return f"Stacks\n  not known: {error}"


def look(name: str, deployment: Mapping[str, object], cluster: Cluster) -> StackState:
    """Compare a stack with its cluster. Raises ClusterError."""
    known = recorded.objects(deployment)
    pending = tuple(map(str, recorded.pending(deployment)))
    return StackState(name, len(known), pending, drift.compare(known, cluster.find))

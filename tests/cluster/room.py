"""How many stacks may be up at once: the CPU that they request must fit into what the node has left."""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Condition

from infra import capacity, cluster_survey
from tests.rules.reading import Stack


@dataclass(frozen=True)
class Demand:
    """Millicores that preflight wants to see free before a stack comes up, and that its pods then hold."""

    coming: int
    staying: int


def demand(stack: Stack) -> Demand:
    """An autoscaled stack comes with its most pods and stays with one; others need room for a rollout."""
    wanted = capacity.demands(stack.objects)
    staying = sum(
        each.pod.millicores * (1 if stack.settings.horizontal else each.copies)
        for each in wanted
        if each.what != "for a rollout"
    )
    return Demand(sum(each.pod.millicores * each.copies for each in wanted), staying)


def free(context: str) -> int:
    """Millicores that the cluster's nodes have left."""
    seen = cluster_survey.survey(context)
    assert seen.nodes is not None
    assert seen.pods is not None
    left: Mapping[str, capacity.Amount] = capacity.free(seen.nodes, seen.pods, ())
    return sum(each.millicores for each in left.values())


class Room:
    """Millicores that are shared; who wants more than is left waits."""

    def __init__(self, millicores: int) -> None:
        self._left, self._changed = millicores, Condition()

    def take(self, millicores: int) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._left >= millicores)
            self._left -= millicores

    def give(self, millicores: int) -> None:
        with self._changed:
            self._left += millicores
            self._changed.notify_all()

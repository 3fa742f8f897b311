"""On which nodes the serving pods run."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stack.kube import KubeObject
from stack.rules import Labels, Whole, Words
from stack.schema import setting

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
NAME = r"([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
VALUE = r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?"
TAINT = re.compile(rf"(?P<key>{NAME})(=(?P<value>{VALUE}))?(:(?P<effect>{'|'.join(EFFECTS)}))?")


@dataclass(frozen=True)
class NodeLabels:
    """Labels by name, with values as Kubernetes allows them."""

    expected: str = "labels by name"

    def read(self, raw: object) -> tuple[tuple[str, str], ...]:
        found = Labels().read(raw)
        wrong = next((value for _, value in found if not re.fullmatch(VALUE, value)), None)
        if wrong is not None:
            raise ValueError(f"write {wrong} with at most 63 letters, digits, - _ and .")
        return found


@dataclass(frozen=True)
class Taints:
    """Taints as `kubectl taint` writes them."""

    expected: str = "a list of taints such as KEY=VALUE:NoSchedule"

    def read(self, raw: object) -> tuple[str, ...]:
        words = Words().read(raw)
        wrong = next((word for word in words if not TAINT.fullmatch(word)), None)
        if wrong is not None:
            raise ValueError(f"write {wrong} as KEY, KEY=VALUE or with :{' or :'.join(EFFECTS)} at its end")
        return words


@dataclass(frozen=True)
class PlacementSettings:
    """Which nodes take the serving pods; those of the platform are not meant."""

    node_selector: tuple[tuple[str, str], ...] = setting(
        (), NodeLabels(), "labels that a node must have, such as those of a node pool"
    )
    tolerations: tuple[str, ...] = setting(
        (), Taints(), "taints of nodes that the pods may run on all the same; without =VALUE any value"
    )
    max_zone_skew: int | None = setting(
        None,
        Whole(1, 100),
        "pods that one zone may have more than another, others wait for a node; unset: other zones are "
        "preferred, by availability.topologySpread",
    )


def fits(wanted: PlacementSettings, labels: Mapping[str, str], taints: Iterable[str]) -> bool:
    """Whether the pods may run on a node with these labels, and taints as `kubectl taint` writes them."""
    return all(labels.get(name) == value for name, value in wanted.node_selector) and all(
        any(_tolerates(each, taint) for each in wanted.tolerations) for taint in taints
    )


def _tolerates(toleration: str, taint: str) -> bool:
    asked, found = TAINT.fullmatch(toleration), TAINT.fullmatch(taint)
    if asked is None or found is None:
        return False
    return all(asked[part] in (None, found[part] or "") for part in ("key", "value", "effect"))


def toleration(taint: str) -> KubeObject:
    """What a pod says to be let onto nodes with a taint."""
    found = TAINT.fullmatch(taint)
    assert found  # the rule has read it
    key, value, effect = found["key"], found["value"], found["effect"]
    same: KubeObject = {"operator": "Exists"} if value is None else {"operator": "Equal", "value": value}
    return {"key": key, **same, **({"effect": effect} if effect else {})}

"""A stack of any scaler, followed on a cluster that answers from memory, one page a look."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from bench.collect.watcher import Watcher
from bench.errors import ClusterError
from bench.records.events import CREATED, GROW, GROWN, IN, OUT, READY, SEEN, Event
from bench.subject.cluster import Cluster
from bench.subject.deployed import Deployed
from tests.bench.scenes import SPACE, endpoint, outputs

VERTICAL = {
    "autoscaling": {"scaler": "vpa", "vpa": {"minCpuRequest": "100m", "maxCpuRequest": "1"}},
    "resources": {"cpuRequest": "350m", "cpuLimit": "700m"},
}
BY_KEDA = {"autoscaling": {"scaler": "keda", "metric": "requestsInFlight", "target": 0.5}}
Page = tuple[object, object, object]  # autoscalers, vertical ones, pods


def pod(name: str, asked: str = "700m", has: str = "700m", *, ready: bool = True) -> dict[str, object]:
    component = "torchserve"
    sizes = {each: f"{int(each[:-1]) // 2}m" for each in (asked, has)}
    given = {"requests": {"cpu": sizes[has]}, "limits": {"cpu": has}}
    wanted = {"requests": {"cpu": sizes[asked]}, "limits": {"cpu": asked}}
    since = {"type": "Ready", "status": str(ready), "lastTransitionTime": "2026-11-24T12:52:00Z"}
    return {
        "metadata": {"namespace": SPACE, "name": name, "labels": {"app.kubernetes.io/name": component}},
        "spec": {"containers": [{"name": component, "resources": wanted}]},
        "status": {
            "conditions": [since],
            "containerStatuses": [{"name": component, "resources": given}],
        },
    }


def by_keda(load: str, desired: int) -> dict[str, object]:
    """As KEDA makes it."""
    metric = {"metric": {"name": "s0-prometheus"}}
    target, current = ({"averageValue": each} for each in ("500m", load))
    return {
        "metadata": {"namespace": SPACE, "name": "keda-hpa-torchserve"},
        "spec": {
            "scaleTargetRef": {"name": "torchserve"},
            "metrics": [{"type": "External", "external": {**metric, "target": target}}],
        },
        "status": {
            "desiredReplicas": desired,
            "currentMetrics": [{"type": "External", "external": {**metric, "current": current}}],
        },
    }


def vertical(target: str) -> dict[str, object]:
    recommended = {"target": {"cpu": target}, "lowerBound": {"cpu": "1m"}, "upperBound": {"cpu": "9"}}
    return {
        "metadata": {"namespace": SPACE, "name": "torchserve"},
        "spec": {"targetRef": {"name": "torchserve"}},
        "status": {"recommendation": {"containerRecommendations": [recommended]}},
    }


def page(pods: Sequence[object], scalers: Sequence[object] = (), sizes: Sequence[object] = ()) -> Page:
    return {"items": list(scalers)}, {"items": list(sizes)}, {"items": list(pods)}


class Paged(Cluster):
    """Its last page stays."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self.pages, self.asked = list(pages), list[str]()

    @property
    def over(self) -> bool:
        return len(self.pages) == 1

    def get(self, path: str) -> object:
        self.asked.append(path)
        scalers, sizes, pods = self.pages[0]
        if "horizontalpodautoscalers" in path:
            return scalers
        if "verticalpodautoscalers" in path:
            if len(self.pages) > 1:
                self.pages.pop(0)
            return sizes
        return pods

    def text(self, path: str) -> str:
        raise ClusterError(f"{path}: no metrics")


class Turned(Paged):
    """The same where nobody asks for vertical autoscalers: pods are asked for last."""

    def get(self, path: str) -> object:
        found = super().get(path)
        if "/pods" in path and len(self.pages) > 1:
            self.pages.pop(0)
        return found


def followed(cluster: Paged, settings: Mapping[str, object]) -> Watcher:
    there = replace(outputs(), endpoints=(endpoint("torchserve"),), settings=settings)
    watcher = Watcher(Deployed(there, cluster), lambda _: None, 0.0)
    turns = iter(range(len(cluster.pages) + 1))
    watcher.follow(lambda: next(turns, None) is None)
    return watcher


def whats(events: Sequence[Event]) -> list[str]:
    return [each.what for each in events]


def test_a_pod_that_vpa_grows_is_followed_from_the_recommendation_to_its_effect() -> None:
    one = "torchserve-1"
    pages = [
        page([pod(one)], sizes=[vertical("350m")]),
        page([pod(one)], sizes=[vertical("600m")]),
        page([pod(one, asked="1200m")], sizes=[vertical("600m")]),
        page([pod(one, asked="1200m", has="1200m")], sizes=[vertical("600m")]),
    ]
    watcher = followed(Paged(pages), VERTICAL)
    assert whats(watcher.events) == [SEEN, GROW, GROWN]
    assert [(each.pods, each.ready, each.cores) for each in watcher.held("torchserve")] == [
        (1, 1, 0.35),
        (1, 1, 0.6),
    ]


def test_an_autoscaler_that_keda_made_is_followed_as_any_other() -> None:
    one, two = pod("torchserve-1"), pod("torchserve-2", ready=False)
    pages = [
        page([one], [by_keda("100m", 1)]),
        page([one], [by_keda("1316m", 1)]),
        page([one, two], [by_keda("1316m", 2)]),
        page([one, pod("torchserve-2")], [by_keda("300m", 2)]),
        page([one], [by_keda("100m", 1)]),
    ]
    watcher = followed(Turned(pages), BY_KEDA)
    assert whats(watcher.events)[:5] == [SEEN, OUT, CREATED, READY, IN]
    assert watcher.events[0].detail == "load 1.32 > 0.5"
    assert {each.server for each in watcher.events} == {"torchserve"}
    assert [(each.pods, each.ready) for each in watcher.held("torchserve")] == [
        (1, 1),
        (2, 1),
        (2, 2),
        (1, 1),
    ]


@pytest.mark.parametrize("settings", [{}, BY_KEDA])
def test_what_has_no_vertical_autoscaler_is_not_asked_for_one(settings: Mapping[str, object]) -> None:
    cluster = Turned([page([pod("torchserve-1")])])
    watcher = followed(cluster, settings)
    assert watcher.events == []
    assert [(each.pods, each.cores) for each in watcher.held("torchserve")] == [(1, 0.35)]
    assert not any("verticalpodautoscalers" in path for path in cluster.asked)

"""Whether generators may be had in a cluster, and where they aim."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from bench.errors import BenchError, ClusterError, OptionError
from bench.load.profiles import THESIS
from bench.segments import fleet, job, objects
from bench.segments.job import Job
from bench.segments.kubectl import Kubectl
from bench.segments.objects import Size
from bench.subject.cluster import Cluster
from bench.subject.deployed import Deployed
from stack.outputs import Door
from tests.bench.loads import plan
from tests.bench.scenes import endpoint, outputs
from tests.bench.segments.test_told import listed

HOME = objects.home_of(outputs().namespace)
SIZE = Size(count=1, requests=600, users=20, body_bytes=0, seconds=60, apart=False)


class Fixed(Cluster):
    """Answers by the last part of a path; nothing else is there."""

    def __init__(self, **known: Any) -> None:
        self.context, self._known = "none", known

    def get(self, path: str) -> object:
        return self._known.get(urlsplit(path).path.rpartition("/")[2], {"items": []})

    def find(self, path: str) -> object | None:
        return self._known.get("namespace") if path.endswith(HOME) else None


def free(**known: Any) -> None:
    fleet.require_free(Deployed(outputs(), Fixed(**known)), Kubectl("none", HOME))


def test_a_cluster_without_the_namespace_is_free() -> None:
    free()


def test_what_a_killed_bench_left_is_taken_over_once_it_has_ended() -> None:
    mine = {"metadata": {"labels": objects.labels("demo")}}
    free(namespace=mine, jobs={"items": [{"status": {"succeeded": 2}}]})
    with pytest.raises(ClusterError, match=rf"kubectl --context none delete namespace {HOME}"):
        free(namespace=mine, jobs={"items": [{"status": {"active": 1}}]})


def test_a_namespace_of_others_is_left_alone() -> None:
    with pytest.raises(ClusterError, match=f"namespace {HOME} is somebody else's"):
        free(namespace={"metadata": {"labels": {"app.kubernetes.io/managed-by": "helm"}}})


@pytest.mark.parametrize(
    ("address", "expected"),
    [("10.96.3.4", "http://10.96.3.4:8501/v1:predict"), ("fd00::1", "http://[fd00::1]:8501/v1:predict")],
)
def test_generators_ask_the_services_cluster_ip(address: str, expected: str) -> None:
    assert fleet.cluster_url(address, 8501, "http://127.0.0.10:30001/v1:predict") == expected


def test_users_who_wait_are_no_load_for_segments() -> None:
    with pytest.raises(OptionError, match="--generators: expected an open load, got 25 users"):
        fleet.require_open(THESIS)


def test_a_server_behind_a_gateway_is_asked_by_the_gateway_alone() -> None:
    behind = endpoint("tensorflow")
    fleet.require_reachable([behind])
    with pytest.raises(OptionError, match="a stack whose gateway alone may"):
        fleet.require_reachable([behind, replace(behind, door=Door(keyed=True))])


@pytest.mark.parametrize(
    ("state", "more", "told"),
    [
        ({"waiting": {"reason": "ErrImagePull"}}, {}, "generator 1 of 1: node a cannot pull grafana/k6"),
        (
            {},
            {"conditions": [{"type": "PodScheduled", "status": "False", "message": "insufficient cpu"}]},
            "0 of 1 generators run after 0.1 s: insufficient cpu; take fewer --generators",
        ),
        ({"terminated": {"exitCode": 1, "reason": "Error"}}, {}, "generator 1 of 1: it ended: Error"),
    ],
)
def test_pods_that_do_not_run_are_told_with_their_reason(
    monkeypatch: pytest.MonkeyPatch, state: dict[str, Any], more: dict[str, Any], told: str
) -> None:
    monkeypatch.setattr(job, "READY_SECONDS", 0.1)
    found = Job(Fixed(pods=listed(state, **more)), Kubectl("none", HOME), "load-1", SIZE, {}, frozenset())
    with pytest.raises(BenchError, match=told):
        found.send(plan(), lambda _: False)

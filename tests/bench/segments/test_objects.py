"""The pods of a load: restricted, bounded, apart from the server, and able to ask nobody else."""

from dataclasses import replace
from typing import Any, cast

import pytest

from bench.segments import objects
from bench.segments.objects import Aim, Size
from stack.kube import PROJECT, RESTRICTED_CONTAINER, RESTRICTED_POD

AIM = Aim("demo", "emotion-demo", "tensorflow-serving", 8501)
SIZE = Size(count=3, requests=2**21, users=50, body_bytes=2 * 2**20, seconds=300.4, apart=True)


def job(**changes: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", objects.job("load-1", AIM, replace(SIZE, **changes)))


def pod(**changes: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", job(**changes)["spec"]["template"]["spec"])


def test_there_is_a_pod_for_each_segment_and_none_is_made_twice() -> None:
    spec = job()["spec"]
    assert (spec["completions"], spec["parallelism"], spec["completionMode"]) == (3, 3, "Indexed")
    assert (spec["backoffLimit"], spec["template"]["spec"]["restartPolicy"]) == (0, "Never")


def test_whatever_becomes_of_the_bench_the_pods_end_and_the_job_goes() -> None:
    assert job()["spec"]["activeDeadlineSeconds"] == 300
    assert job()["spec"]["ttlSecondsAfterFinished"] > 0


def test_the_pods_are_restricted_and_bounded() -> None:
    (container,) = pod()["containers"]
    assert pod()["securityContext"] == RESTRICTED_POD
    assert container["securityContext"] == RESTRICTED_CONTAINER
    assert pod()["automountServiceAccountToken"] is False
    assert (
        container["resources"]["limits"].keys()
        == container["resources"]["requests"].keys()
        == {"cpu", "memory"}
    )
    (namespace, _) = objects.room("demo", "emotion-demo")
    labels = cast("dict[str, Any]", namespace)["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_a_pod_has_room_for_all_bodies_of_each_virtual_user_and_for_all_arrivals() -> None:
    assert objects.memory_mebibytes(SIZE) == 128 + 50 * 2 + 50 * 2 + 1000
    variables = {each["name"]: each["value"] for each in pod()["containers"][0]["env"]}
    assert variables["GOMEMLIMIT"] == "1195MiB", "Go collects before the kernel kills"


def test_generators_spread_and_keep_away_from_the_server_where_they_can() -> None:
    (spread,) = pod()["topologySpreadConstraints"]
    assert spread["topologyKey"] == "kubernetes.io/hostname"
    (away,) = pod()["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert away["labelSelector"]["matchLabels"]["app.kubernetes.io/name"] == "tensorflow-serving"
    assert away["namespaces"] == ["emotion-demo"]
    assert "affinity" not in pod(apart=False), "one node has to hold both"


def test_generators_may_ask_the_server_and_nobody_else() -> None:
    _, closed = objects.room("demo", "emotion-demo")
    allowed, _ = objects.load("load-1", AIM, SIZE)
    assert cast("dict[str, Any]", closed)["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    (rule,) = cast("dict[str, Any]", allowed)["spec"]["egress"]
    assert rule["ports"] == [{"protocol": "TCP", "port": 8501}]
    (peer,) = rule["to"]
    assert peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"] == "tensorflow-serving"
    assert peer["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "emotion-demo"}


def test_generators_are_no_part_of_what_is_served_or_watched() -> None:
    assert objects.labels("demo")["app.kubernetes.io/part-of"] != PROJECT
    assert not objects.home_of("emotion-demo").startswith("emotion-")
    assert len(objects.home_of("emotion-" + "x" * 55)) <= 63


@pytest.mark.parametrize(("count", "bounds"), [(1, "0,1"), (2, "0,1/2,1"), (4, "0,1/4,2/4,3/4,1")])
def test_the_segments_make_up_the_whole(count: int, bounds: str) -> None:
    assert objects.sequence(count) == bounds

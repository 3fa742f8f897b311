"""A plan on simulated nodes, live: every pod there, spread over the zones; nothing else moves, nothing stays.

Karpenter and kwok are built where they never were.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from bench.subject import placed
from bench.subject.cluster import Cluster
from bench.subject.deployed import Deployed
from embedded.cluster.layout import CONTEXT, NODE
from tests.cluster.conftest import run

pytestmark = [pytest.mark.campaign, pytest.mark.undisturbed]
LABELS = {"emotion-serving/nodes": "simulated"}
RATE, STACK = "5000", "fleet-test"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/nodepools.karpenter.sh"
FULL = "docs/results/full"
Found = dict[str, Any]


def python(*words: str) -> str:
    return run(sys.executable, "-m", *words)


@pytest.fixture(scope="module")
def plan(deployed: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A plan whose nodes Karpenter may order; afterwards it may no more."""
    if deployed.outputs.context != CONTEXT:
        pytest.skip("simulated nodes are the embedded cluster's")
    file = tmp_path_factory.mktemp("plan") / "plan.json"
    file.write_text(python("bench", "size", FULL, "--rate", RATE, "--json"))
    python("embedded.fleet", "start", str(file))
    try:
        yield file
    finally:
        python("embedded.fleet", "stop")


def real_pods(cluster: Cluster) -> set[str]:
    """The pods of the real node, by name."""
    listed = cluster.get("/api/v1/pods")
    return {pod.name for pod in placed.read_pods(listed) if pod.node == NODE}


def test_a_plan_comes_up_on_nodes_that_are_ordered_for_it_and_goes(plan: Path, deployed: Deployed) -> None:
    cluster, before = deployed.cluster, real_pods(deployed.cluster)
    words = ("--stack", STACK, "--shrink", "50", "--json")
    found = json.loads(python("bench", "fleet", str(plan), *words, "--out", str(plan.with_name("out.json"))))
    planned, came, shrunk = (cast("Found", found[name]) for name in ("plan", "came", "shrunk"))
    assert (came["pods"], came["nodes"]) == (planned["pods"], planned["nodes"])
    assert came["skew"] <= 1
    assert shrunk["nodes"] < came["nodes"]
    assert found["simulated"] is True
    assert real_pods(cluster) == before, "nothing of it ran on the real node, nothing of others left it"
    assert not placed.nodes(cluster, LABELS)


def test_an_autoscalers_least_pods_come_up_too_and_it_keeps_them(plan: Path) -> None:
    """Simulated pods use no CPU that anybody measures: it may hold them, and know nothing."""
    out = plan.with_name("autoscaled.json")
    words = ("--stack", f"{STACK}-autoscaled", "--autoscaled", "--json", "--out", str(out))
    found = json.loads(python("bench", "fleet", str(plan), *words))
    planned, came = (cast("Found", found[name]) for name in ("plan", "came"))
    (scaler,) = cast("list[Found]", found["scalers"])
    assert (came["pods"], came["nodes"]) == (planned["pods"], planned["nodes"])
    assert (scaler["minimum"], scaler["desired"], scaler["maximum"]) == (
        planned["pods"],
        planned["pods"],
        2 * planned["pods"],
    )
    assert "ScalingActive False: FailedGetResourceMetric" in scaler["says"]


def test_nothing_stays_of_simulated_nodes(deployed: Deployed) -> None:
    """However often they are taken away."""
    for _ in range(2):
        python("embedded.fleet", "stop")
    assert not placed.nodes(deployed.cluster, LABELS)
    assert deployed.cluster.find(DEFINITIONS) is None
    assert deployed.cluster.find("/api/v1/namespaces/simulated-nodes") is None

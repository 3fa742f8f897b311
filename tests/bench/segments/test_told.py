"""What pods tell of themselves."""

from typing import Any

import pytest

from bench.segments.told import Ended, places, seconds


def listed(state: dict[str, Any], index: int = 0, **more: Any) -> object:
    """A PodList of one pod in a state of its container."""
    note = {"batch.kubernetes.io/job-completion-index": str(index)}
    pod = {
        "metadata": {"name": f"load-{index}", "annotations": note},
        "spec": {"nodeName": "a"},
        "status": {"phase": "Pending", "containerStatuses": [{"state": state}], **more},
    }
    return {"items": [pod]}


def test_a_pod_that_runs_is_at_its_place() -> None:
    (found,) = places(listed({"running": {"startedAt": "now"}}, index=2))
    assert (found.index, found.name, found.node, found.running) == (2, "load-2", "a", True)


def test_an_image_that_cannot_be_pulled_is_an_obstacle_with_its_fix() -> None:
    (found,) = places(listed({"waiting": {"reason": "ImagePullBackOff"}}))
    assert found.obstacle.startswith("node a cannot pull grafana/k6:1.8.1;")
    assert "python -m embedded.mirror grafana/k6" in found.obstacle


def test_a_pod_without_a_node_says_what_the_scheduler_says() -> None:
    condition = {"type": "PodScheduled", "status": "False", "message": "0/1 nodes: insufficient cpu"}
    (found,) = places(listed({}, conditions=[condition]))
    assert (found.waits, found.running, found.obstacle) == ("0/1 nodes: insufficient cpu", False, "")


@pytest.mark.parametrize(
    ("message", "reason", "expected"),
    [
        ("usage_usec 1500000\nusage_usec 4000000\n", "Completed", Ended(0, 2.5, "")),
        ("1500000000\n4000000000\nError: x\n\tat setup\n", "Error", Ended(0, 2.5, "Error: x at setup")),
        ("", "OOMKilled", Ended(0, 0.0, "OOMKilled")),
        ("sh: k6: not found", "Error", Ended(0, 0.0, "Error")),
    ],
)
def test_an_ended_container_says_what_it_used(message: str, reason: str, expected: Ended) -> None:
    (found,) = places(listed({"terminated": {"exitCode": 0, "reason": reason, "message": message}}))
    assert found.ended == expected


@pytest.mark.parametrize(
    ("line", "used"),
    [
        ("usage_usec 2500000", 2.5),
        ("2500000000", 2.5),
        ("user_usec 7", None),
        ("", None),
        ("k6: killed", None),
    ],
)
def test_either_kind_of_cgroup_is_read(line: str, used: float | None) -> None:
    assert seconds(line) == used

"""Autoscaling live: load takes a stack from one pod to two and its end back to one; Pulumi sees no change."""

import json
import subprocess
import sys
from dataclasses import dataclass

import pytest

from bench.records import events
from tests.cluster import variants
from tests.cluster.conftest import ROOT

pytestmark = pytest.mark.cluster
LOAD_SECONDS = 90
CALM_SECONDS = 30  # instead of Kubernetes' 300: the way down is the same, only sooner


@dataclass(frozen=True)
class Scaled:
    """What `bench watch --json` told."""

    events: list[str]
    steps: dict[str, float]
    outcomes: dict[str, int]
    split: dict[str, int]


def scaled(name: str, server: str, component: str, rate: int) -> Scaled:
    """Watch a load step and its end; meanwhile Pulumi must never see a change."""
    command = [sys.executable, "-m", "bench", "watch", name, "--json", f"--load={rate}"]
    bounds = [f"--load-seconds={LOAD_SECONDS}", f"--seconds={LOAD_SECONDS + CALM_SECONDS + 90}"]
    with subprocess.Popen(
        [*command, *bounds], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as watching:
        try:
            while watching.poll() is None:
                variants.pulumi(name, "preview", "--expect-no-changes")
        finally:
            watching.terminate()
        assert watching.stdout
        told = json.loads(watching.stdout.read())
    print(json.dumps(told, indent=1))
    return Scaled(
        events=[event["what"] for event in told["events"]],
        steps=told["steps"][component],
        outcomes=told["load"][server]["outcomes"],
        split=told["split"][server],
    )


@pytest.mark.parametrize(
    ("name", "server", "component", "rate"),
    [("tf-hpa", "tensorflow", "tensorflow-serving", 120), ("torch-hpa", "torchserve", "torchserve", 60)],
)
def test_load_scales_out_and_calm_scales_in(name: str, server: str, component: str, rate: int) -> None:
    with variants.initialised(name):
        pace = "autoscaling.behavior.scaleDown.stabilizationSeconds"
        variants.pulumi(name, "config", "set", "--path", pace, str(CALM_SECONDS))
        variants.pulumi(name, "up", "--yes", "--skip-preview")
        seen = scaled(name, server, component, rate)
        assert {*events.UP, events.IN} <= set(seen.events)
        assert set(seen.steps) == set(events.UP)
        assert set(seen.outcomes) == {"200"}
        assert len(seen.split) == 2
        assert min(seen.split.values()) > 0
        variants.pulumi(name, "preview", "--expect-no-changes")

"""Autoscaling live: load takes stacks from one pod to two and its end back to one; Pulumi sees no change."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest

from bench.records import events
from tests.cluster import variants
from tests.cluster.conftest import ROOT
from tests.cluster.together import together

pytestmark = [pytest.mark.cluster, pytest.mark.undisturbed]
LOAD_SECONDS = 60  # a metric is seen within 25 s, a pod ready 7 s later
CALM_SECONDS = 15  # instead of Kubernetes' 300: the way down is the same, only sooner
WATCH_SECONDS = LOAD_SECONDS + CALM_SECONDS + 60
SETTINGS = {
    "autoscaling.behavior.scaleDown.stabilizationSeconds": str(CALM_SECONDS),
    "resources.cpuRequest": "250m",  # so that two pods of each stack find room at once
}


@dataclass(frozen=True)
class Step:
    """A load that one pod of a stack cannot carry within its target."""

    stack: str
    server: str
    component: str
    rate: int


@dataclass(frozen=True)
class Scaled:
    """What `bench watch --json` told."""

    events: list[str]
    steps: dict[str, float]
    outcomes: dict[str, int]
    split: dict[str, int]


STEPS = (
    Step("tf-hpa", "tensorflow", "tensorflow-serving", 60),
    Step("torch-hpa", "torchserve", "torchserve", 40),
)


@contextmanager
def autoscaled(name: str) -> Iterator[None]:
    """The stack is up and scales sooner."""
    with variants.initialised(name):
        for key, value in SETTINGS.items():
            variants.pulumi(name, "config", "set", "--path", key, value)
        variants.pulumi(name, "up", "--yes", "--skip-preview")
        yield


def watch(step: Step) -> subprocess.Popen[str]:
    """`bench watch` over a load and its end."""
    bounds = (f"--load={step.rate}", f"--load-seconds={LOAD_SECONDS}", f"--seconds={WATCH_SECONDS}")
    command = [sys.executable, "-m", "bench", "watch", step.stack, "--json", *bounds]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def told(step: Step, watching: subprocess.Popen[str]) -> Scaled:
    said, _ = watching.communicate()
    found = json.loads(said)
    print(json.dumps(found, indent=1))
    return Scaled(
        events=[event["what"] for event in found["events"]],
        steps=found["steps"][step.component],
        outcomes=found["load"][step.server]["outcomes"],
        split=found["split"][step.server],
    )


@pytest.fixture(scope="module")
def scaled() -> Iterator[Mapping[str, Scaled]]:
    """Both stacks under load at once. Meanwhile, and after it, Pulumi must never see a change of either."""
    names = [step.stack for step in STEPS]
    with together(*map(autoscaled, names)), ExitStack() as stacks:
        watches = [stacks.enter_context(watch(step)) for step in STEPS]
        for each in watches:
            stacks.callback(each.terminate)
        while any(each.poll() is None for each in watches):
            for name in names:
                variants.pulumi(name, "preview", "--expect-no-changes")
        seen = {step.stack: told(step, each) for step, each in zip(STEPS, watches, strict=True)}
        for name in names:
            variants.pulumi(name, "preview", "--expect-no-changes")
        yield seen


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.stack)
def test_load_scales_out_and_calm_scales_in(step: Step, scaled: Mapping[str, Scaled]) -> None:
    seen = scaled[step.stack]
    assert {*events.UP, events.IN} <= set(seen.events)
    assert set(seen.steps) == set(events.UP)
    assert set(seen.outcomes) == {"200"}
    assert len(seen.split) == 2
    assert min(seen.split.values()) > 0

"""Autoscaling live: load takes stacks from one pod to two and its end back to one; Pulumi sees no change."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import cycle

import pytest

from bench.records import events
from stack.settings import Settings
from tests.cluster import variants
from tests.cluster.conftest import ROOT
from tests.cluster.together import together
from tests.rules.stacks import all_stacks

pytestmark = [pytest.mark.cluster, pytest.mark.undisturbed]
LOAD_SECONDS = 80  # a metric is seen within 25 s; on a slow machine a pod is ready half a minute later
CALM_SECONDS = 15  # instead of Kubernetes' 300: the way down is the same, only sooner
WATCH_SECONDS = LOAD_SECONDS + CALM_SECONDS + 60
PREVIEW_EVERY = 25  # seconds between two previews: each takes a core for four, which the pods lack meanwhile
CPU_REQUEST = "250m"  # so that two pods of each stack find room at once


@dataclass(frozen=True)
class Step:
    """A load above the target of a stack's one pod that it still answers, on a busy machine too."""

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


STEPS = {
    step.stack: step
    for step in (
        Step("tf-hpa", "tensorflow", "tensorflow-serving", 25),
        Step("torch-hpa", "torchserve", "torchserve", 18),
    )
}


def sooner(wanted: Settings) -> Settings:
    """The settings of a stack, but that it scales in sooner and takes less room."""
    assert wanted.autoscaling
    behavior = wanted.autoscaling.behavior
    down = replace(behavior.scale_down, stabilization_seconds=CALM_SECONDS)
    scaling = replace(wanted.autoscaling, behavior=replace(behavior, scale_down=down))
    return replace(wanted, autoscaling=scaling, resources=replace(wanted.resources, cpu_request=CPU_REQUEST))


def watch(step: Step) -> subprocess.Popen[str]:
    """`bench watch` over a load and its end."""
    bounds = (f"--load={step.rate}", f"--load-seconds={LOAD_SECONDS}", f"--seconds={WATCH_SECONDS}")
    command = [sys.executable, "-m", "bench", "watch", step.stack, "--json", *bounds]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def ended(process: subprocess.Popen[str], seconds: float) -> bool:
    """Whether a process ends within some seconds."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


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
def scaled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Scaled]]:
    """Both stacks under load at once. Meanwhile, and after it, Pulumi must never see a change of either."""
    folder = tmp_path_factory.mktemp("settings")
    wanted = {stack.name: sooner(stack.settings) for stack in all_stacks() if stack.name in STEPS}

    def unchanged(name: str) -> None:
        variants.pulumi(name, "preview", "--expect-no-changes", f"--config-file={folder / name}.yaml")

    with (
        together(*(variants.borrowed(name, each, folder) for name, each in wanted.items())),
        ExitStack() as watching,
    ):
        for name in wanted:
            variants.bench("verify", name)
        watches = {name: watching.enter_context(watch(step)) for name, step in STEPS.items()}
        for each in watches.values():
            watching.callback(each.terminate)
        for name in cycle(wanted):
            if ended(watches[name], PREVIEW_EVERY):
                break
            unchanged(name)
        for name in wanted:
            unchanged(name)
        yield {name: told(STEPS[name], each) for name, each in watches.items()}


@pytest.mark.parametrize("name", STEPS)
def test_load_scales_out_and_calm_scales_in(name: str, scaled: Mapping[str, Scaled]) -> None:
    seen = scaled[name]
    assert {*events.UP, events.IN} <= set(seen.events)
    assert set(seen.steps) == set(events.UP)
    assert set(seen.outcomes) == {"200"}
    assert len(seen.split) == 2
    assert min(seen.split.values()) > 0

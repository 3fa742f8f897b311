"""Autoscaling live: load takes stacks from one pod to two and its end back to one; Pulumi sees no change."""

import json
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import cycle

import pytest

from bench.records import events
from stack.outputs import Endpoint, StackOutputs
from stack.settings import Settings
from tests.cluster import faults, variants
from tests.cluster.conftest import ROOT
from tests.cluster.together import together
from tests.rules.stacks import all_stacks

pytestmark = [pytest.mark.cluster, pytest.mark.undisturbed]
LOAD_SECONDS = 300  # the most; it ends as soon as a new pod has answered
CALM_SECONDS = 15  # instead of Kubernetes' 300: the way down is the same, only sooner
WATCH_SECONDS = LOAD_SECONDS + CALM_SECONDS + 180
CORES = 0.2  # that the load takes: above the autoscaler's target, and a pod holds it
PREVIEW_EVERY = 25  # seconds between two previews: each takes a core for four, which the pods lack meanwhile
CPU_REQUEST = "250m"  # so that two pods of each stack find room at once


@dataclass(frozen=True)
class Step:
    """A stack that is to scale out, and the load for it, in requests a second."""

    stack: str
    endpoint: Endpoint
    rate: float


@dataclass(frozen=True)
class Scaled:
    """What `bench watch --json` told."""

    events: list[str]
    steps: dict[str, float]
    outcomes: dict[str, int]
    split: dict[str, int]


STACKS = ("tf-hpa", "torch-hpa")


def sooner(wanted: Settings) -> Settings:
    """The settings of a stack, but that it scales in sooner and takes less room."""
    assert wanted.autoscaling
    behavior = wanted.autoscaling.behavior
    down = replace(behavior.scale_down, stabilization_seconds=CALM_SECONDS)
    scaling = replace(wanted.autoscaling, behavior=replace(behavior, scale_down=down))
    return replace(wanted, autoscaling=scaling, resources=replace(wanted.resources, cpu_request=CPU_REQUEST))


def bearable(outputs: StackOutputs, photo: bytes) -> Step:
    """The load that a stack's one pod holds on this machine."""
    return Step(outputs.stack, outputs.endpoints[0], faults.rate(outputs, photo, CORES))


def watch(step: Step) -> subprocess.Popen[str]:
    """`bench watch` over a load and its end."""
    bounds = (f"--load-seconds={LOAD_SECONDS}", f"--seconds={WATCH_SECONDS}", "--settle", "--json")
    command = [sys.executable, "-m", "bench", "watch", step.stack, f"--load={step.rate:.1f}", *bounds]
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
        steps=found["steps"][step.endpoint.deployment],
        outcomes=found["load"][step.endpoint.server]["outcomes"],
        split=found["split"][step.endpoint.server],
    )


@pytest.fixture(scope="module")
def scaled(tmp_path_factory: pytest.TempPathFactory, photo: str) -> Iterator[Mapping[str, Scaled]]:
    """Both stacks under load at once. Meanwhile, and after it, Pulumi must never see a change of either."""
    folder = tmp_path_factory.mktemp("settings")
    wanted = {stack.name: sooner(stack.settings) for stack in all_stacks() if stack.name in STACKS}

    def unchanged(name: str) -> None:
        variants.pulumi(name, "preview", "--expect-no-changes", f"--config-file={folder / name}.yaml")

    with (
        together(*(variants.borrowed(name, each, folder) for name, each in wanted.items())) as stacks,
        ExitStack() as watching,
    ):
        for name in wanted:
            variants.bench("verify", name)
        steps = {each.stack: bearable(each, b64decode(photo)) for each in stacks}
        watches = {name: watching.enter_context(watch(each)) for name, each in steps.items()}
        for each in watches.values():
            watching.callback(each.terminate)
        for name in cycle(wanted):
            if ended(watches[name], PREVIEW_EVERY):
                break
            unchanged(name)
        for name in wanted:
            unchanged(name)
        yield {name: told(steps[name], each) for name, each in watches.items()}


@pytest.mark.parametrize("name", STACKS)
def test_load_scales_out_and_calm_scales_in(name: str, scaled: Mapping[str, Scaled]) -> None:
    seen = scaled[name]
    assert {*events.UP, events.IN} <= set(seen.events)
    assert set(seen.steps) == set(events.UP)
    assert set(seen.outcomes) == {"200"}
    assert len(seen.split) == 2
    assert min(seen.split.values()) > 0

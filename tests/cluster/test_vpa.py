"""VPA live: a load gives a pod more CPU in place, nobody restarts, and Pulumi has nothing to undo.

VPA comes with the stack, for a platform that has none; its programs are built where they have never been.
"""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from bench.subject.deployed import Deployed, connect
from bench.subject.objects import Pod
from embedded import mirror
from embedded.cluster.layout import CONTEXT
from infra.scaling import vpa
from stack.quantities import millicores
from stack.settings import (
    Settings,
    VpaSettings,
)
from tests.cluster import variants
from tests.cluster.conftest import ROOT, eventually, run
from tests.rules.stacks import all_stacks

pytestmark = [pytest.mark.campaign, pytest.mark.undisturbed]
STACK, COMPONENT = "tf-vpa", "tensorflow-serving"
QUICK = VpaSettings(
    True, recommender_seconds=15, updater_seconds=15, cpu_half_life_minutes=2, patience_minutes=1
)
RATE, SECONDS = 15, 240  # requests/s that need more than the pod starts with


@dataclass(frozen=True)
class Up:
    """The stack, and the file of its settings."""

    stack: Deployed
    options: tuple[str, ...]

    @property
    def pod(self) -> Pod:
        """Its only one that does not end."""
        found = [each for each in self.stack.pods() if not each.ending]
        assert len(found) == 1, found
        return found[0]

    @property
    def request(self) -> int:
        """The CPU that its pod requests, in millicores."""
        return millicores(self.pod.containers[0].requests["cpu"])


def wanted() -> Settings:
    """The stack's own settings, but that it brings VPA, and a quick one."""
    own = next(stack.settings for stack in all_stacks() if stack.name == STACK)
    return replace(own, platform=replace(variants.BESIDE, vpa=QUICK))


@pytest.fixture(scope="module")
def up(deployed: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    if deployed.cluster.find("/apis/autoscaling.k8s.io/v1/verticalpodautoscalers") is not None:
        pytest.skip("the cluster has a VPA: python -m bench run tf-vpa tries it")
    if deployed.outputs.context == CONTEXT:
        mirror.ensure(vpa.IMAGES.values())
    folder = tmp_path_factory.mktemp("settings")
    with variants.borrowed(STACK, wanted(), folder):
        yield Up(connect(STACK), (f"--config-file={folder / STACK}.yaml",))


def test_a_load_gives_the_pod_more_cpu_without_a_restart_and_a_new_pod_starts_with_it(up: Up) -> None:
    before, smallest = up.pod, up.request
    bounds = (f"--load={RATE}", f"--load-seconds={SECONDS}", f"--seconds={SECONDS + 5}", "--json")
    command = [sys.executable, "-m", "bench", "watch", STACK, *bounds]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as loading:
        eventually(lambda: up.request > smallest, SECONDS)
        loading.terminate()
    assert (up.pod.name, up.pod.restarts) == (before.name, 0)
    variants.bench("verify", STACK)
    variants.pulumi(STACK, "preview", "--expect-no-changes", *up.options)
    run(
        "kubectl",
        "--context",
        up.stack.outputs.context,
        "-n",
        f"emotion-{STACK}",
        "delete",
        "pod",
        before.name,
    )
    eventually(lambda: up.pod.ready and up.request > smallest, 120)
    assert COMPONENT in variants.bench("status", STACK)

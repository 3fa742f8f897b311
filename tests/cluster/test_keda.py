"""KEDA live: requests in flight take a stack to two pods, and a lost Prometheus takes none of them away.

KEDA comes with the stack, for a platform that has none; its programs are built where they have never been.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from bench.records import events
from bench.subject.deployed import Deployed, connect
from bench.subject.objects import whole
from embedded import mirror
from embedded.cluster.layout import CONTEXT
from infra.scaling import keda
from stack.settings import (
    Autoscaling,
    Keda,
    KedaSettings,
    PrometheusSettings,
    Settings,
)
from tests.cluster import variants
from tests.cluster.conftest import ROOT, eventually, run
from tests.rules.stacks import all_stacks

pytestmark = [pytest.mark.campaign, pytest.mark.undisturbed]
STACK, COMPONENT = "tf-keda", "tensorflow-serving"
RATE, LOAD_SECONDS, CALM_SECONDS = 10, 60, 15  # a rate that a busy machine's pods carry
TARGET = 0.02  # half of what is in a pod at that rate on a quiet machine
BLIND_SECONDS = CALM_SECONDS + 45  # three syncs of the autoscaler after it may scale in
SCALED_OBJECT = f"/apis/keda.sh/v1alpha1/namespaces/emotion-{STACK}/scaledobjects/{COMPONENT}"
GONE = "http://prometheus-gone.emotion-monitoring.svc:9090"


@dataclass(frozen=True)
class Up:
    """The stack, and the file of its settings."""

    stack: Deployed
    options: tuple[str, ...]

    @property
    def pods(self) -> int:
        """The pods that its Deployment asks for."""
        found = self.stack.cluster.get(f"/apis/apps/v1/namespaces/emotion-{STACK}/deployments/{COMPONENT}")
        return whole(found, "spec", "replicas") or 0


def wanted() -> Settings:
    """The stack's own settings, but that it scales sooner, takes less room and brings KEDA."""
    own = next(stack.settings for stack in all_stacks() if stack.name == STACK)
    assert own.autoscaling
    pace = replace(own.autoscaling.behavior.scale_down, stabilization_seconds=CALM_SECONDS)
    scaling: Autoscaling = replace(
        own.autoscaling,
        target=TARGET,
        keda=Keda(polling_seconds=5, window_seconds=30),
        behavior=replace(own.autoscaling.behavior, scale_down=pace),
    )
    platform = replace(variants.BESIDE, keda=KedaSettings(True))
    room = replace(own.resources, cpu_request="250m")
    return replace(own, autoscaling=scaling, platform=platform, resources=room)


@pytest.fixture(scope="module")
def up(deployed: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    if deployed.cluster.find("/apis/keda.sh/v1alpha1/scaledobjects") is not None:
        pytest.skip("the cluster has a KEDA: python -m bench watch tf-keda tries it")
    if deployed.outputs.context == CONTEXT:
        mirror.ensure(keda.IMAGES.values())
    folder = tmp_path_factory.mktemp("settings")
    with variants.borrowed(STACK, wanted(), folder):
        yield Up(connect(STACK), (f"--config-file={folder / STACK}.yaml",))


def ask_prometheus_at(up: Up, address: str) -> None:
    """Point the ScaledObject somewhere else, as a Prometheus that went away."""
    place = "/spec/triggers/0/metadata/serverAddress"
    patch = json.dumps([{"op": "replace", "path": place, "value": address}])
    where = ("-n", f"emotion-{STACK}", "scaledobject", COMPONENT)
    run("kubectl", "--context", up.stack.outputs.context, "patch", *where, "--type", "json", "-p", patch)


def test_load_scales_out_a_lost_prometheus_takes_no_pod_and_calm_scales_in(up: Up) -> None:
    bounds = (f"--load={RATE}", f"--load-seconds={LOAD_SECONDS}", f"--seconds={LOAD_SECONDS + 5}")
    command = [sys.executable, "-m", "bench", "watch", STACK, "--json", *bounds]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as watching:
        eventually(lambda: up.pods == 2, LOAD_SECONDS)
        variants.pulumi(STACK, "preview", "--expect-no-changes", *up.options)
        said, _ = watching.communicate()
    told = json.loads(said)
    assert {events.SEEN, events.OUT} <= {event["what"] for event in told["events"]}
    assert told["load"]["tensorflow"]["outcomes"]["200"] > 0
    ask_prometheus_at(up, GONE)
    time.sleep(BLIND_SECONDS)
    assert up.pods == 2, "without load, which it cannot know"
    assert "its fallback holds the pods" in variants.bench("status", STACK)
    ask_prometheus_at(up, PrometheusSettings().address)
    eventually(lambda: up.pods == 1, CALM_SECONDS + 60)
    variants.bench("verify", STACK)

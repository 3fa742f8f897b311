"""Triton with too much load, and with an instance that dies over and over: its alerts and its queries."""

import time
from base64 import b64decode
from collections.abc import Iterator

import pytest

from embedded import mirror
from stack.outputs import StackOutputs
from stack.queries.query import FAULTS
from stack.servers.triton import STUB
from stack.settings import Resources, Settings, Triton
from tests.cluster import alarm, faults, variants
from tests.cluster.conftest import eventually
from tests.cluster.prometheus import alert

pytestmark = [pytest.mark.campaign, pytest.mark.undisturbed]
# Little CPU and a short queue: most of the load finds it full.
SMALL = Settings(
    servers=("triton",), triton=Triton(queue_size=16), resources=Resources("100m", "150m", "256Mi", "1Gi")
)
TOO_MUCH, LITTLE = 200, 10  # requests a second
HEALED = 360  # seconds; the kubelet waits up to five minutes before it starts a container that ended often


@pytest.fixture(scope="module")
def small(outputs: StackOutputs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackOutputs]:  # noqa: ARG001
    mirror.ensure(["nvcr.io/nvidia/tritonserver"])
    with variants.borrowed("later-triton", SMALL, tmp_path_factory.mktemp("settings")) as made:
        yield made


def test_load_beyond_its_queue_is_refused_fires_its_alerts_and_every_query_has_a_value(
    outputs: StackOutputs, small: StackOutputs, photo: str
) -> None:
    wanted = [alert(name, namespace=small.namespace) for name in ("TritonSlow", "TritonQueueFilling")]
    eventually(lambda: alarm.calm(outputs))
    alarm.quiet(outputs, *wanted)
    began = time.monotonic()
    with faults.load(small.endpoints[0], TOO_MUCH, b64decode(photo)) as outcomes:
        alarm.until_firing(outputs, wanted, began)
        alarm.complete(small, FAULTS)
    print(dict(outcomes))
    assert outcomes["200"]
    assert outcomes["503"]


def test_an_instance_that_dies_again_and_again_fires_its_alert_and_heals(
    outputs: StackOutputs, small: StackOutputs, photo: str
) -> None:
    wanted = [alert("TritonErrors", namespace=small.namespace)]
    alarm.quiet(outputs, *wanted)
    with faults.load(small.endpoints[0], LITTLE, b64decode(photo)) as outcomes:
        began = time.monotonic()
        with faults.dying(small, "triton", STUB):
            alarm.until_firing(outputs, wanted, began)
    print(dict(outcomes))
    assert outcomes["500"]
    eventually(lambda: variants.bench("predict", "--stack", small.stack), HEALED)

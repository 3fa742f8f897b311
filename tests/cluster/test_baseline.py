"""Service times in process, inside the pods of the deployed stack."""

import pytest

from bench import payloads
from bench.baseline import Wish, measure
from bench.deployed import Deployed
from stack.outputs import Endpoint

pytestmark = [pytest.mark.cluster, pytest.mark.undisturbed]
SERVERS = {"tensorflow": "TensorFlow", "torchserve": "PyTorch"}


@pytest.mark.parametrize("server", SERVERS)
def test_every_server_is_timed_with_its_own_runtime(
    server: str, deployed: Deployed, endpoints: dict[str, Endpoint]
) -> None:
    photos = payloads.choose(payloads.FOLDER, seed=0)
    made = measure(deployed, endpoints[server], photos, Wish("test", "demo", rows=(1, 8), seconds=2))
    assert made.runtime.startswith(SERVERS[server])
    assert server in made.where
    one, eight = made.times
    assert (one.rows, eight.rows) == (1, 8)
    assert one.p50_millis > 0.2, "this model cannot be faster"
    assert one.p50_millis < eight.p50_millis < 8 * one.p50_millis, "a batch reads the weights once"

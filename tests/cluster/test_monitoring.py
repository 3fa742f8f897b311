"""Monitoring of the deployed stack: every serving pod is scraped, and the thesis' queries have values."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from infra.monitoring import queries
from infra.outputs import Endpoint, StackOutputs
from tests.cluster.conftest import eventually, run, samples

pytestmark = pytest.mark.cluster


def serving_pods(outputs: StackOutputs) -> set[str]:
    listed = run(
        "kubectl", "--context", outputs.context, "-n", outputs.namespace, "get", "pods", "-o", "json"
    )
    return {
        pod["metadata"]["name"]
        for pod in json.loads(listed)["items"]
        if not pod["metadata"].get("deletionTimestamp")
    }


def test_every_serving_pod_is_up_in_prometheus(outputs: StackOutputs) -> None:
    expected = dict.fromkeys(serving_pods(outputs), 1.0)
    eventually(lambda: samples(outputs, queries.targets_up(outputs.namespace)) == expected)


def test_after_200_requests_the_thesis_queries_have_values(
    outputs: StackOutputs, endpoints: dict[str, Endpoint], photo: str
) -> None:
    bodies = {"tensorflow": {"instances": [{"b64": photo}]}, "torchserve": {"data": photo}}

    def ask(server: str) -> int:
        return requests.post(str(endpoints[server].url), json=bodies[server], timeout=30).status_code

    def load_and_look() -> bool:
        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(ask, list(bodies) * 100)) == {200}
        wanted = [
            queries.tensorflow_latency(outputs.namespace),
            queries.torchserve_latency(outputs.namespace),
            queries.torchserve_batch_size(outputs.namespace),
        ]
        found = [samples(outputs, query) for query in wanted]
        return all(any(value > 0 for value in values.values()) for values in found)

    eventually(load_and_look, seconds=90)


def test_kubectl_top_knows_the_pods(outputs: StackOutputs) -> None:
    def listed() -> bool:
        text = run(
            "kubectl", "--context", outputs.context, "-n", outputs.namespace, "top", "pods", "--no-headers"
        )
        return serving_pods(outputs) <= {line.split()[0] for line in text.splitlines()}

    eventually(listed)

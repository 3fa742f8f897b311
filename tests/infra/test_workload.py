"""The serving objects: what decides a pod, and what must never be in one."""

from dataclasses import replace
from typing import cast

import pytest

from infra.kube import KubeObject
from infra.serving import tf_serving, torchserve, workload
from infra.serving.server import ModelServer
from infra.settings import Batching, Settings, TensorFlow, TorchServe

PLACEMENT = workload.Placement("minikube", "emotion-minikube")
SERVERS = (tf_serving.server("1"), torchserve.server("1"))


def pod_of(server: ModelServer, settings: Settings) -> KubeObject:
    objects = workload.objects(server, settings, PLACEMENT, "image:tag")
    (deployment,) = (item for item in objects if item["kind"] == "Deployment")
    template = cast("dict[str, KubeObject]", cast("KubeObject", deployment["spec"])["template"])
    return template["spec"]


def container_of(server: ModelServer, settings: Settings) -> KubeObject:
    (container,) = cast("list[KubeObject]", pod_of(server, settings)["containers"])
    return container


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_more_replicas_change_nothing_but_the_replicas(server: ModelServer) -> None:
    one = workload.objects(server, Settings(), PLACEMENT, "image:tag")
    two = workload.objects(server, Settings(replicas=2), PLACEMENT, "image:tag")
    for before, after in zip(one, two, strict=True):
        if before["kind"] == "Deployment":
            spec = cast("KubeObject", before["spec"])
            assert after["spec"] == spec | {"replicas": 2}
        else:
            assert before == after


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_a_changed_configuration_has_a_new_name_so_the_pods_roll(server: ModelServer) -> None:
    changed = Settings(tensorflow=TensorFlow(batching=Batching()), torchserve=TorchServe(batch_size=8))
    volumes = [pod_of(server, settings)["volumes"] for settings in (Settings(), changed)]
    assert volumes[0] != volumes[1]


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_only_inference_is_published(server: ModelServer) -> None:
    service = workload.service(server, Settings(), PLACEMENT)
    ports = cast("list[dict[str, object]]", cast("KubeObject", service["spec"])["ports"])
    assert [port["port"] for port in ports] == [server.inference.number]


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_liveness_and_readiness_ask_different_questions(server: ModelServer) -> None:
    probes = server.probes
    assert probes.readiness.get("httpGet") != probes.liveness.get("httpGet")


def test_tensorflow_threads_are_flags_only_when_set() -> None:
    command = tf_serving.command(Settings(tensorflow=TensorFlow(intra_op_threads=1, inter_op_threads=2)))
    assert "--tensorflow_intra_op_parallelism=1" in command
    assert "--tensorflow_inter_op_parallelism=2" in command
    assert not [flag for flag in command if "rest_api_num_threads" in flag or "batching" in flag]


def test_batching_is_a_text_proto_that_the_flags_name() -> None:
    settings = Settings(tensorflow=TensorFlow(batching=Batching(10, 10_000, 2, 5)))
    assert tf_serving.files(settings)["batching.config"].splitlines() == [
        "max_batch_size { value: 10 }",
        "batch_timeout_micros { value: 10000 }",
        "num_batch_threads { value: 2 }",
        "max_enqueued_batches { value: 5 }",
    ]
    assert "--batching_parameters_file=/config/batching.config" in tf_serving.command(settings)


def test_torchserve_keeps_management_and_grpc_to_its_own_pod() -> None:
    lines = torchserve.files(Settings())["config.properties"].splitlines()
    properties = dict(line.split("=", 1) for line in lines)
    assert properties["management_address"] == "http://127.0.0.1:8081"
    assert properties["grpc_inference_address"] == properties["grpc_management_address"] == "127.0.0.1"


def test_torchserve_workers_and_batches_reach_its_configuration() -> None:
    settings = replace(Settings(), torchserve=TorchServe(2, 3, 8, 20, 1))
    text = torchserve.files(settings)["config.properties"]
    for part in ('"minWorkers": 2', '"maxWorkers": 3', '"batchSize": 8', '"maxBatchDelay": 20'):
        assert part in text
    environment = cast("list[dict[str, str]]", container_of(SERVERS[1], settings)["env"])
    assert {"name": "OMP_NUM_THREADS", "value": "1"} in environment

"""A stack with both servers, an autoscaler on each, as it is read when everything is as intended."""

from dataclasses import replace
from datetime import UTC, datetime

from bench.subject.cluster import Cluster
from bench.subject.objects import Autoscaler, Condition, Container, Deployment, Pace, Pod, Policy
from bench.subject.probe import Observation
from stack.outputs import Endpoint, Monitoring, StackOutputs
from stack.servers.reading import Limits
from stack.settings import Autoscaling, Batching, Resources, Settings, TensorFlow
from tests.stack.servers import recorded

NOW = datetime(2026, 11, 24, 13, 0, 0, tzinfo=UTC)
SPACE = "emotion-demo"
COMPONENTS = {"tensorflow": "tensorflow-serving", "torchserve": "torchserve"}
SETTINGS = Settings(
    autoscaling=Autoscaling(),
    resources=Resources(cpu_limit="1500m", memory_limit="1Gi"),
    tensorflow=TensorFlow(
        intra_op_threads=2,
        inter_op_threads=1,
        rest_threads=33,
        batching=Batching(max_batch_size=16, timeout_micros=5000, max_enqueued_batches=20),
    ),
)


def endpoint(server: str) -> Endpoint:
    name = COMPONENTS[server]
    return Endpoint(server, name, f"127.0.0.1:5000/{name}:abc", "http://127.0.0.1:1/", None, name)


def pod(server: str, name: str = "") -> Pod:
    component = COMPONENTS[server]
    container = Container(
        name=component,
        image=f"127.0.0.1:5000/{component}@sha256:12",
        image_id=f"127.0.0.1:5000/{component}@sha256:12",
        requests={"cpu": "250m", "memory": "512Mi"},
        waiting="",
    )
    return Pod(SPACE, name or f"{component}-1", component, False, NOW, (container,))


def deployment(server: str) -> Deployment:
    component = COMPONENTS[server]
    return Deployment(SPACE, component, wanted=1, ready=1, updated=1, current=True)


def autoscaler(server: str) -> Autoscaler:
    component = COMPONENTS[server]
    return Autoscaler(
        namespace=SPACE,
        name=component,
        deployment=component,
        minimum=1,
        maximum=2,
        target=50,
        seen=20,
        current=1,
        desired=1,
        scale_up=Pace(0, (Policy("Pods", 4, 15),)),
        scale_down=Pace(300, (Policy("Pods", 20, 15),)),
        conditions={"ScalingActive": Condition("True", "ValidMetricFound", "")},
    )


class Silent(Cluster):
    """A cluster that nobody asks anything."""

    def __init__(self) -> None: ...


def outputs() -> StackOutputs:
    return StackOutputs(
        stack="demo",
        context="none",
        namespace=SPACE,
        endpoints=tuple(endpoint(server) for server in COMPONENTS),
        monitoring=Monitoring("emotion-monitoring", "prometheus", 9090),
    )


def observation() -> Observation:
    torch = recorded.read("torchserve")
    limits = Limits(1.5, 2**30)
    return Observation(
        deployments=tuple(deployment(server) for server in COMPONENTS),
        autoscalers=tuple(autoscaler(server) for server in COMPONENTS),
        pods=tuple(pod(server) for server in COMPONENTS),
        probes={
            "tensorflow-serving-1": recorded.read("tensorflow-serving-batching"),
            "torchserve-1": replace(torch, limits=limits),
        },
    )

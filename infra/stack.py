"""A stack, as a sentence: settings → images → workload → platform → outputs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pulumi
import pulumi_docker as docker
import pulumi_kubernetes as k8s

from infra import images, kube
from infra.declare import Scope, declare
from infra.monitoring import metrics_server, prometheus
from infra.outputs import Endpoint, Monitoring, StackOutputs
from infra.serving import address, tf_serving, torchserve, workload
from infra.serving.server import ModelServer
from infra.settings import Settings
from infra.target import Target
from infra.versions import Versions
from model_build.manifest import Manifest


@dataclass(frozen=True)
class Inputs:
    """All that decides a stack."""

    stack: str
    settings: Settings
    target: Target
    manifest: Manifest
    artifacts: Path
    versions: Versions
    serving_namespaces: Sequence[str]

    @property
    def placement(self) -> workload.Placement:
        """Serving objects live in a namespace of the stack's own."""
        return workload.Placement(self.stack, namespace_of(self.stack))


def namespace_of(stack: str) -> str:
    """The namespace of a stack's serving objects."""
    return f"emotion-{stack}"


def servers(settings: Settings, versions: Versions) -> tuple[ModelServer, ...]:
    """The model servers that the settings ask for, in their order."""
    known = {
        "tensorflow": tf_serving.server(versions.image("tensorflow/serving")),
        "torchserve": torchserve.server(versions.image("pytorch/torchserve")),
    }
    return tuple(known[name] for name in settings.servers)


def platform_objects(inputs: Inputs) -> dict[str, tuple[kube.KubeObject, ...]]:
    """The objects of the platform by component; none where another stack declares it."""
    settings, stack = inputs.settings.platform, inputs.stack
    if not settings.enabled:
        return {}
    insecure = settings.metrics_server.kubelet_insecure_tls
    return {
        "metrics-server": metrics_server.objects(
            stack,
            inputs.versions.image("registry.k8s.io/metrics-server/metrics-server"),
            kubelet_insecure_tls=inputs.target.is_minikube if insecure is None else insecure,
        ),
        "prometheus": prometheus.objects(
            stack,
            inputs.versions.image("prom/prometheus"),
            settings.prometheus,
            inputs.serving_namespaces,
        ),
    }


def declare_stack(inputs: Inputs) -> pulumi.Output[dict[str, object]]:
    """Declare the whole stack; returns its outputs."""
    cluster = Scope(k8s.Provider("cluster", context=inputs.target.context))
    for name, objects in platform_objects(inputs).items():
        Part(name, objects, cluster)
    room = Part("serving", serving_room(inputs), cluster)
    builder = images.builder(inputs.target.delivery)
    services = [
        ServedModel(server, inputs, builder, cluster.following(room.namespace))
        for server in servers(inputs.settings, inputs.versions)
    ]
    return outputs(inputs, services)


def serving_room(inputs: Inputs) -> tuple[kube.KubeObject, ...]:
    """The namespace of the servers, and Prometheus' right to find the pods in it."""
    namespace = inputs.placement.namespace
    return (
        kube.namespace(namespace, kube.labels("serving", inputs.stack)),
        *prometheus.access(inputs.stack, namespace),
    )


class Part(pulumi.ComponentResource):
    """Some objects that belong together."""

    def __init__(self, name: str, objects: Sequence[kube.KubeObject], scope: Scope) -> None:
        super().__init__("emotion-serving:infra:Part", name)
        self.declared = declare(objects, scope.below(self))
        self.namespace = next(r for key, r in self.declared.items() if key.startswith("Namespace/"))
        self.register_outputs({})


class ServedModel(pulumi.ComponentResource):
    """One model server: its image and the objects that run it."""

    def __init__(self, server: ModelServer, inputs: Inputs, builder: docker.Provider, scope: Scope) -> None:
        super().__init__("emotion-serving:serving:ServedModel", server.component)
        delivery = inputs.target.delivery
        plan = images.plan(server, inputs.manifest, inputs.artifacts, delivery.repository)
        image = images.declare(server, plan, delivery, pulumi.ResourceOptions(parent=self, provider=builder))
        reference = images.reference(image, plan, delivery)
        objects = workload.objects(server, inputs.settings, inputs.placement, reference)
        self.server, self.image = server, plan.name
        self.declared = declare(objects, scope.below(self).following(image))
        self.register_outputs({})

    @property
    def service(self) -> k8s.core.v1.Service:
        """The Service that clients use."""
        found = self.declared[f"Service/{self.server.component}"]
        assert isinstance(found, k8s.core.v1.Service)
        return found


def outputs(inputs: Inputs, services: Sequence[ServedModel]) -> pulumi.Output[dict[str, object]]:
    """The stack's outputs once the Services have their addresses."""
    urls = [address.url(service.service, service.server, inputs.target.host) for service in services]
    return pulumi.Output.all(*urls).apply(lambda known: asdict(_outputs(inputs, services, known)))


def _outputs(inputs: Inputs, services: Sequence[ServedModel], urls: Sequence[str | None]) -> StackOutputs:
    return StackOutputs(
        stack=inputs.stack,
        context=inputs.target.context,
        namespace=inputs.placement.namespace,
        endpoints=tuple(
            Endpoint(service.server.name, service.server.component, service.image, url)
            for service, url in zip(services, urls, strict=True)
        ),
        monitoring=Monitoring(prometheus.NAMESPACE, prometheus.NAME, prometheus.PORT),
    )

"""A stack, as a sentence: settings → images → workload → platform → outputs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pulumi
import pulumi_kubernetes as k8s

from infra import images
from infra.declare import Scope, declare
from infra.monitoring import platform, prometheus
from infra.monitoring.places import NAMESPACE as MONITORING
from infra.serving import access, address, ingress, workload
from infra.serving.placement import Placement
from infra.serving.served_model import Plan, ServedModel
from infra.target import Target
from model_build.manifest import Manifest
from stack import kube
from stack.kube import KubeObject
from stack.outputs import Monitoring, StackOutputs
from stack.schema import as_keys
from stack.servers import tf_serving, torchserve
from stack.servers.server import ModelServer
from stack.settings import Settings
from stack.versions import Versions


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
    def placement(self) -> Placement:
        """Serving objects live in a namespace of the stack's own."""
        return Placement(self.stack, namespace_of(self.stack))


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


def plans(inputs: Inputs) -> tuple[Plan, ...]:
    """Every model server with its image."""
    repository = inputs.target.delivery.repository
    return tuple(
        Plan(
            server,
            images.plan(server, inputs.manifest, inputs.artifacts, repository),
            inputs.settings,
            inputs.placement,
        )
        for server in servers(inputs.settings, inputs.versions)
    )


def platform_objects(inputs: Inputs) -> dict[str, tuple[KubeObject, ...]]:
    """The objects of the platform by component; none where another stack declares it."""
    if not inputs.settings.platform.enabled:
        return {}
    insecure = inputs.settings.platform.metrics_server.kubelet_insecure_tls
    return platform.objects(
        inputs.stack,
        inputs.settings,
        inputs.versions,
        inputs.serving_namespaces,
        insecure_kubelet=inputs.target.is_minikube if insecure is None else insecure,
    )


def serving_room(inputs: Inputs) -> tuple[KubeObject, ...]:
    """The namespace of the servers, who may look into it and how its images are pulled."""
    settings, placement = inputs.settings, inputs.placement
    credentials, names = settings.image_pull_secret, kube.labels("serving", placement.stack)
    return (
        kube.namespace(placement.namespace, names),
        *((kube.deny_all(placement.namespace, names),) if settings.availability.network_policies else ()),
        *platform.access(placement.stack, placement.namespace),
        *((access.pull_secret(credentials, placement),) if credentials else ()),
    )


def entrance(inputs: Inputs) -> tuple[KubeObject, ...]:
    """The Ingress before the servers; nothing where the settings ask for none."""
    wanted = inputs.settings.service.ingress
    running = servers(inputs.settings, inputs.versions)
    return (ingress.ingress(running, wanted, inputs.placement),) if wanted else ()


def render(inputs: Inputs) -> tuple[KubeObject, ...]:
    """Every object that the stack declares, in order; images by their content-addressed tags."""
    shared = (item for objects in platform_objects(inputs).values() for item in objects)
    serving = (
        item
        for plan in plans(inputs)
        for item in workload.objects(plan.server, plan.settings, plan.placement, plan.image.name)
    )
    return (*shared, *serving_room(inputs), *serving, *entrance(inputs))


def declare_stack(inputs: Inputs) -> pulumi.Output[dict[str, object]]:
    """Declare the whole stack; returns its outputs."""
    cluster = Scope(k8s.Provider("cluster", context=inputs.target.context))
    parts = declare_platform(inputs, cluster)
    room = Part("serving", serving_room(inputs), cluster)
    delivery = inputs.target.delivery
    builder = images.builder(delivery)
    inside = cluster.following(*room.declared.values())
    served = [ServedModel(plan, delivery, builder, inside) for plan in plans(inputs)]
    if gate := entrance(inputs):
        Part("ingress", gate, cluster.following(*(each.service for each in served)))
    return outputs(inputs, served, parts)


def declare_platform(inputs: Inputs, cluster: Scope) -> dict[str, "Part"]:
    """The platform's components, each after the namespaces and policies of those before it."""
    declared: dict[str, Part] = {}
    for name, objects in platform_objects(inputs).items():
        rooms = [resource for part in declared.values() for resource in part.rooms]
        declared[name] = Part(name, objects, cluster.following(*rooms))
    return declared


class Part(pulumi.ComponentResource):
    """Some objects that belong together."""

    def __init__(self, name: str, objects: Sequence[KubeObject], scope: Scope) -> None:
        super().__init__("emotion-serving:infra:Part", name)
        self.declared = declare(objects, scope.below(self))
        self.register_outputs({})

    @property
    def rooms(self) -> list[pulumi.CustomResource]:
        """What must stand before anything else may move in."""
        kinds = ("Namespace/", "NetworkPolicy/")
        return [resource for key, resource in self.declared.items() if key.startswith(kinds)]


def outputs(
    inputs: Inputs, served: Sequence[ServedModel], parts: Mapping[str, Part]
) -> pulumi.Output[dict[str, object]]:
    """The stack's outputs once the Services have their addresses."""
    host = inputs.target.host
    urls = [each.url(host) for each in served]
    return pulumi.Output.all(_dashboards(parts, host), *urls).apply(
        lambda known: asdict(_outputs(inputs, served, known[0], known[1:]))
    )


def _dashboards(parts: Mapping[str, Part], host: str) -> pulumi.Output[str | None]:
    service = parts["grafana"].declared.get("Service/grafana") if "grafana" in parts else None
    if not isinstance(service, k8s.core.v1.Service):
        return pulumi.Output.from_input(None)
    return address.base_url(service, 80, host)


def _outputs(
    inputs: Inputs, served: Sequence[ServedModel], dashboards: str | None, urls: Sequence[str | None]
) -> StackOutputs:
    return StackOutputs(
        stack=inputs.stack,
        context=inputs.target.context,
        namespace=inputs.placement.namespace,
        endpoints=tuple(each.endpoint(url) for each, url in zip(served, urls, strict=True)),
        monitoring=Monitoring(MONITORING, prometheus.NAME, prometheus.PORT),
        dashboards=dashboards,
        settings=as_keys(replace(inputs.settings, image_pull_secret=None)),
    )

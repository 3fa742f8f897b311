"""A stack, as a sentence: settings → images → workload → platform → outputs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from infra import images
from infra.declare import ALL, Declared, Scope, declare
from infra.gateway import door, reached
from infra.monitoring import platform, prometheus
from infra.serving import access, address
from infra.serving.served_model import Plan, ServedModel
from infra.target import Target
from model_build.manifest import Manifest
from stack import kube
from stack.kube import KubeObject
from stack.namespaces import MONITORING, Placement
from stack.outputs import GATEWAY_KEY, KEY, Door, Monitoring, StackOutputs, encode
from stack.schema import Problem, as_keys
from stack.servers import SERVERS, serving
from stack.servers.model import Model
from stack.servers.server import ModelServer
from stack.settings import Settings, without_secrets
from stack.versions import Versions

ROOMS = ("Namespace", "NetworkPolicy")  # what must stand before anything else may move in


@dataclass(frozen=True)
class Inputs:
    """All that decides a stack. `gateway`: `host:port` of a gateway that the cluster has, if known."""

    stack: str
    settings: Settings
    target: Target
    manifest: Manifest
    artifacts: Path
    versions: Versions
    gateway: str | None = None

    @property
    def placement(self) -> Placement:
        """Where the serving objects live."""
        return Placement(self.stack)


def plans(inputs: Inputs) -> tuple[Plan, ...]:
    """Every model server with its image."""
    repository = inputs.target.delivery.repository
    built = images.Ingredients(inputs.manifest, inputs.artifacts, inputs.versions)
    return tuple(
        Plan(
            server,
            images.plan(server.image, built, repository),
            inputs.settings,
            inputs.placement,
        )
        for server in running(inputs)
    )


def running(inputs: Inputs) -> Iterator[ModelServer]:
    """The servers of the stack, with the model that each of them serves."""
    for name in inputs.settings.servers:
        export = inputs.manifest.exports[SERVERS[name].image.export]
        yield serving(Model(inputs.manifest.name, export.content_type, export.tensors))[name]


def unserved(inputs: Inputs) -> Iterator[Problem]:
    """Servers for which the model was not exported."""
    known = inputs.manifest.exports
    for name in inputs.settings.servers:
        if SERVERS[name].image.export not in known:
            fix = "choose one, or adopt the model for this server too"
            yield Problem(
                "servers",
                f"those that {inputs.manifest.name} is exported for ({', '.join(known)})",
                name,
                fix,
            )


def unexported(inputs: Inputs) -> Iterator[Problem]:
    """Precisions that a server is to serve and that its export does not hold."""
    for server in running(inputs):
        export = inputs.manifest.exports[server.image.export]
        wanted = server.precision(inputs.settings.of(server))
        held = [network.precision for network in export.networks]
        if wanted and wanted not in held:
            fix = "its answers differed too much, as python -m model_build said; choose another"
            yield Problem(f"{server.name}.precision", f"an exported one ({', '.join(held)})", wanted, fix)


def platform_objects(inputs: Inputs) -> dict[str, tuple[KubeObject, ...]]:
    """The objects of the platform by component; none where another stack declares it."""
    if not inputs.settings.platform.enabled:
        return {}
    insecure = inputs.settings.platform.metrics_server.kubelet_insecure_tls
    return platform.objects(
        inputs.stack,
        inputs.settings,
        inputs.versions,
        insecure_kubelet=inputs.target.is_minikube if insecure is None else insecure,
    )


def serving_room(inputs: Inputs) -> tuple[KubeObject, ...]:
    """The namespace of the servers and how their images are pulled."""
    settings, placement = inputs.settings, inputs.placement
    credentials, names = settings.image_pull_secret, kube.labels("serving", placement.stack)
    return (
        kube.namespace(placement.namespace, names),
        *((kube.deny_all(placement.namespace, names),) if settings.availability.network_policies else ()),
        *((access.pull_secret(credentials, placement),) if credentials else ()),
    )


def entrance(inputs: Inputs) -> tuple[KubeObject, ...]:
    """The gateway before the servers; nothing where the settings ask for none."""
    wanted = inputs.settings.service.gateway
    if wanted is None:
        return ()
    hosts = reached.hosts(wanted, inputs.target.host, inputs.gateway)
    return door.objects(tuple(running(inputs)), wanted, inputs.placement, hosts)


@dataclass(frozen=True)
class Part:
    """Some objects that belong together, and `after` which kinds of which other parts they come.

    With a `plan` they run a model server, whose image they wait for.
    """

    name: str
    objects: tuple[KubeObject, ...]
    after: Mapping[str, Sequence[str]] = field(default_factory=dict)
    plan: Plan | None = None


def parts(inputs: Inputs) -> tuple[Part, ...]:
    """All that the stack is, in order; images by their content-addressed tags."""
    after = {"serving": ALL, **_scaler_first(inputs.settings)}
    served = [
        Part(plan.server.component, plan.objects(plan.image.name), after, plan) for plan in plans(inputs)
    ]
    shared = tuple(platform_parts(inputs))
    controller = {each.name: ALL for each in shared if each.name == reached.PLATFORM}
    behind = {each.name: ("Service",) for each in served} | controller
    gate = entrance(inputs)
    return (
        *shared,
        Part("serving", serving_room(inputs)),
        *served,
        *((Part(door.NAME, gate, behind),) if gate else ()),
    )


def _scaler_first(settings: Settings) -> Mapping[str, Sequence[str]]:
    """A scaler's object comes after its kind, and goes before the programs that serve it."""
    scaler = settings.autoscaling.scaler if settings.autoscaling else ""
    return {scaler: ALL} if scaler in settings.platform.extras else {}


def platform_parts(inputs: Inputs) -> Iterator[Part]:
    """Each component of the platform, after the rooms of those before it."""
    found = platform_objects(inputs)
    for number, (name, objects) in enumerate(found.items()):
        yield Part(name, objects, dict.fromkeys(islice(found, number), ROOMS))


def render(inputs: Inputs) -> tuple[KubeObject, ...]:
    """Every object that the stack declares."""
    return tuple(item for part in parts(inputs) for item in part.objects)


def declare_stack(inputs: Inputs) -> dict[str, pulumi.Output[Any]]:
    """Declare the whole stack; returns its outputs by their names."""
    cluster, delivery = Scope(k8s.Provider("cluster", context=inputs.target.context)), inputs.target.delivery
    builder, known = images.builder(delivery), dict[str, Declared]()
    for part in parts(inputs):
        first = (known[name].of_kinds(kinds) for name, kinds in part.after.items())
        scope = cluster.following(*chain.from_iterable(first))
        if part.plan:
            known[part.name] = ServedModel(part.plan, delivery, builder, scope)
        else:
            known[part.name] = Objects(part, scope)
    key = reached.key(known.get(door.NAME))
    return {KEY: outputs(inputs, known), **({GATEWAY_KEY: key} if key else {})}


class Objects(Declared):
    """The objects of a part that wait for no image."""

    def __init__(self, part: Part, scope: Scope) -> None:
        super().__init__("emotion-serving:infra:Part", part.name)
        self.declared = declare(part.objects, scope.below(self))
        self.register_outputs({})


def outputs(inputs: Inputs, known: Mapping[str, Declared]) -> pulumi.Output[dict[str, object]]:
    """The stack's outputs once the Services have their addresses."""
    served = [each for each in known.values() if isinstance(each, ServedModel)]
    host = inputs.target.host
    urls = [_url(each, inputs, known) for each in served]
    gate = reached.door(known.get(door.NAME), inputs.settings.service.gateway)
    return pulumi.Output.all(_dashboards(known, host), gate, *urls).apply(
        lambda found: encode(_outputs(inputs, served, found[0], found[1], found[2:]))
    )


def _url(served: ServedModel, inputs: Inputs, known: Mapping[str, Declared]) -> pulumi.Output[str | None]:
    wanted, host = inputs.settings.service.gateway, inputs.target.host
    if wanted is None:
        return served.url(host)
    found = reached.address(known.get(reached.PLATFORM), inputs.gateway, host)
    return found.apply(lambda at: reached.url(wanted, at, served.plan.server.predict_path))


def _dashboards(known: Mapping[str, Declared], host: str) -> pulumi.Output[str | None]:
    service = known["grafana"].declared.get("Service/grafana") if "grafana" in known else None
    if not isinstance(service, k8s.core.v1.Service):
        return pulumi.Output.from_input(None)
    return address.base_url(service, 80, host)


def _outputs(
    inputs: Inputs,
    served: Sequence[ServedModel],
    dashboards: str | None,
    gate: Door,
    urls: Sequence[str | None],
) -> StackOutputs:
    return StackOutputs(
        stack=inputs.stack,
        context=inputs.target.context,
        namespace=inputs.placement.namespace,
        endpoints=tuple(each.endpoint(url, gate) for each, url in zip(served, urls, strict=True)),
        monitoring=Monitoring(MONITORING, prometheus.NAME, prometheus.PORT),
        dashboards=dashboards,
        settings=as_keys(without_secrets(inputs.settings)),
    )

"""Rules for objects that name one another, and for their own names."""

from collections.abc import Iterator

from stack.kube import KubeObject
from tests.rules.reading import (
    Offence,
    Rule,
    Stack,
    at,
    containers,
    each,
    name_of,
    namespace_of,
    pod,
    pod_labels,
    ports,
    where,
)

SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")
FOREIGN_CONFIG_MAPS = ("kube-root-ca.crt",)  # Kubernetes puts it into every namespace


def duplicate_object(stack: Stack) -> Iterator[Offence]:
    names = [where(item) for item in stack.objects]
    for item in stack.objects:
        if names.count(where(item)) > 1:
            yield item, "is declared more than once"


def undeclared_namespace(stack: Stack) -> Iterator[Offence]:
    declared = {name_of(item) for item in stack.of("Namespace")} | {"", "kube-system"}
    for item in stack.objects:
        if namespace_of(item) not in declared:
            yield item, f"namespace {namespace_of(item)} is not declared by this stack"


def dangling_service(stack: Stack) -> Iterator[Offence]:
    for service in stack.of("Service"):
        if not stack.selected(namespace_of(service), at(service, "spec", "selector")):
            yield service, "selects no pod"


def invalid_target_ports(stack: Stack) -> Iterator[Offence]:
    for service in stack.of("Service"):
        for deployment in stack.selected(namespace_of(service), at(service, "spec", "selector")):
            for port in each(service, "spec", "ports"):
                if port.get("targetPort", port["port"]) not in ports(deployment):
                    yield service, f"target port {port.get('targetPort')} is none of {name_of(deployment)}'s"


def dangling_route(stack: Stack) -> Iterator[Offence]:
    for route in stack.of("HTTPRoute"):
        for parent in each(route, "spec", "parentRefs"):
            if stack.find("Gateway", namespace_of(route), str(parent["name"])) is None:
                yield route, f"gateway {parent['name']} is not declared"
        for rule in each(route, "spec", "rules"):
            yield from _dangling_rule(stack, route, rule)


def _dangling_rule(stack: Stack, route: KubeObject, rule: KubeObject) -> Iterator[Offence]:
    for backend in each(rule, "backendRefs"):
        service = stack.find("Service", namespace_of(route), str(backend["name"]))
        if backend["port"] not in [port["port"] for port in each(service, "spec", "ports")]:
            yield route, f"backend {backend['name']} has no port {backend['port']}"
    for wanted in (at(each_, "extensionRef") for each_ in each(rule, "filters")):
        if stack.find(str(wanted["kind"]), namespace_of(route), str(wanted["name"])) is None:
            yield route, f"{wanted['kind']} {wanted['name']} is not declared"


def mismatching_selector(stack: Stack) -> Iterator[Offence]:
    for deployment in stack.of("Deployment"):
        selector = at(deployment, "spec", "selector", "matchLabels")
        if not selector or not selector.items() <= pod_labels(deployment).items():
            yield deployment, "its selector does not match its own pods"


def dangling_network_policy(stack: Stack) -> Iterator[Offence]:
    for policy in stack.of("NetworkPolicy"):
        if not stack.selected(namespace_of(policy), at(policy, "spec", "podSelector", "matchLabels")):
            yield policy, "selects no pod"


def dangling_autoscaler(stack: Stack) -> Iterator[Offence]:
    for autoscaler in stack.of(*SCALERS):
        if _target(stack, autoscaler) is None:
            yield autoscaler, "its target does not exist"


def non_existent_service_account(stack: Stack) -> Iterator[Offence]:
    for deployment in stack.of("Deployment"):
        name = str(pod(deployment).get("serviceAccountName", "default"))
        if stack.find("ServiceAccount", namespace_of(deployment), name) is None:
            yield deployment, f"service account {name} is not declared"


def non_existent_volume_source(stack: Stack) -> Iterator[Offence]:
    for deployment in stack.of("Deployment"):
        for volume in each(pod(deployment), "volumes"):
            for kind, name in _sources(volume):
                if name not in FOREIGN_CONFIG_MAPS and not stack.find(kind, namespace_of(deployment), name):
                    yield deployment, f"volume {volume['name']}: {kind} {name} is not declared"


def _sources(volume: KubeObject) -> Iterator[tuple[str, str]]:
    kinds = {"configMap": "ConfigMap", "secret": "Secret", "persistentVolumeClaim": "PersistentVolumeClaim"}
    for part in (volume, *each(volume, "projected", "sources")):
        for source, kind in kinds.items():
            for key in ("name", "secretName", "claimName"):
                if key in at(part, source):
                    yield kind, str(at(part, source)[key])


def non_existent_volume(stack: Stack) -> Iterator[Offence]:
    for deployment, container in stack.containers():
        known = {volume["name"] for volume in each(pod(deployment), "volumes")}
        for mount in each(container, "volumeMounts"):
            if mount["name"] not in known:
                yield deployment, f"{container['name']} mounts the unknown volume {mount['name']}"


def _target(stack: Stack, autoscaler: KubeObject) -> KubeObject | None:
    target = at(autoscaler, "spec", "scaleTargetRef")
    return stack.find(str(target["kind"]), namespace_of(autoscaler), str(target["name"]))


def one_owner_of_replicas(stack: Stack) -> Iterator[Offence]:
    targets = [_target(stack, autoscaler) for autoscaler in stack.of(*SCALERS)]
    for deployment in stack.of("Deployment"):
        owned = deployment in targets
        if owned == ("replicas" in at(deployment, "spec")):
            yield deployment, "replicas is " + ("set beside an autoscaler" if owned else "not set")


def autoscaler_needs_cpu_request(stack: Stack) -> Iterator[Offence]:
    for autoscaler in stack.of("HorizontalPodAutoscaler"):
        for container in containers(_target(stack, autoscaler) or {}):
            if "cpu" not in at(container, "resources", "requests"):
                yield autoscaler, f"{container['name']} has no CPU request, so it never scales"


def pdb_lets_nodes_drain(stack: Stack) -> Iterator[Offence]:
    for budget in stack.of("PodDisruptionBudget"):
        spec = at(budget, "spec")
        if not stack.selected(namespace_of(budget), at(spec, "selector", "matchLabels")):
            yield budget, "selects no pod"
        if "minAvailable" in spec or spec.get("maxUnavailable") in (None, 0, "0%"):
            yield budget, "may forbid every eviction; use maxUnavailable ≥ 1"
        if spec.get("unhealthyPodEvictionPolicy") != "AlwaysAllow":
            yield budget, "a broken pod holds up a node's drain; set unhealthyPodEvictionPolicy: AlwaysAllow"


def recommended_labels(stack: Stack) -> Iterator[Offence]:
    for item in stack.objects:
        for label in ("name", "part-of", "instance", "managed-by"):
            if not at(item, "metadata", "labels").get(f"app.kubernetes.io/{label}"):
                yield item, f"lacks the label app.kubernetes.io/{label}"


RULES: tuple[Rule, ...] = (
    autoscaler_needs_cpu_request,
    dangling_autoscaler,
    dangling_network_policy,
    dangling_route,
    dangling_service,
    duplicate_object,
    invalid_target_ports,
    mismatching_selector,
    non_existent_service_account,
    non_existent_volume,
    non_existent_volume_source,
    one_owner_of_replicas,
    pdb_lets_nodes_drain,
    recommended_labels,
    undeclared_namespace,
)

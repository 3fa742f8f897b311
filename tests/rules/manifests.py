"""Our own rules for rendered manifests. Each yields the offending object and what is wrong with it.

Where kube-linter has the same rule, the name is its name.
"""

import re
from collections.abc import Callable, Iterator

from stack.kube import KubeObject
from tests.rules.reading import (
    Stack,
    at,
    containers,
    each,
    name_of,
    namespace_of,
    pod,
    pod_labels,
    ports,
    texts,
    where,
)

Offence = tuple[KubeObject, str]
Rule = Callable[[Stack], Iterator[Offence]]

INFERENCE = {8000, 8080, 8501}
METRICS = {8002, 8082}
SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")
SERVERS = ("tensorflow-serving", "torchserve", "triton")
FOREIGN_CONFIG_MAPS = ("kube-root-ca.crt",)  # Kubernetes puts it into every namespace
CONTENT = re.compile(r"@sha256:[0-9a-f]{64}$|:[0-9a-f]{16}$")
SECRET_NAME = re.compile(r"PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY", re.IGNORECASE)


def findings(stack: Stack) -> Iterator[tuple[str, str, str]]:
    """Rule, object and message of every offence in a stack."""
    for rule in RULES:
        for item, message in rule(stack):
            yield rule.__name__.replace("_", "-"), where(item), message


# Objects that name one another


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


# Pods


def unexamined_workload(stack: Stack) -> Iterator[Offence]:
    """The rules for pods look at Deployments only; nothing may slip past them."""
    for item in stack.of("Pod", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob"):
        yield item, f"no rule for pods examines a {item['kind']}"


def probe_port(stack: Stack) -> Iterator[Offence]:
    for deployment, container in stack.containers():
        for name in ("startupProbe", "readinessProbe", "livenessProbe"):
            for way in ("httpGet", "tcpSocket", "grpc"):
                port = at(container, name, way).get("port")
                if port is not None and port not in ports(deployment):
                    yield deployment, f"{container['name']}: {name} asks port {port}, which is not declared"


def distinct_probes(stack: Stack) -> Iterator[Offence]:
    """Life and readiness asked alike would restart a server that is only busy."""
    for deployment, container in stack.containers():
        alive, ready = at(container, "livenessProbe"), at(container, "readinessProbe")
        if not alive or not ready or not at(container, "startupProbe"):
            yield deployment, f"{container['name']} needs a startup, a readiness and a liveness probe"
        elif alive == ready:
            yield deployment, f"{container['name']}: liveness and readiness are the same"


def duplicate_env_var(stack: Stack) -> Iterator[Offence]:
    for deployment, container in stack.containers():
        names = [variable["name"] for variable in each(container, "env")]
        if len(set(names)) < len(names):
            yield deployment, f"{container['name']} sets a variable twice"


def env_var_secret(stack: Stack) -> Iterator[Offence]:
    """Secrets are mounted: `kubectl describe` and every child process show the environment."""
    for deployment, container in stack.containers():
        for variable in each(container, "env"):
            name = str(variable["name"])
            named = SECRET_NAME.search(name) and not name.endswith(("_FILE", "_PATH"))
            if named or at(variable, "valueFrom", "secretKeyRef"):
                yield deployment, f"{container['name']}: variable {name} carries a secret"
        if any("secretRef" in source for source in each(container, "envFrom")):
            yield deployment, f"{container['name']}: envFrom takes a whole Secret"


def no_read_only_root_fs(stack: Stack) -> Iterator[Offence]:
    for deployment, container in stack.containers():
        if at(container, "securityContext").get("readOnlyRootFilesystem") is not True:
            yield deployment, f"{container['name']}: its root file system can be written"


def unset_resources(stack: Stack) -> Iterator[Offence]:
    for deployment, container in stack.containers():
        for bound in ("requests", "limits"):
            for what in ("cpu", "memory", "ephemeral-storage"):
                if what not in at(container, "resources", bound):
                    yield deployment, f"{container['name']}: no {bound}.{what}"


def unbounded_scratch(stack: Stack) -> Iterator[Offence]:
    for deployment in stack.of("Deployment"):
        for volume in each(pod(deployment), "volumes"):
            if "emptyDir" in volume and "sizeLimit" not in at(volume, "emptyDir"):
                yield deployment, f"volume {volume['name']} has no sizeLimit"


def latest_tag(stack: Stack) -> Iterator[Offence]:
    for deployment, container in stack.containers():
        image = str(container["image"])
        if image.endswith(":latest") or not re.search(r"@sha256:|:[^/:]+$", image):
            yield deployment, f"image {image} floats"


def content_addressed_image(stack: Stack) -> Iterator[Offence]:
    """What we build is named by its content, so that the same name is always the same model."""
    for deployment, container in stack.containers():
        if name_of(deployment) in SERVERS and not CONTENT.search(str(container["image"])):
            yield deployment, f"image {container['image']} is not named by its content"


def grace_longer_than_drain(stack: Stack) -> Iterator[Offence]:
    for deployment, container in stack.containers():
        pause = at(container, "lifecycle", "preStop", "sleep").get("seconds", 0)
        grace = pod(deployment).get("terminationGracePeriodSeconds", 30)
        if name_of(deployment) in SERVERS and not 0 < int(str(pause)) < int(str(grace)):
            yield deployment, f"{container['name']}: drains {pause} s of {grace} s before it is killed"


def rolling_update_without_gap(stack: Stack) -> Iterator[Offence]:
    for deployment in stack.of("Deployment"):
        update = at(deployment, "spec", "strategy", "rollingUpdate")
        if name_of(deployment) in SERVERS and update.get("maxUnavailable") != 0:
            yield deployment, "a rollout takes a pod away before its successor is ready"


# Replicas


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


# Who may reach what


def restricted_namespace(stack: Stack) -> Iterator[Offence]:
    for item in stack.of("Namespace"):
        for mode in ("enforce", "warn", "audit"):
            if at(item, "metadata", "labels").get(f"pod-security.kubernetes.io/{mode}") != "restricted":
                yield item, f"does not {mode} the profile restricted"


def default_deny(stack: Stack) -> Iterator[Offence]:
    denied = {namespace_of(item) for item in stack.of("NetworkPolicy") if _denies_all(item)}
    with_pods = {namespace_of(item) for item in stack.of("Deployment")}
    for item in stack.of("Namespace"):
        if name_of(item) in with_pods - denied:
            yield item, "has no NetworkPolicy that denies all by default"


def _denies_all(policy: KubeObject) -> bool:
    spec = at(policy, "spec")
    both = set(texts(spec, "policyTypes")) == {"Ingress", "Egress"}
    return both and not at(spec, "podSelector") and not spec.get("ingress") and not spec.get("egress")


def published_ports(stack: Stack) -> Iterator[Offence]:
    """Clients get inference; metrics only where asked for; management and gRPC never."""
    allowed: set[object] = {*INFERENCE, *(METRICS if stack.settings.service.publish_metrics else ())}
    for service in stack.of("Service"):
        for port in each(service, "spec", "ports"):
            if name_of(service) in SERVERS and port["port"] not in allowed:
                yield service, f"publishes port {port['port']}"


def exposed_services(stack: Stack) -> Iterator[Offence]:
    for service in stack.of("Service"):
        type_ = at(service, "spec").get("type", "ClusterIP")
        if type_ != "ClusterIP" and name_of(service) not in (*SERVERS, "grafana"):
            yield service, f"is reachable from outside the cluster ({type_})"


def token_without_rights(stack: Stack) -> Iterator[Offence]:
    bound = [
        s for binding in stack.of("RoleBinding", "ClusterRoleBinding") for s in each(binding, "subjects")
    ]
    entitled = {(subject.get("namespace"), subject["name"]) for subject in bound}
    for deployment in stack.of("Deployment"):
        name = str(pod(deployment).get("serviceAccountName", "default"))
        account = stack.find("ServiceAccount", namespace_of(deployment), name) or {}
        automatic = account.get("automountServiceAccountToken", True)
        if pod(deployment).get("automountServiceAccountToken", automatic) is not False and (
            (namespace_of(deployment), name) not in entitled
        ):
            yield deployment, "gets a token of the API server that it has no use for"


def wildcard_in_rules(stack: Stack) -> Iterator[Offence]:
    for role in stack.of("Role", "ClusterRole"):
        for rule in each(role, "rules"):
            if any("*" in texts(rule, key) for key in ("apiGroups", "resources", "verbs")):
                yield role, "grants a wildcard"


def read_only_rights(stack: Stack) -> Iterator[Offence]:
    for role in stack.of("Role", "ClusterRole"):
        for rule in each(role, "rules"):
            verbs = set(texts(rule, "verbs")) - {"get", "list", "watch"}
            if verbs - ({"create"} if _asks_who_may(rule) else set()):
                yield role, f"may {', '.join(sorted(verbs))}"
            if "secrets" in texts(rule, "resources"):
                yield role, "may read Secrets"


def _asks_who_may(rule: KubeObject) -> bool:
    return set(texts(rule, "resources")) <= {"tokenreviews", "subjectaccessreviews"}


# Names


def recommended_labels(stack: Stack) -> Iterator[Offence]:
    for item in stack.objects:
        for label in ("name", "part-of", "instance", "managed-by"):
            if not at(item, "metadata", "labels").get(f"app.kubernetes.io/{label}"):
                yield item, f"lacks the label app.kubernetes.io/{label}"


RULES: tuple[Rule, ...] = (
    autoscaler_needs_cpu_request,
    content_addressed_image,
    dangling_autoscaler,
    dangling_network_policy,
    dangling_route,
    dangling_service,
    default_deny,
    distinct_probes,
    duplicate_env_var,
    duplicate_object,
    env_var_secret,
    exposed_services,
    grace_longer_than_drain,
    invalid_target_ports,
    latest_tag,
    mismatching_selector,
    no_read_only_root_fs,
    non_existent_service_account,
    non_existent_volume,
    non_existent_volume_source,
    one_owner_of_replicas,
    pdb_lets_nodes_drain,
    probe_port,
    published_ports,
    read_only_rights,
    recommended_labels,
    restricted_namespace,
    rolling_update_without_gap,
    token_without_rights,
    unbounded_scratch,
    unexamined_workload,
    undeclared_namespace,
    unset_resources,
    wildcard_in_rules,
)

"""Rules for who may reach what."""

from collections.abc import Iterator

from stack.kube import KubeObject
from tests.rules.reading import SERVERS, Offence, Rule, Stack, at, each, name_of, namespace_of, pod, texts

INFERENCE = {8000, 8080, 8501}
METRICS = {8002, 8082}


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


RULES: tuple[Rule, ...] = (
    default_deny,
    exposed_services,
    published_ports,
    read_only_rights,
    restricted_namespace,
    token_without_rights,
    wildcard_in_rules,
)

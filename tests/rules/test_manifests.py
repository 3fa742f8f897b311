"""Each of our own rules fires on its fault, and on nothing else."""

import pytest

from tests.rules import manifests
from tests.rules.example import Break, add, broken, drop, get, set_, the_container, the_pod
from tests.rules.reading import each

FAULTS: list[tuple[str, Break]] = [
    ("autoscaler-needs-cpu-request", lambda o: drop(the_container(o), "resources", "requests", "cpu")),
    ("content-addressed-image", lambda o: set_(the_container(o), "image", to="emotion-torchserve:v1")),
    (
        "dangling-autoscaler",
        lambda o: set_(get(o, "HorizontalPodAutoscaler"), "spec", "scaleTargetRef", "name", to="other"),
    ),
    (
        "dangling-network-policy",
        lambda o: set_(
            get(o, "NetworkPolicy", "torchserve"), "spec", "podSelector", to={"matchLabels": {"app": "other"}}
        ),
    ),
    ("dangling-route", lambda o: set_(get(o, "Service"), "metadata", "name", to="grafana")),
    ("dangling-route", lambda o: set_(get(o, "Gateway"), "metadata", "name", to="other")),
    ("dangling-route", lambda o: set_(get(o, "Middleware"), "metadata", "name", to="other")),
    ("dangling-service", lambda o: set_(get(o, "Service"), "spec", "selector", to={"app": "other"})),
    ("default-deny", lambda o: set_(get(o, "NetworkPolicy", "deny-all"), "spec", "egress", to=[{}])),
    (
        "distinct-probes",
        lambda o: set_(the_container(o), "livenessProbe", to=the_container(o)["readinessProbe"]),
    ),
    ("distinct-probes", lambda o: drop(the_container(o), "startupProbe")),
    ("duplicate-env-var", lambda o: add(the_container(o), "env", value={"name": "TEMP", "value": "/"})),
    ("duplicate-object", lambda o: o.append(get(o, "Role"))),
    (
        "env-var-secret",
        lambda o: add(the_container(o), "env", value={"name": "GF_ADMIN_PASSWORD", "value": "x"}),
    ),
    ("env-var-secret", lambda o: add(the_container(o), "envFrom", value={"secretRef": {"name": "x"}})),
    ("exposed-services", lambda o: set_(get(o, "Service"), "metadata", "name", to="prometheus")),
    ("grace-longer-than-drain", lambda o: set_(the_pod(o), "terminationGracePeriodSeconds", to=10)),
    ("invalid-target-ports", lambda o: set_(each(get(o, "Service"), "spec", "ports")[0], "targetPort", to=1)),
    ("latest-tag", lambda o: set_(the_container(o), "image", to="registry.example.com:5000/team/server")),
    ("latest-tag", lambda o: set_(the_container(o), "image", to="prom/prometheus:latest")),
    (
        "mismatching-selector",
        lambda o: set_(get(o, "Deployment"), "spec", "selector", "matchLabels", to={"app": "other"}),
    ),
    (
        "no-read-only-root-fs",
        lambda o: set_(the_container(o), "securityContext", "readOnlyRootFilesystem", to=False),
    ),
    ("non-existent-service-account", lambda o: drop(the_pod(o), "serviceAccountName")),
    ("non-existent-volume", lambda o: add(the_container(o), "volumeMounts", value={"name": "other"})),
    ("non-existent-volume-source", lambda o: o.remove(get(o, "ConfigMap"))),
    (
        "non-existent-volume-source",
        lambda o: add(the_pod(o), "volumes", value={"name": "s", "secret": {"secretName": "other"}}),
    ),
    ("one-owner-of-replicas", lambda o: set_(get(o, "Deployment"), "spec", "replicas", to=1)),
    ("one-owner-of-replicas", lambda o: o.remove(get(o, "HorizontalPodAutoscaler"))),
    ("pdb-lets-nodes-drain", lambda o: set_(get(o, "PodDisruptionBudget"), "spec", "minAvailable", to=1)),
    (
        "pdb-lets-nodes-drain",
        lambda o: drop(get(o, "PodDisruptionBudget"), "spec", "unhealthyPodEvictionPolicy"),
    ),
    ("probe-port", lambda o: set_(the_container(o), "livenessProbe", "tcpSocket", "port", to=8081)),
    (
        "published-ports",
        lambda o: add(get(o, "Service"), "spec", "ports", value={"port": 8082, "targetPort": "metrics"}),
    ),
    ("read-only-rights", lambda o: add(each(get(o, "Role"), "rules")[0], "verbs", value="delete")),
    ("read-only-rights", lambda o: add(each(get(o, "Role"), "rules")[0], "resources", value="secrets")),
    (
        "recommended-labels",
        lambda o: drop(get(o, "Service"), "metadata", "labels", "app.kubernetes.io/instance"),
    ),
    (
        "restricted-namespace",
        lambda o: drop(get(o, "Namespace"), "metadata", "labels", "pod-security.kubernetes.io/enforce"),
    ),
    (
        "rolling-update-without-gap",
        lambda o: set_(get(o, "Deployment"), "spec", "strategy", "rollingUpdate", "maxUnavailable", to=1),
    ),
    ("token-without-rights", lambda o: set_(the_pod(o), "automountServiceAccountToken", to=True)),
    ("unbounded-scratch", lambda o: set_(each(the_pod(o), "volumes")[1], "emptyDir", to={})),
    ("undeclared-namespace", lambda o: set_(get(o, "Role"), "metadata", "namespace", to="default")),
    ("unexamined-workload", lambda o: o.append(get(o, "ConfigMap") | {"kind": "DaemonSet"})),
    ("unset-resources", lambda o: drop(the_container(o), "resources", "limits", "memory")),
    ("wildcard-in-rules", lambda o: add(each(get(o, "Role"), "rules")[0], "resources", value="*")),
]


def test_nothing_is_wrong_with_the_example() -> None:
    assert list(manifests.findings(broken())) == []


@pytest.mark.parametrize(("rule", "fault"), FAULTS, ids=[rule for rule, _ in FAULTS])
def test_a_rule_fires_on_its_fault(rule: str, fault: Break) -> None:
    assert rule in {found for found, _, _ in manifests.findings(broken(fault))}


def test_every_rule_has_a_fault_that_it_is_tried_on() -> None:
    rules = {rule.__name__.replace("_", "-") for rule in manifests.RULES}
    assert rules == {rule for rule, _ in FAULTS}


def test_a_token_is_fine_where_a_binding_names_the_account() -> None:
    def bind(objects: list[dict[str, object]]) -> None:
        set_(the_pod(objects), "automountServiceAccountToken", to=True)
        subject = {"kind": "ServiceAccount", "name": "torchserve", "namespace": "room"}
        objects.append(get(objects, "Role") | {"kind": "RoleBinding", "subjects": [subject]})

    assert list(manifests.findings(broken(bind))) == []

"""Every kind that the plugin serves, from preview to destroy, against a real API server."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from embedded.plugins.kubernetes.kinds import KINDS
from tests.embedded.plugins.conftest import Kubectl, Stack

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]

IMAGE = "registry.k8s.io/pause:3.10"
LABELS = {"app": "x"}
Manifest = dict[str, Any]  # a Kubernetes object's body as a user writes it


@dataclass(frozen=True)
class Edit:
    """Set `value` at `path` of the body; `shown` is a jsonpath whose output must then be `expected`."""

    path: tuple[str | int, ...]
    value: Any
    operation: str
    shown: str = ""
    expected: str = ""


@dataclass(frozen=True)
class Case:
    """One kind: its body and the edits that follow one another."""

    resource: Callable[..., pulumi.CustomResource]
    plural: str
    body: Manifest
    edits: tuple[Edit, ...]
    namespaced: bool = True
    options: Manifest = field(default_factory=dict)
    annotations: Manifest = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return self.resource.__name__


POD_TEMPLATE: Manifest = {
    "metadata": {"labels": LABELS},
    "spec": {
        "terminationGracePeriodSeconds": 0,
        "containers": [
            {
                "name": "c",
                "image": IMAGE,
                "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
                "resources": {
                    "requests": {"cpu": "0.001", "memory": "1024Ki"},
                    "limits": {"cpu": "1000m", "memory": "1024Mi"},
                },
            }
        ],
    },
}
CONTAINER = ("spec", "template", "spec", "containers", 0)
ROLE_REF = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}
RULE = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}
INGRESS_PATH = {
    "path": "/",
    "pathType": "Prefix",
    "backend": {"service": {"name": "none", "port": {"number": 80}}},
}
SUBJECTS = [{"kind": "Group", "name": "nobody", "apiGroup": "rbac.authorization.k8s.io"}]
CASES = (
    Case(
        k8s.core.v1.Namespace,
        "namespaces",
        {},
        (Edit(("metadata", "labels"), {"a": "b"}, "update", "{.metadata.labels.a}", "b"),),
        namespaced=False,
    ),
    Case(
        k8s.core.v1.ConfigMap,
        "configmaps",
        {"data": {"a": "1", "b": "2"}},
        (
            Edit(("metadata", "labels"), {"k": "v"}, "update", "{.metadata.labels.k}", "v"),
            Edit(("data",), {"a": "2"}, "replace", "{.data}", '{"a":"2"}'),
        ),
    ),
    Case(
        k8s.core.v1.Secret,
        "secrets",
        {"stringData": {"password": "one"}},
        (Edit(("stringData", "password"), "two", "replace", "{.data.password}", "dHdv"),),
    ),
    Case(
        k8s.core.v1.ServiceAccount,
        "serviceaccounts",
        {"automountServiceAccountToken": False},
        (Edit(("automountServiceAccountToken",), True, "update", "{.automountServiceAccountToken}", "true"),),
    ),
    Case(
        k8s.core.v1.Service,
        "services",
        {"spec": {"selector": {"app": "nobody"}, "ports": [{"port": 80}]}},
        (
            Edit(("spec", "ports", 0, "port"), 81, "update", "{.spec.ports[0].port}", "81"),
            Edit(("spec", "type"), "NodePort", "update", "{.spec.type}", "NodePort"),
            Edit(("spec", "type"), "LoadBalancer", "update", "{.spec.type}", "LoadBalancer"),
        ),
    ),
    Case(
        k8s.core.v1.PersistentVolumeClaim,
        "persistentvolumeclaims",
        {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1024Mi"}}}},
        (
            Edit(("metadata", "labels"), {"k": "v"}, "update", "{.metadata.labels.k}", "v"),
            Edit(("spec", "storageClassName"), "other", "replace", "{.spec.storageClassName}", "other"),
        ),
    ),
    Case(
        k8s.apps.v1.Deployment,
        "deployments",
        {"spec": {"replicas": 1, "selector": {"matchLabels": LABELS}, "template": POD_TEMPLATE}},
        (
            Edit(("spec", "replicas"), 2, "update", "{.status.readyReplicas}", "2"),
            Edit((*CONTAINER, "args"), ["x"], "update", "{.spec.template.spec.containers[0].args[0]}", "x"),
            Edit((*CONTAINER, "env"), [{"name": "A", "value": "1"}], "update", "{..env[*].name}", "A"),
            Edit(("spec", "selector", "matchLabels"), {"app": "y"}, "replace", "{..matchLabels.app}", "y"),
        ),
    ),
    Case(
        k8s.rbac.v1.Role,
        "roles",
        {"rules": [RULE]},
        (Edit(("rules", 0, "verbs"), ["get", "list"], "update", "{.rules[0].verbs[1]}", "list"),),
    ),
    Case(
        k8s.rbac.v1.RoleBinding,
        "rolebindings",
        {"roleRef": ROLE_REF, "subjects": SUBJECTS},
        (
            Edit(("subjects", 0, "name"), "somebody", "update", "{.subjects[0].name}", "somebody"),
            Edit(("roleRef", "name"), "edit", "replace", "{.roleRef.name}", "edit"),
        ),
    ),
    Case(
        k8s.rbac.v1.ClusterRole,
        "clusterroles",
        {"rules": [RULE]},
        (Edit(("rules", 0, "verbs"), ["list"], "update", "{.rules[0].verbs[0]}", "list"),),
        namespaced=False,
    ),
    Case(
        k8s.rbac.v1.ClusterRoleBinding,
        "clusterrolebindings",
        {"roleRef": ROLE_REF, "subjects": SUBJECTS},
        (Edit(("roleRef", "name"), "edit", "replace", "{.roleRef.name}", "edit"),),
        namespaced=False,
    ),
    Case(
        k8s.apiregistration.v1.APIService,
        "apiservices",
        {
            "spec": {
                "group": "plugins.test",
                "version": "v1",
                "groupPriorityMinimum": 10,
                "versionPriority": 10,
            }
        },
        (Edit(("spec", "versionPriority"), 11, "update", "{.spec.versionPriority}", "11"),),
        namespaced=False,
    ),
    Case(
        k8s.autoscaling.v2.HorizontalPodAutoscaler,
        "horizontalpodautoscalers",
        {
            "spec": {
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "none"},
                "maxReplicas": 2,
                "metrics": [
                    {
                        "type": "Resource",
                        "resource": {
                            "name": "memory",
                            "target": {"type": "AverageValue", "averageValue": "1024Mi"},
                        },
                    }
                ],
            }
        },
        (Edit(("spec", "maxReplicas"), 3, "update", "{.spec.maxReplicas}", "3"),),
    ),
    Case(
        k8s.networking.v1.NetworkPolicy,
        "networkpolicies",
        {"spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"], "ingress": [], "egress": []}},
        (Edit(("spec", "policyTypes"), ["Ingress"], "update", "{.spec.policyTypes}", '["Ingress"]'),),
    ),
    Case(
        k8s.networking.v1.Ingress,
        "ingresses",
        {
            "spec": {
                "ingressClassName": "none",
                "rules": [{"host": "plugins.test", "http": {"paths": [INGRESS_PATH]}}],
            }
        },
        (Edit(("spec", "rules", 0, "host"), "edit.test", "update", "{.spec.rules[0].host}", "edit.test"),),
        annotations={"pulumi.com/skipAwait": "true"},
    ),
    Case(
        k8s.policy.v1.PodDisruptionBudget,
        "poddisruptionbudgets",
        {"spec": {"maxUnavailable": 1, "selector": {"matchLabels": LABELS}}},
        (Edit(("spec", "maxUnavailable"), "50%", "update", "{.spec.maxUnavailable}", "50%"),),
    ),
)


def test_the_cases_cover_every_kind_served() -> None:
    assert {case.kind for case in CASES} == {kind.name for kind in KINDS}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
def test_a_kind_lives_from_preview_to_destroy_without_noise(
    case: Case, kubectl: Kubectl, stack: Callable[..., Stack], provider: Callable[..., k8s.Provider]
) -> None:
    name = name_of(case, kubectl)
    body = copy.deepcopy(case.body)
    if case.kind == "APIService":
        body["spec"]["group"] = f"{kubectl.namespace}.test"
    body["metadata"] = {"name": name, **({"namespace": kubectl.namespace} if case.namespaced else {})}
    if case.annotations:
        body["metadata"]["annotations"] = case.annotations

    def program() -> None:
        case.resource("object", **snake(body), opts=pulumi.ResourceOptions(provider=provider()))

    subject = stack(program)
    assert subject.preview().get("create") == 3, "the stack, the provider and the object"
    subject.up()
    assert_quiet(subject)
    for edit in case.edits:
        set_at(body, edit.path, edit.value)
        done = subject.up()
        assert done.get(edit.operation) == 1, f"{edit.path}: {done}"
        assert kubectl.field(f"{case.plural}/{name}", edit.shown) == edit.expected
        assert set(subject.preview()) == {"same"}, f"{edit.path}: {subject.said()}"
    subject.destroy()
    assert f"{case.plural}/{name}" not in " ".join(kubectl.names(case.plural)), "nothing may be left"


def assert_quiet(subject: Stack) -> None:
    for operation in (subject.preview, subject.up, subject.refresh):
        changes = operation()
        assert set(changes) <= {"same"}, f"{operation.__name__}: {changes}\n{subject.said()}"


def name_of(case: Case, kubectl: Kubectl) -> str:
    if case.kind == "APIService":
        return f"v1.{kubectl.namespace}.test"
    return f"{kubectl.namespace}-{case.kind.lower()}"


def set_at(body: Manifest, path: tuple[str | int, ...], value: Any) -> None:
    place: Any = body
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    if path == ("spec", "selector", "matchLabels"):
        body["spec"]["template"]["metadata"]["labels"] = value


def snake(body: Manifest) -> Manifest:
    """The first level's names as Python's; nested dictionaries keep Kubernetes' own."""
    names = {
        "stringData": "string_data",
        "automountServiceAccountToken": "automount_service_account_token",
        "roleRef": "role_ref",
    }
    return {names.get(key, key): copy.deepcopy(value) for key, value in body.items()}

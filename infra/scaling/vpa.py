"""VPA: a recommender, an updater that resizes pods, and a webhook that gives new pods what was recommended.

The objects follow upstream's manifests (kubernetes/autoscaler, vertical-pod-autoscaler/deploy). The webhook's
registration is declared here with its certificate, instead of by the program itself, so that it goes with the
stack; it sees this project's namespaces only.
"""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import cast

import yaml

from infra import certificate
from infra.monitoring import component
from infra.monitoring.component import Grant, Program, rule
from stack.kube import (
    FROM_SECRET,
    PROJECT,
    KubeObject,
    deny_all,
    labels,
    meta,
    namespace,
    service_account,
)
from stack.namespaces import VPA
from stack.settings import VpaSettings

DEFINITIONS = Path(__file__).with_name("verticalpodautoscalers.yaml")  # upstream's vpa-v1-crd-gen.yaml
NAME = "vpa"
RECOMMENDER, UPDATER, WEBHOOK = "vpa-recommender", "vpa-updater", "vpa-admission-controller"
PROGRAMS = (RECOMMENDER, UPDATER, WEBHOOK)
IMAGES = {name: f"registry.k8s.io/autoscaling/{name}" for name in PROGRAMS}
CERTIFICATE = "vpa-webhook-certificate"
PROBES = {RECOMMENDER: 8942, UPDATER: 8943, WEBHOOK: 8944}
HTTPS = 8000
WEBHOOK_SECONDS = 5  # a pod waits no longer for its recommendation, and is made without
READ = ("get", "list", "watch")
# All three follow a VerticalPodAutoscaler to its pods; their caches wait for every kind of workload.
FOLLOW = (
    rule([""], ("pods", "nodes", "limitranges", "replicationcontrollers"), READ),
    rule(["apps"], ("deployments", "replicasets", "statefulsets", "daemonsets"), READ),
    rule(["apps"], ("deployments/scale", "replicasets/scale", "statefulsets/scale"), ("get", "watch")),
    rule(["batch"], ("jobs", "cronjobs"), READ),
    rule(["autoscaling.k8s.io"], ("verticalpodautoscalers",), READ),
)
IN_CLUSTER: Mapping[str, tuple[KubeObject, ...]] = {
    RECOMMENDER: (
        rule(["metrics.k8s.io"], ("pods",), ("get", "list")),
        rule(["autoscaling.k8s.io"], ("verticalpodautoscalers/status",), ("get", "patch")),
        rule(
            ["autoscaling.k8s.io"],
            ("verticalpodautoscalercheckpoints",),
            (*READ, "create", "patch", "delete"),
        ),
        rule([""], ("events",), READ),
    ),
    UPDATER: (
        rule([""], ("pods/resize", "pods"), ("patch",)),  # pods: the annotation of one that it has resized
        rule([""], ("pods/eviction",), ("create",)),
        rule([""], ("events",), ("create", "patch", "update")),
    ),
    WEBHOOK: (),
}
LEASES: Mapping[str, tuple[str, ...]] = {  # by which the updater knows that the webhook lives
    UPDATER: READ,
    WEBHOOK: (*READ, "create", "update"),
}


def objects(stack: str, versions: Mapping[str, str], settings: VpaSettings) -> tuple[KubeObject, ...]:
    """Everything that VPA needs; `versions` by the programs' names. The webhook goes first on destroy."""
    running = [program(versions[name], settings) for name, program in MADE.items()]
    webhook = running[-1]
    return (
        *definitions(stack),
        namespace(VPA, labels(NAME, stack)),
        deny_all(VPA, labels(NAME, stack)),
        *(each for name in PROGRAMS for each in rights(name, stack)),
        certificate.secret(meta(CERTIFICATE, VPA, labels(WEBHOOK, stack)), [f"{WEBHOOK}.{VPA}.svc"]),
        # They talk to the API server, and it to the webhook: it has no address that a policy could name.
        *(component.admit(each, stack, callers=_callers(each), egress=None) for each in running),
        *(component.deployment(each, stack) for each in running),
        component.service(webhook, stack, 443),
        registration(stack),
    )


def _callers(program: Program) -> tuple[KubeObject, ...] | None:
    """Nobody calls the others: no pod here is called like that."""
    return None if program.name == WEBHOOK else component.callers_from("nobody")


@cache
def upstream() -> tuple[KubeObject, ...]:
    """Upstream's definitions of VerticalPodAutoscaler and its checkpoints."""
    return tuple(cast("list[KubeObject]", yaml.safe_load_all(DEFINITIONS.read_text())))


def definitions(stack: str) -> tuple[KubeObject, ...]:
    """Both kinds, with the annotation without which the API server takes none of a group *.k8s.io."""
    kinds = []
    for each in upstream():
        metadata = cast("KubeObject", each["metadata"])
        named = meta(str(metadata["name"]), None, labels(NAME, stack))
        kinds.append({**each, "metadata": {**named, "annotations": metadata["annotations"]}})
    return tuple(kinds)


def rights(name: str, stack: str) -> tuple[KubeObject, ...]:
    """The account of a program, and what it may do."""
    role = f"emotion-{name}"
    made: list[KubeObject] = [
        service_account(name, VPA, labels(name, stack), token=True),
        component.cluster_role(role, name, stack, [*FOLLOW, *IN_CLUSTER[name]]),
        component.binding(Grant(role, "ClusterRole", role, name, VPA), stack),
    ]
    if name in LEASES:
        leases = rule(["coordination.k8s.io"], ("leases",), LEASES[name])
        made += [
            component.role(name, VPA, name, stack, [leases]),
            component.binding(Grant(name, "Role", name, name, VPA, VPA), stack),
        ]
    return tuple(made)


def recommender(version: str, settings: VpaSettings) -> Program:
    """What turns the pods' usage into recommendations."""
    return _program(
        RECOMMENDER,
        version,
        f"--recommender-interval={settings.recommender_seconds}s",
        f"--cpu-histogram-decay-half-life={settings.cpu_half_life_minutes}m",
        "--memory-saver=true",  # pods that no VerticalPodAutoscaler is for are not followed
    )


def updater(version: str, settings: VpaSettings) -> Program:
    """What resizes pods; it evicts one that cannot be resized only while the webhook lives."""
    return _program(
        UPDATER,
        version,
        f"--updater-interval={settings.updater_seconds}s",
        f"--in-recommendation-bounds-eviction-lifetime-threshold={settings.patience_minutes}m",
    )


def admission_controller(version: str, _: VpaSettings) -> Program:
    """What gives new pods their recommendation; without it they start with the Deployment's request."""
    return _program(
        WEBHOOK,
        version,
        "--register-webhook=false",
        f"--port={HTTPS}",
        "--tls-cert-file=/certs/tls.crt",
        "--tls-private-key=/certs/tls.key",
        certificates=True,
    )


MADE: Mapping[str, Callable[[str, VpaSettings], Program]] = {
    RECOMMENDER: recommender,
    UPDATER: updater,
    WEBHOOK: admission_controller,
}


def _program(name: str, version: str, *arguments: str, certificates: bool = False) -> Program:
    health, probe = component.get("/health-check", "probes"), PROBES[name]
    volume: KubeObject = {"secret": {"secretName": CERTIFICATE}}
    return Program(
        name=name,
        namespace=VPA,
        image=f"{IMAGES[name]}:{version}",
        port=HTTPS if certificates else probe,
        port_name="https" if certificates else "probes",
        other_ports={"probes": probe} if certificates else {},
        readiness=health,
        liveness=health,
        startup_seconds=180,
        resources=component.resources("20m", "500m", "64Mi", "256Mi", "64Mi"),
        volumes={"certificates": volume} if certificates else {},
        mounts={"certificates": "/certs"} if certificates else {},
        arguments=arguments,
        environment={"NAMESPACE": VPA},
        token=True,
        recreate=not certificates,  # two of the others would write over each other
    )


def registration(stack: str) -> KubeObject:
    """Which objects the API server shows to the webhook. A dead one holds up no pod."""
    ours: KubeObject = {"matchLabels": {"app.kubernetes.io/part-of": PROJECT}}
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": meta("emotion-vpa", None, labels(WEBHOOK, stack)),
        "webhooks": [
            {
                "name": "vpa.k8s.io",
                "admissionReviewVersions": ["v1"],
                "rules": [
                    _shown("", "v1", "pods", "CREATE"),
                    _shown("autoscaling.k8s.io", "*", "verticalpodautoscalers", "CREATE", "UPDATE"),
                ],
                "namespaceSelector": ours,
                "failurePolicy": "Ignore",
                "sideEffects": "None",
                "timeoutSeconds": WEBHOOK_SECONDS,
                "clientConfig": {
                    "service": {"name": WEBHOOK, "namespace": VPA, "port": 443},
                    "caBundle": f"{FROM_SECRET}{CERTIFICATE}/tls.crt",
                },
            }
        ],
    }


def _shown(group: str, version: str, kind: str, *operations: str) -> KubeObject:
    return {
        "apiGroups": [group],
        "apiVersions": [version],
        "resources": [kind],
        "operations": [*operations],
    }

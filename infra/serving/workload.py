"""The objects that run one model server, from its ServiceAccount to what scales it."""

from infra.serving import access, scalers
from stack.kube import (
    RESTRICTED_CONTAINER,
    RESTRICTED_POD,
    KubeObject,
    config_map,
    disruption_budget,
    labels,
    meta,
    name_of,
    selector,
    service_account,
)
from stack.namespaces import Placement
from stack.paces import DRAIN_SECONDS
from stack.servers.server import ModelServer, Port
from stack.settings import PlacementSettings, Settings
from stack.settings.placement import toleration

GRACE_SECONDS = DRAIN_SECONDS + 35  # plus the longest request (30 s) and a margin
SCRATCH = "256Mi"  # of each writable folder: a handful of temporary files
HOST, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"
PREFERRED: KubeObject = {"maxSkew": 1, "whenUnsatisfiable": "ScheduleAnyway"}
# A zone counts only if it has a node that the pods may run on.
REQUIRED: KubeObject = {"whenUnsatisfiable": "DoNotSchedule", "nodeTaintsPolicy": "Honor"}
STORAGE_LIMIT = "1Gi"  # two scratch folders, and the log before the kubelet rotates it


def objects(
    server: ModelServer, settings: Settings, placement: Placement, image: object
) -> tuple[KubeObject, ...]:
    """All that one model server needs, in the order of dependence. `image`: a reference or its promise."""
    names = labels(server.component, placement.stack)
    config = config_map(server.component, placement.namespace, names, server.files(settings.of(server)))
    availability = settings.availability
    return (
        service_account(server.component, placement.namespace, names),
        config,
        *((access.allow(server, settings, placement),) if availability.network_policies else ()),
        *(
            (disruption_budget(server.component, placement.namespace, names),)
            if availability.pod_disruption_budget
            else ()
        ),
        deployment(server, settings, placement, image, name_of(config)),
        service(server, settings, placement),
        *scalers.objects(server, settings, placement),
    )


def replicas(settings: Settings) -> int | None:
    """The fixed number of pods; None where an autoscaler owns it: two owners would undo each other."""
    return None if settings.horizontal else settings.replicas


def deployment(
    server: ModelServer, settings: Settings, placement: Placement, image: object, config: str
) -> KubeObject:
    """The Deployment; a rollout adds one pod before it takes one away."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": meta(server.component, placement.namespace, labels(server.component, placement.stack)),
        "spec": {
            **({} if replicas(settings) is None else {"replicas": replicas(settings)}),
            "revisionHistoryLimit": 3,
            "selector": {"matchLabels": selector(server.component)},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            "template": {
                "metadata": {
                    "labels": labels(server.component, placement.stack),
                    "annotations": scrape_annotations(server),
                },
                "spec": pod(server, settings, image, config),
            },
        },
    }


def scrape_annotations(server: ModelServer) -> dict[str, str]:
    """How Prometheus finds the pod's metrics."""
    return {
        "prometheus.io/scrape": "true",
        "prometheus.io/path": server.metrics_path,
        "prometheus.io/port": str(server.metrics.number),
    }


def pod(server: ModelServer, settings: Settings, image: object, config: str) -> KubeObject:
    """The pod's specification."""
    scratch = {f"scratch-{index}": path for index, path in enumerate(server.writable)}
    credentials: KubeObject = {"imagePullSecrets": [{"name": access.PULL_SECRET}]}
    return {
        "serviceAccountName": server.component,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": GRACE_SECONDS,
        **(credentials if settings.image_pull_secret else {}),
        "securityContext": RESTRICTED_POD,
        **placed(settings.placement),
        **spread(server, settings),
        "containers": [container(server, settings, image, scratch)],
        "volumes": [
            {"name": "config", "configMap": {"name": config}},
            *({"name": name, "emptyDir": {"sizeLimit": SCRATCH}} for name in scratch),
            *shared_memory(server),
        ],
    }


def container(server: ModelServer, settings: Settings, image: object, scratch: dict[str, str]) -> KubeObject:
    """The serving container."""
    command, *arguments = server.command(settings.of(server))
    return {
        "name": server.component,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": [command],
        "args": arguments,
        "env": [
            {"name": name, "value": value} for name, value in server.environment(settings.of(server)).items()
        ],
        "ports": [{"name": port.name, "containerPort": port.number} for port in server.ports],
        "resources": resources(settings),
        "securityContext": RESTRICTED_CONTAINER,
        "startupProbe": server.probes.startup,
        "readinessProbe": server.probes.readiness,
        "livenessProbe": server.probes.liveness,
        "lifecycle": {"preStop": {"sleep": {"seconds": DRAIN_SECONDS}}},
        "volumeMounts": [
            {"name": "config", "mountPath": server.config_folder, "readOnly": True},
            *({"name": name, "mountPath": path} for name, path in scratch.items()),
            *({"name": volume["name"], "mountPath": "/dev/shm"} for volume in shared_memory(server)),
        ],
    }


def shared_memory(server: ModelServer) -> tuple[KubeObject, ...]:
    """The volume for /dev/shm, whose pages count as the container's memory."""
    volume = {"medium": "Memory", "sizeLimit": server.shared_memory}
    return ({"name": "shared-memory", "emptyDir": volume},) if server.shared_memory else ()


def resources(settings: Settings) -> KubeObject:
    """Requests and limits of the container; ephemeral storage holds its scratch folders and its log."""
    wanted = settings.resources
    return {
        "requests": {
            "cpu": wanted.cpu_request,
            "memory": wanted.memory_request,
            "ephemeral-storage": SCRATCH,
        },
        "limits": {
            "cpu": wanted.cpu_limit,
            "memory": wanted.memory_limit,
            "ephemeral-storage": STORAGE_LIMIT,
        },
    }


def placed(wanted: PlacementSettings) -> KubeObject:
    """Which nodes the pod may run on."""
    tolerations = [toleration(taint) for taint in wanted.tolerations]
    return {
        **({"nodeSelector": dict(wanted.node_selector)} if wanted.node_selector else {}),
        **({"tolerations": tolerations} if tolerations else {}),
    }


def spread(server: ModelServer, settings: Settings) -> KubeObject:
    """Different nodes, and zones, for the pods of one revision: preferred, so that one node takes them all,
    or zones that may differ by `placement.maxZoneSkew` pods only.
    """
    prefer, skew = settings.availability.topology_spread, settings.placement.max_zone_skew
    wanted: list[KubeObject] = [{"topologyKey": HOST, **PREFERRED}] if prefer else []
    if skew is not None:
        wanted.append({"topologyKey": ZONE, **REQUIRED, "maxSkew": skew})
    elif prefer:
        wanted.append({"topologyKey": ZONE, **PREFERRED})
    alike: KubeObject = {
        "labelSelector": {"matchLabels": selector(server.component)},
        "matchLabelKeys": ["pod-template-hash"],
    }
    return {"topologySpreadConstraints": [{**each, **alike} for each in wanted]} if wanted else {}


def service(server: ModelServer, settings: Settings, placement: Placement) -> KubeObject:
    """The Service. Only inference is published, unless `service.publishMetrics` asks for more."""
    wanted = settings.service
    metadata = meta(server.component, placement.namespace, labels(server.component, placement.stack))
    annotations: KubeObject = {"annotations": dict(wanted.annotations)}
    ports = server.ports if wanted.publish_metrics else (server.inference,)
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {**metadata, **(annotations if wanted.annotations else {})},
        "spec": {
            "type": wanted.kind,
            "selector": selector(server.component),
            "ports": [_service_port(port) for port in ports],
        },
    }


def _service_port(port: Port) -> KubeObject:
    return {"name": port.name, "port": port.number, "targetPort": port.name}

"""The Kubernetes objects of a load from the cluster: a namespace, whom its pods may ask, an indexed Job."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.load.k6 import FLAGS, GOGC
from stack import versions
from stack.kube import (
    INSTANCE,
    RESTRICTED_CONTAINER,
    RESTRICTED_POD,
    KubeObject,
    deny_all,
    meta,
    namespace,
    network_policy,
    selector,
)

IMAGE = "grafana/k6"
NAME = "load-generator"
PART_OF = "emotion-serving-bench"  # not the project's own: these pods serve nothing
MANAGER = "bench"
HOME = Path("/load")
SCRIPT = Path(__file__).resolve().parent / "run.sh"
CPU_REQUEST, CPU_LIMIT = "250m", "1"  # at 0.27 ms for a request
# Seen of k6: 45 MiB, 0.9 for a virtual user, who has a copy of every body too, 400 bytes for an arrival.
BASE_MEBIBYTES, USER_MEBIBYTES, ARRIVAL_BYTES = 128, 2, 500
HEAP_SHARE = 0.9  # of the memory, beyond which Go collects more often instead of taking more
KEPT_SECONDS = 600  # of a Job that has ended and that nobody was left to remove
GRACE_SECONDS = 5


@dataclass(frozen=True)
class Aim:
    """Whom the pods may ask: the pods of one server, on one port."""

    stack: str
    namespace: str
    deployment: str
    port: int


@dataclass(frozen=True)
class Size:
    """How many pods there are, each with so many virtual users and bytes of bodies; all end after `seconds`.

    Each knows all `requests`. `apart`: none on a node of the server's.
    """

    count: int
    requests: int
    users: int
    body_bytes: int
    seconds: float
    apart: bool


def image() -> str:
    """Upstream's, of the version that this machine's own generator has."""
    return f"{IMAGE}:{versions.load().image(IMAGE)}"


def home_of(serving: str) -> str:
    """The namespace of the generators for a stack's; outside of those that the platform watches."""
    return f"load-{serving}"[:63].rstrip("-")


def labels(stack: str) -> dict[str, str]:
    """Of every object here."""
    known = {"app.kubernetes.io/name": NAME, "app.kubernetes.io/part-of": PART_OF}
    return {**known, INSTANCE: stack, "app.kubernetes.io/managed-by": MANAGER}


def room(stack: str, serving: str) -> tuple[KubeObject, ...]:
    """The namespace, in which no pod hears or says anything yet."""
    home = home_of(serving)
    return namespace(home, labels(stack)), deny_all(home, labels(stack))


def load(name: str, aim: Aim, size: Size) -> tuple[KubeObject, ...]:
    """What one load adds to it: pods that may ask the server, and nobody else."""
    return _allow(aim), job(name, aim, size)


def _allow(aim: Aim) -> KubeObject:
    served: KubeObject = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": aim.namespace}},
        "podSelector": {"matchLabels": selector(aim.deployment)},
    }
    spec: KubeObject = {
        "podSelector": {"matchLabels": labels(aim.stack)},
        "policyTypes": ["Egress"],
        "egress": [{"to": [served], "ports": [{"protocol": "TCP", "port": aim.port}]}],
    }
    return network_policy(NAME, home_of(aim.namespace), labels(aim.stack), spec)


def job(name: str, aim: Aim, size: Size) -> KubeObject:
    """One pod for each segment; the first that fails ends them all, and none is made again."""
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": meta(name, home_of(aim.namespace), labels(aim.stack)),
        "spec": {
            "completions": size.count,
            "parallelism": size.count,
            "completionMode": "Indexed",
            "backoffLimit": 0,
            "activeDeadlineSeconds": round(size.seconds),
            "ttlSecondsAfterFinished": KEPT_SECONDS,
            "template": {"metadata": {"labels": labels(aim.stack)}, "spec": _pod(aim, size)},
        },
    }


def _pod(aim: Aim, size: Size) -> KubeObject:
    return {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": GRACE_SECONDS,
        "securityContext": RESTRICTED_POD,
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": labels(aim.stack)},
            }
        ],
        **({"affinity": {"podAntiAffinity": _away_from(aim)}} if size.apart else {}),
        "containers": [_container(size)],
        "volumes": [{"name": "load", "emptyDir": {"sizeLimit": f"{_volume_mebibytes(size)}Mi"}}],
    }


def _away_from(aim: Aim) -> KubeObject:
    term: KubeObject = {
        "labelSelector": {"matchLabels": selector(aim.deployment)},
        "namespaces": [aim.namespace],
        "topologyKey": "kubernetes.io/hostname",
    }
    return {"requiredDuringSchedulingIgnoredDuringExecution": [term]}


def _container(size: Size) -> KubeObject:
    memory = f"{memory_mebibytes(size)}Mi"
    variables = {
        "HOME": str(HOME),
        "GOGC": GOGC,
        "GOMEMLIMIT": f"{round(memory_mebibytes(size) * HEAP_SHARE)}MiB",
        "K6_AUTO_EXTENSION_RESOLUTION": "false",
        "FLAGS": " ".join(FLAGS),
        "COUNT": str(size.count),
        "SEQUENCE": sequence(size.count),
    }
    return {
        "name": NAME,
        "image": image(),
        "command": ["sh", "-c", SCRIPT.read_text()],
        "env": [{"name": key, "value": value} for key, value in variables.items()],
        "resources": {
            "requests": {"cpu": CPU_REQUEST, "memory": memory},
            "limits": {"cpu": CPU_LIMIT, "memory": memory},
        },
        "securityContext": RESTRICTED_CONTAINER,
        "volumeMounts": [{"name": "load", "mountPath": str(HOME)}],
    }


def sequence(count: int) -> str:
    """The bounds of all segments, for k6's `--execution-segment-sequence`: `0,1/3,2/3,1`."""
    inner: Sequence[str] = [f"{each}/{count}" for each in range(1, count)]
    return ",".join(["0", *inner, "1"])


def memory_mebibytes(size: Size) -> int:
    """What k6 needs."""
    held = size.users * size.body_bytes + size.requests * ARRIVAL_BYTES
    return round(BASE_MEBIBYTES + size.users * USER_MEBIBYTES + held / 2**20)


def _volume_mebibytes(size: Size) -> int:
    """For the plan, which is brought as one file and unpacked, and what k6 complains of."""
    return 256 + 2 * round(size.body_bytes / 2**20)

"""Pods that run one image of the mirror under Pod Security "restricted"."""

import json
import subprocess
from dataclasses import dataclass

from embedded.machine import paths
from embedded.toolchain import tool

NAMESPACE = "test-mirror"
RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}
SECONDS = "300s"


@dataclass(frozen=True)
class Pod:
    """A container with a read-only root; `writable` are its empty folders, `probe` is its readiness probe."""

    name: str
    image: str
    command: tuple[str, ...] = ()
    user: int = 1000
    writable: tuple[str, ...] = ("/tmp",)
    probe: str = ""
    low_ports: bool = False


def manifest(pod: Pod) -> str:
    """The pod as JSON; `probe` is `http:PORT/PATH`."""
    capabilities = {"drop": ["ALL"], **({"add": ["NET_BIND_SERVICE"]} if pod.low_ports else {})}
    probe: dict[str, object] = {"periodSeconds": 1, **_probe(pod.probe)} if pod.probe else {}
    container = {
        "name": "program",
        "image": pod.image,
        **({"command": pod.command} if pod.command else {}),
        "volumeMounts": [{"name": f"v{n}", "mountPath": path} for n, path in enumerate(pod.writable)],
        **({"readinessProbe": probe} if pod.probe else {}),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": capabilities,
        },
    }
    user = {"runAsNonRoot": True, "runAsUser": pod.user, "runAsGroup": pod.user, "fsGroup": pod.user}
    spec = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "securityContext": {**user, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
        "volumes": [{"name": f"v{n}", "emptyDir": {}} for n, _ in enumerate(pod.writable)],
    }
    metadata = {"name": pod.name, "namespace": NAMESPACE}
    return json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})


def _probe(text: str) -> dict[str, object]:
    port, _, path = text.removeprefix("http:").partition("/")
    return {"httpGet": {"port": int(port), "path": f"/{path}"}}


def kubectl(*arguments: str, stdin: str = "") -> str:
    """What kubectl prints; an AssertionError with its complaint if it fails."""
    argv = (str(tool("kubectl")), "--kubeconfig", str(paths.kubeconfig()), "--context=embedded", *arguments)
    done = subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stderr}{done.stdout}"
    return done.stdout


def ours(*arguments: str) -> str:
    return kubectl("--namespace", NAMESPACE, *arguments)


def wait(pod: Pod, condition: str) -> None:
    """Until the pod meets what `kubectl wait --for` names; the failure tells the pod's story."""
    try:
        ours("wait", f"pod/{pod.name}", f"--for={condition}", f"--timeout={SECONDS}")
    except AssertionError as error:
        story = ours("describe", f"pod/{pod.name}")
        raise AssertionError(f"{error}\n{story[-1500:]}") from error


def output(pod: Pod) -> str:
    """What the pod printed before it ended well."""
    wait(pod, "jsonpath={.status.phase}=Succeeded")
    return ours("logs", pod.name)

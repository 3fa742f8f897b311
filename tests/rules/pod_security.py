"""The Pod Security Standards' profile "restricted" for the fields that a Deployment can set.

After k8s.io/pod-security-admission, `policy/check_*.go`, of which each rule carries the check's name.
"""

from collections.abc import Callable, Iterator

from stack.kube import KubeObject
from tests.rules.reading import Stack, at, containers, each, pod, texts, where

Rule = Callable[[KubeObject], Iterator[str]]

_VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
_SYSCTLS = {
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
}
_SELINUX_TYPES = {None, "", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"}


def findings(stack: Stack) -> Iterator[tuple[str, str, str]]:
    """Rule, object and message of all that the profile would refuse."""
    for deployment in stack.of("Deployment"):
        for rule in RULES:
            for message in rule(deployment):
                yield rule.__name__.replace("_", "-"), where(deployment), message


def contexts(deployment: KubeObject) -> Iterator[tuple[str, KubeObject]]:
    """The pod's and the containers' security contexts, with whose they are."""
    yield "pod", at(pod(deployment), "securityContext")
    for container in containers(deployment):
        yield str(container["name"]), at(container, "securityContext")


def allow_privilege_escalation(deployment: KubeObject) -> Iterator[str]:
    for container in containers(deployment):
        if at(container, "securityContext").get("allowPrivilegeEscalation") is not False:
            yield f"{container['name']}: allowPrivilegeEscalation must be false"


def capabilities_restricted(deployment: KubeObject) -> Iterator[str]:
    for container in containers(deployment):
        capabilities = at(container, "securityContext", "capabilities")
        if "ALL" not in texts(capabilities, "drop"):
            yield f"{container['name']}: must drop ALL capabilities"
        if set(texts(capabilities, "add")) - {"NET_BIND_SERVICE"}:
            yield f"{container['name']}: may add no capability but NET_BIND_SERVICE"


def run_as_non_root(deployment: KubeObject) -> Iterator[str]:
    in_pod = at(pod(deployment), "securityContext").get("runAsNonRoot")
    if in_pod is False:
        yield "pod: runAsNonRoot must not be false"
    for container in containers(deployment):
        if at(container, "securityContext").get("runAsNonRoot", in_pod) is not True:
            yield f"{container['name']}: runAsNonRoot must be true for the container or its pod"


def run_as_user(deployment: KubeObject) -> Iterator[str]:
    for name, context in contexts(deployment):
        if context.get("runAsUser") == 0:
            yield f"{name}: runAsUser must not be 0"


def seccomp_profile_restricted(deployment: KubeObject) -> Iterator[str]:
    allowed = ("RuntimeDefault", "Localhost")
    in_pod = at(pod(deployment), "securityContext", "seccompProfile").get("type")
    if in_pod is not None and in_pod not in allowed:
        yield f"pod: seccompProfile must be RuntimeDefault or Localhost, got {in_pod}"
    for container in containers(deployment):
        if at(container, "securityContext", "seccompProfile").get("type", in_pod) not in allowed:
            yield f"{container['name']}: seccompProfile must be RuntimeDefault or Localhost"


def restricted_volumes(deployment: KubeObject) -> Iterator[str]:
    for volume in each(pod(deployment), "volumes"):
        if wrong := set(volume) - {"name"} - _VOLUMES:
            yield f"volume {volume['name']}: type {', '.join(sorted(wrong))} is not allowed"


def host_namespaces(deployment: KubeObject) -> Iterator[str]:
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if pod(deployment).get(field):
            yield f"{field} must not be true"


def host_ports(deployment: KubeObject) -> Iterator[str]:
    for container in containers(deployment):
        if any(port.get("hostPort") for port in each(container, "ports")):
            yield f"{container['name']}: hostPort is not allowed"


def host_probes_and_host_lifecycle(deployment: KubeObject) -> Iterator[str]:
    for container in containers(deployment):
        handlers = [at(container, f"{name}Probe") for name in ("liveness", "readiness", "startup")]
        handlers += [at(container, "lifecycle", name) for name in ("postStart", "preStop")]
        if any(at(handler, way).get("host") for handler in handlers for way in ("httpGet", "tcpSocket")):
            yield f"{container['name']}: probes and lifecycle hooks must not name a host"


def privileged(deployment: KubeObject) -> Iterator[str]:
    for container in containers(deployment):
        if at(container, "securityContext").get("privileged"):
            yield f"{container['name']}: must not be privileged"


def proc_mount(deployment: KubeObject) -> Iterator[str]:
    for container in containers(deployment):
        if at(container, "securityContext").get("procMount", "Default") != "Default":
            yield f"{container['name']}: procMount must be Default"


def app_armor_profile(deployment: KubeObject) -> Iterator[str]:
    for name, context in contexts(deployment):
        if at(context, "appArmorProfile").get("type") == "Unconfined":
            yield f"{name}: AppArmor must not be unconfined"


def selinux_options(deployment: KubeObject) -> Iterator[str]:
    for name, context in contexts(deployment):
        options = at(context, "seLinuxOptions")
        if options.get("type") not in _SELINUX_TYPES or options.get("user") or options.get("role"):
            yield f"{name}: seLinuxOptions may only set a container type"


def sysctls(deployment: KubeObject) -> Iterator[str]:
    for sysctl in each(pod(deployment), "securityContext", "sysctls"):
        if sysctl["name"] not in _SYSCTLS:
            yield f"sysctl {sysctl['name']} is not safe"


def windows_host_process(deployment: KubeObject) -> Iterator[str]:
    for name, context in contexts(deployment):
        if at(context, "windowsOptions").get("hostProcess"):
            yield f"{name}: hostProcess must not be true"


RULES: tuple[Rule, ...] = (
    allow_privilege_escalation,
    app_armor_profile,
    capabilities_restricted,
    host_namespaces,
    host_ports,
    host_probes_and_host_lifecycle,
    privileged,
    proc_mount,
    restricted_volumes,
    run_as_non_root,
    run_as_user,
    seccomp_profile_restricted,
    selinux_options,
    sysctls,
    windows_host_process,
)

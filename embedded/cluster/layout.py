"""Names, addresses, ports and paths of the embedded cluster; nothing else decides them."""

from dataclasses import dataclass
from pathlib import Path

from embedded.machine import paths

NODE = "embedded"
CONTEXT = "embedded"
CLUSTER_DOMAIN = "cluster.local"

BRIDGE = "cni-emb0"
NODE_IP = "10.244.0.1"
POD_CIDR = "10.244.0.0/16"
NODE_POD_CIDR = "10.244.0.0/24"
SERVICE_CIDR = "10.96.0.0/16"
API_SERVICE_IP = "10.96.0.1"
DNS_SERVICE_IP = "10.96.0.10"
LOAD_BALANCER_CIDR = "127.0.10.0/24"

API_PORT = 6443
ETCD_PORT = 2379
ETCD_PEER_PORT = 2380
ETCD_METRICS_PORT = 2381
KUBELET_PORT = 10250
KUBELET_HEALTH_PORT = 10248
CONTROLLER_MANAGER_PORT = 10257
SCHEDULER_PORT = 10259
PROXY_METRICS_PORT = 10249
PROXY_HEALTH_PORT = 10256
REGISTRY_PORT = 5000

PAUSE = "registry.k8s.io/pause"
COREDNS = "registry.k8s.io/coredns/coredns"

CGROUP = "emotion-serving"
NETWORK = "emotion-serving"
MACHINE_LOCK = Path("/run/emotion-serving-cluster.lock")


@dataclass(frozen=True)
class Layout:
    """Where the cluster keeps its files: `cache` survives `stop()`, `state` holds the running cluster."""

    cache: Path
    state: Path

    @property
    def kubeconfig(self) -> Path:
        return self.state / "kubeconfig"

    @property
    def pki(self) -> Path:
        return self.state / "pki"

    @property
    def config(self) -> Path:
        return self.state / "config"

    @property
    def run(self) -> Path:
        return self.state / "run"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def etcd_data(self) -> Path:
        return self.state / "etcd"

    @property
    def kubelet_root(self) -> Path:
        return self.state / "kubelet"

    @property
    def pod_logs(self) -> Path:
        return self.state / "pod-logs"

    @property
    def cni(self) -> Path:
        return self.state / "cni"

    @property
    def containerd_root(self) -> Path:
        return self.cache / "containerd"

    @property
    def containerd_socket(self) -> Path:
        return self.run / "containerd.sock"

    @property
    def docker_socket(self) -> Path:
        return self.run / "docker.sock"

    @property
    def docker_containerd_socket(self) -> Path:
        return self.run / "docker-containerd.sock"

    @property
    def docker_root(self) -> Path:
        return self.cache / "docker"

    @property
    def registry_root(self) -> Path:
        return self.cache / "registry"

    @property
    def heartbeat(self) -> Path:
        return self.run / "loadbalancer.heartbeat"

    def pid_file(self, name: str) -> Path:
        return self.run / f"{name}.pid"

    def log_file(self, name: str) -> Path:
        return self.logs / f"{name}.log"


def current() -> Layout:
    """The layout of this user's cluster."""
    return Layout(paths.cache(), paths.state())

"""The components' configuration files as text: pure functions of the layout and of a few facts."""

import json
from dataclasses import dataclass

import yaml

from embedded.cluster import layout
from embedded.cluster.kubernetes.kubeconfig import component_file
from embedded.cluster.layout import Layout

CNI_BINARIES = "/usr/lib/cni"
MIRROR = f"http://127.0.0.1:{layout.REGISTRY_PORT}"


@dataclass(frozen=True)
class Facts:
    """What the files depend on beside the layout. `snapshotter`: `native` where overlays do not stack."""

    pause_image: str
    snapshotter: str = "overlayfs"


def snapshotter(filesystem: str) -> str:
    """containerd's snapshotter for a folder by the type of the file system on which it lies."""
    return "native" if filesystem == "overlay" else "overlayfs"


def cluster_files(where: Layout, facts: Facts) -> dict[str, str]:
    """Path below `where.config` → content, for the cluster proper."""
    return {
        "kubelet.yaml": kubelet(where),
        "proxy.yaml": proxy(where),
        "containerd.toml": containerd(where, facts),
        "cni/10-emotion-serving.conflist": cni(where),
        "certs.d/_default/hosts.toml": mirror_hosts(),
    }


def kubelet(where: Layout) -> str:
    """cgroup v1 works if asked for; thresholds suit a machine whose disk is not ours alone."""
    pki = where.pki
    document = {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": layout.NODE_IP,
        "port": layout.KUBELET_PORT,
        "readOnlyPort": 0,
        "healthzBindAddress": "127.0.0.1",
        "healthzPort": layout.KUBELET_HEALTH_PORT,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": f"{pki}/ca.crt"},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": f"{pki}/kubelet.crt",
        "tlsPrivateKeyFile": f"{pki}/kubelet.key",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{layout.CGROUP}",
        "failSwapOn": False,
        "failCgroupV1": False,
        "containerRuntimeEndpoint": f"unix://{where.containerd_socket}",
        "clusterDomain": layout.CLUSTER_DOMAIN,
        "clusterDNS": [layout.DNS_SERVICE_IP],
        "resolvConf": "/etc/resolv.conf",
        "serializeImagePulls": False,
        "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
        "imageGCHighThresholdPercent": 100,
        "volumePluginDir": f"{where.kubelet_root}/volume-plugins",
        "podLogsDir": str(where.pod_logs),
    }
    return yaml.safe_dump(document, sort_keys=False)


def proxy(where: Layout) -> str:
    """NodePorts answer on 127.0.0.0/8 only; the machine's conntrack settings are left as they are."""
    document = {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "bindAddress": layout.NODE_IP,
        "clientConnection": {"kubeconfig": str(component_file(where, "proxy"))},
        "clusterCIDR": layout.POD_CIDR,
        "hostnameOverride": layout.NODE,
        "healthzBindAddress": f"127.0.0.1:{layout.PROXY_HEALTH_PORT}",
        "metricsBindAddress": f"127.0.0.1:{layout.PROXY_METRICS_PORT}",
        "mode": "iptables",
        "nodePortAddresses": ["127.0.0.0/8"],
        "iptables": {"localhostNodePorts": True},
        "conntrack": {
            "maxPerCore": 0,
            "min": 0,
            "tcpEstablishedTimeout": "0s",
            "tcpCloseWaitTimeout": "0s",
        },
    }
    return yaml.safe_dump(document, sort_keys=False)


def containerd(where: Layout, facts: Facts) -> str:
    """`restrict_oom_score_adj`: without it no pod starts where root lacks CAP_SYS_RESOURCE."""
    return f"""version = 2
root = "{where.containerd_root}"
state = "{where.run}/containerd"

[grpc]
  address = "{where.containerd_socket}"

[plugins."io.containerd.internal.v1.opt"]
  path = "{where.containerd_root}/opt"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{facts.pause_image}"
  restrict_oom_score_adj = true
  stream_server_address = "127.0.0.1"
  netns_mounts_under_state_dir = true
  enable_unprivileged_ports = true
  tolerate_missing_hugetlb_controller = true

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "{CNI_BINARIES}"
  conf_dir = "{where.config}/cni"

[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = "{facts.snapshotter}"
  default_runtime_name = "runc"
  discard_unpacked_layers = true

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  Root = "{where.run}/containerd/runc"

[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = "{where.config}/certs.d"
"""


def cni(where: Layout) -> str:
    """Pods sit on our bridge and nowhere else: no masquerading, no host ports (these would bind outwards)."""
    document = {
        "cniVersion": "0.4.0",
        "name": layout.NETWORK,
        "plugins": [
            {
                "type": "bridge",
                "bridge": layout.BRIDGE,
                "isGateway": True,
                "ipMasq": False,
                "hairpinMode": True,
                "ipam": {
                    "type": "host-local",
                    "ranges": [[{"subnet": layout.NODE_POD_CIDR}]],
                    "routes": [{"dst": "0.0.0.0/0"}],
                    "dataDir": str(where.cni),
                },
            }
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def mirror_hosts() -> str:
    """Every image name of every registry is looked up in the local mirror, and only there."""
    return f"""server = "{MIRROR}"

[host."{MIRROR}"]
  capabilities = ["pull", "resolve"]
"""

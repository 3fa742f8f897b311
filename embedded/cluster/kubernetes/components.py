"""Every process of Kubernetes as data: command line, health check, files it reads, ports it needs."""

import sys
from pathlib import Path

from embedded.cluster import layout
from embedded.cluster.kubernetes.kubeconfig import component_file
from embedded.cluster.layout import Layout
from embedded.cluster.processes.component import Component, Resolve
from embedded.cluster.processes.probes import Command, Heartbeat, Http
from embedded.machine import paths

HEARTBEAT_SECONDS = 90.0


def cluster(where: Layout, tool: Resolve) -> tuple[Component, ...]:
    """Kubernetes, in starting order."""
    return (
        etcd(where, tool),
        containerd(where, tool),
        apiserver(where, tool),
        controller_manager(where, tool),
        scheduler(where, tool),
        kubelet(where, tool),
        proxy(where, tool),
        loadbalancer(where),
    )


def etcd(where: Layout, tool: Resolve) -> Component:
    """State of a throw-away cluster: it survives killed processes, which need no fsync, not power cuts."""
    client = f"https://127.0.0.1:{layout.ETCD_PORT}"
    peer = f"https://127.0.0.1:{layout.ETCD_PEER_PORT}"
    return Component(
        "etcd",
        (
            tool("etcd"),
            f"--name={layout.NODE}",
            f"--data-dir={where.etcd_data}",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster={layout.NODE}={peer}",
            f"--listen-metrics-urls=http://127.0.0.1:{layout.ETCD_METRICS_PORT}",
            f"--cert-file={where.pki}/etcd.crt",
            f"--key-file={where.pki}/etcd.key",
            f"--trusted-ca-file={where.pki}/etcd-ca.crt",
            "--client-cert-auth",
            f"--peer-cert-file={where.pki}/etcd.crt",
            f"--peer-key-file={where.pki}/etcd.key",
            f"--peer-trusted-ca-file={where.pki}/etcd-ca.crt",
            "--peer-client-cert-auth",
            "--unsafe-no-fsync",
            "--log-level=warn",
        ),
        Http("127.0.0.1", layout.ETCD_METRICS_PORT, "/health"),
        files=(where.pki / "etcd.crt",),
        ports=(layout.ETCD_PORT, layout.ETCD_PEER_PORT, layout.ETCD_METRICS_PORT),
    )


def apiserver(where: Layout, tool: Resolve) -> Component:
    """Listens on the bridge's address only; calls the kubelet by address, as its name does not resolve."""
    pki = where.pki
    return Component(
        "kube-apiserver",
        (
            tool("kube-apiserver"),
            f"--bind-address={layout.NODE_IP}",
            f"--advertise-address={layout.NODE_IP}",
            f"--secure-port={layout.API_PORT}",
            f"--etcd-servers=https://127.0.0.1:{layout.ETCD_PORT}",
            f"--etcd-cafile={pki}/etcd-ca.crt",
            f"--etcd-certfile={pki}/etcd-client.crt",
            f"--etcd-keyfile={pki}/etcd-client.key",
            f"--service-cluster-ip-range={layout.SERVICE_CIDR}",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            "--allow-privileged=true",
            f"--client-ca-file={pki}/ca.crt",
            f"--tls-cert-file={pki}/apiserver.crt",
            f"--tls-private-key-file={pki}/apiserver.key",
            f"--kubelet-certificate-authority={pki}/ca.crt",
            f"--kubelet-client-certificate={pki}/apiserver-kubelet-client.crt",
            f"--kubelet-client-key={pki}/apiserver-kubelet-client.key",
            "--kubelet-preferred-address-types=InternalIP",
            f"--service-account-key-file={pki}/service-accounts.pub",
            f"--service-account-signing-key-file={pki}/service-accounts.key",
            f"--service-account-issuer=https://kubernetes.default.svc.{layout.CLUSTER_DOMAIN}",
            f"--requestheader-client-ca-file={pki}/ca.crt",
            "--requestheader-allowed-names=front-proxy-client",
            "--requestheader-extra-headers-prefix=X-Remote-Extra-",
            "--requestheader-group-headers=X-Remote-Group",
            "--requestheader-username-headers=X-Remote-User",
            f"--proxy-client-cert-file={pki}/front-proxy.crt",
            f"--proxy-client-key-file={pki}/front-proxy.key",
            "--profiling=false",
        ),
        Http(layout.NODE_IP, layout.API_PORT, "/readyz", ca=pki / "ca.crt"),
        files=(pki / "apiserver.crt",),
        ports=(layout.API_PORT,),
    )


def controller_manager(where: Layout, tool: Resolve) -> Component:
    pki, own = where.pki, component_file(where, "controller-manager")
    return Component(
        "kube-controller-manager",
        (
            tool("kube-controller-manager"),
            "--bind-address=127.0.0.1",
            f"--secure-port={layout.CONTROLLER_MANAGER_PORT}",
            f"--tls-cert-file={pki}/controller-manager.crt",
            f"--tls-private-key-file={pki}/controller-manager.key",
            *_delegated(own),
            f"--service-account-private-key-file={pki}/service-accounts.key",
            f"--root-ca-file={pki}/ca.crt",
            f"--cluster-signing-cert-file={pki}/ca.crt",
            f"--cluster-signing-key-file={pki}/ca.key",
            "--use-service-account-credentials",
            "--allocate-node-cidrs",
            f"--cluster-cidr={layout.POD_CIDR}",
            f"--service-cluster-ip-range={layout.SERVICE_CIDR}",
            "--leader-elect=false",
            "--horizontal-pod-autoscaler-sync-period=15s",
            f"--flex-volume-plugin-dir={where.kubelet_root}/volume-plugins",
            "--profiling=false",
        ),
        Http("127.0.0.1", layout.CONTROLLER_MANAGER_PORT, "/healthz", ca=pki / "ca.crt"),
        files=(own,),
        ports=(layout.CONTROLLER_MANAGER_PORT,),
    )


def scheduler(where: Layout, tool: Resolve) -> Component:
    pki, own = where.pki, component_file(where, "scheduler")
    return Component(
        "kube-scheduler",
        (
            tool("kube-scheduler"),
            "--bind-address=127.0.0.1",
            f"--secure-port={layout.SCHEDULER_PORT}",
            f"--tls-cert-file={pki}/scheduler.crt",
            f"--tls-private-key-file={pki}/scheduler.key",
            *_delegated(own),
            "--leader-elect=false",
            "--profiling=false",
        ),
        Http("127.0.0.1", layout.SCHEDULER_PORT, "/healthz", ca=pki / "ca.crt"),
        files=(own,),
        ports=(layout.SCHEDULER_PORT,),
    )


def containerd(where: Layout, tool: Resolve) -> Component:
    config = where.config / "containerd.toml"
    return Component(
        "containerd",
        (tool("containerd"), "--config", str(config)),
        Command((tool("ctr"), "--address", str(where.containerd_socket), "version")),
        files=(config, where.config / "cni" / "10-emotion-serving.conflist"),
        keeps_data=True,
    )


def kubelet(where: Layout, tool: Resolve) -> Component:
    """Told containerd's socket twice: in its configuration to run pods, by flag to name them in metrics."""
    config, own = where.config / "kubelet.yaml", component_file(where, "kubelet")
    return Component(
        "kubelet",
        (
            tool("kubelet"),
            f"--config={config}",
            f"--kubeconfig={own}",
            f"--hostname-override={layout.NODE}",
            f"--node-ip={layout.NODE_IP}",
            f"--root-dir={where.kubelet_root}",
            f"--cert-dir={where.kubelet_root}/pki",
            f"--containerd={where.containerd_socket}",
        ),
        Http("127.0.0.1", layout.KUBELET_HEALTH_PORT, "/healthz"),
        files=(config, own),
        ports=(layout.KUBELET_PORT, layout.KUBELET_HEALTH_PORT),
    )


def proxy(where: Layout, tool: Resolve) -> Component:
    config = where.config / "proxy.yaml"
    return Component(
        "kube-proxy",
        (tool("kube-proxy"), f"--config={config}"),
        Http("127.0.0.1", layout.PROXY_HEALTH_PORT, "/livez"),
        files=(config, component_file(where, "proxy")),
        ports=(layout.PROXY_HEALTH_PORT, layout.PROXY_METRICS_PORT),
    )


def loadbalancer(where: Layout) -> Component:
    """Ours, in place of a cloud's: see `embedded/standins/loadbalancer`."""
    own = component_file(where, "loadbalancer")
    return Component(
        "loadbalancer",
        (sys.executable, "-m", "embedded.standins.loadbalancer", str(own), str(where.heartbeat)),
        Heartbeat(where.heartbeat, HEARTBEAT_SECONDS),
        files=(own, paths.ROOT / "embedded" / "standins" / "loadbalancer" / "controller.py"),
        environment=(("PYTHONPATH", str(paths.ROOT)),),
    )


def _delegated(kubeconfig: Path) -> tuple[str, ...]:
    return tuple(
        f"--{role}{kubeconfig}"
        for role in ("kubeconfig=", "authentication-kubeconfig=", "authorization-kubeconfig=")
    )

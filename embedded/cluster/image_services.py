"""Registry and docker daemon as data: command lines, health checks, configuration files."""

import yaml

from embedded.cluster import layout
from embedded.cluster.layout import Layout
from embedded.cluster.processes.component import Component, Resolve
from embedded.cluster.processes.probes import Command, Http, UnixHttp


def components(where: Layout, tool: Resolve) -> tuple[Component, ...]:
    """Registry and docker daemon, in starting order."""
    return (registry(where, tool), docker_containerd(where, tool), dockerd(where, tool))


def config_files(where: Layout) -> dict[str, str]:
    """Path below `where.config` → content, for registry and docker daemon."""
    return {
        "registry.yaml": registry_config(where),
        "docker-containerd.toml": docker_containerd_config(where),
        "docker.json": "{}\n",
    }


def registry(where: Layout, tool: Resolve) -> Component:
    config = where.config / "registry.yaml"
    return Component(
        "registry",
        (tool("docker-registry"), "serve", str(config)),
        Http("127.0.0.1", layout.REGISTRY_PORT, "/v2/"),
        files=(config,),
        ports=(layout.REGISTRY_PORT,),
        keeps_data=True,
    )


def docker_containerd(where: Layout, tool: Resolve) -> Component:
    config = where.config / "docker-containerd.toml"
    return Component(
        "docker-containerd",
        (tool("containerd"), "--config", str(config)),
        Command((tool("ctr"), "--address", str(where.docker_containerd_socket), "version")),
        files=(config,),
        keeps_data=True,
    )


def dockerd(where: Layout, tool: Resolve) -> Component:
    """Builds and pushes images, runs none: no bridge, no iptables rules, no forwarding."""
    config = where.config / "docker.json"
    own_pid_file = where.run / "docker.own.pid"
    return Component(
        "dockerd",
        (
            tool("dockerd"),
            f"--config-file={config}",
            f"--host=unix://{where.docker_socket}",
            f"--data-root={where.docker_root}",
            f"--exec-root={where.run}/docker",
            f"--pidfile={own_pid_file}",
            f"--containerd={where.docker_containerd_socket}",
            f"--cgroup-parent=/{layout.CGROUP}/docker",
            f"--registry-mirror=http://127.0.0.1:{layout.REGISTRY_PORT}",
            "--bridge=none",
            "--iptables=false",
            "--ip6tables=false",
            "--ip-forward=false",
            "--ip-masq=false",
            "--oom-score-adjust=0",
            "--group=root",
        ),
        UnixHttp(where.docker_socket, "/_ping"),
        files=(config,),
        litter=(own_pid_file,),
        keeps_data=True,
    )


def registry_config(where: Layout) -> str:
    document = {
        "version": 0.1,
        "log": {"level": "warn", "accesslog": {"disabled": True}},
        "storage": {
            "filesystem": {"rootdirectory": str(where.registry_root)},
            "delete": {"enabled": True},
            "maintenance": {"uploadpurging": {"enabled": False}},
        },
        "http": {
            "addr": f"127.0.0.1:{layout.REGISTRY_PORT}",
            "secret": "loopback-only",
            "relativeurls": True,
        },
    }
    return yaml.safe_dump(document, sort_keys=False)


def docker_containerd_config(where: Layout) -> str:
    """The docker daemon's own containerd: image builds go on while the cluster's one is replaced."""
    return f"""version = 2
root = "{where.cache}/docker-containerd"
state = "{where.run}/docker-containerd"
disabled_plugins = ["io.containerd.grpc.v1.cri"]

[grpc]
  address = "{where.docker_containerd_socket}"

[plugins."io.containerd.internal.v1.opt"]
  path = "{where.cache}/docker-containerd/opt"
"""

"""Kubeconfigs with their certificates inside: the user's own, and one for each component."""

import base64
from pathlib import Path

import yaml

from embedded.cluster import layout
from embedded.cluster.files import write_if_changed
from embedded.cluster.kubernetes import pki
from embedded.cluster.layout import Layout

COMPONENTS = ("controller-manager", "scheduler", "kubelet", "proxy", "loadbalancer")


def write_all(where: Layout) -> None:
    """Components use the bridge's address; people use 127.0.0.1, which one rule of ours leads there."""
    for name in COMPONENTS:
        server = f"https://{layout.NODE_IP}:{layout.API_PORT}"
        write_if_changed(component_file(where, name), render(where.pki, name, server))
    admin = render(where.pki, "admin", f"https://127.0.0.1:{layout.API_PORT}")
    write_if_changed(where.kubeconfig, admin)


def component_file(where: Layout, name: str) -> Path:
    return where.config / f"{name}.kubeconfig"


def render(folder: Path, user: str, server: str) -> str:
    """A kubeconfig with one context, for the certificate `user` of a pki folder."""
    cluster = {"server": server, "certificate-authority-data": _encoded(folder / f"{pki.CLUSTER_CA}.crt")}
    credentials = {
        "client-certificate-data": _encoded(folder / f"{user}.crt"),
        "client-key-data": _encoded(folder / f"{user}.key"),
    }
    name = layout.CONTEXT
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": name, "user": credentials}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }
    return yaml.safe_dump(document, sort_keys=False)


def _encoded(file: Path) -> str:
    return base64.b64encode(file.read_bytes()).decode()

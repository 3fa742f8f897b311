"""One Ingress before the Services of a stack, one path a server."""

from collections.abc import Sequence

from stack.kube import KubeObject, labels, meta
from stack.namespaces import Placement
from stack.servers.server import MOST_BODY, ModelServer
from stack.settings import Ingress

NAME = "serving"
# A controller may need ten minutes for its address, and some never report one.
UNAWAITED = {"pulumi.com/skipAwait": "true"}


def ingress(servers: Sequence[ModelServer], wanted: Ingress, placement: Placement) -> KubeObject:
    """The Ingress that takes each server's predictions; its metrics lie under other paths."""
    tls: KubeObject = {"tls": [{"hosts": [wanted.host], "secretName": wanted.tls_secret}]}
    paths = [_path(server) for server in servers]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {
            **meta(NAME, placement.namespace, labels(NAME, placement.stack)),
            # What ingress-nginx lets through is 1 MiB otherwise; others ignore it.
            "annotations": UNAWAITED
            | {"nginx.ingress.kubernetes.io/proxy-body-size": f"{MOST_BODY // 2**20}m"},
        },
        "spec": {
            "ingressClassName": wanted.class_name,
            "rules": [{"host": wanted.host, "http": {"paths": paths}}],
            **(tls if wanted.tls_secret else {}),
        },
    }


def url(server: ModelServer, wanted: Ingress) -> str:
    """Where the Ingress takes the server's predictions."""
    scheme = "https" if wanted.tls_secret else "http"
    return f"{scheme}://{wanted.host}{server.predict_path}"


def _path(server: ModelServer) -> KubeObject:
    """The folder of the predict path: a Prefix ends at a slash, and some refuse a colon in one."""
    folder = server.predict_path.rpartition("/")[0]
    backend = {"service": {"name": server.component, "port": {"name": server.inference.name}}}
    return {"path": folder, "pathType": "Prefix", "backend": backend}

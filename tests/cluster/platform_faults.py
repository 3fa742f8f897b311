"""What goes wrong with the platform, on purpose: a volume that fills up, a source that is gone."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from stack import settings
from stack.kube import RESTRICTED_CONTAINER, RESTRICTED_POD, KubeObject
from stack.outputs import StackOutputs
from stack.quantities import mebibytes
from stack.queries import node
from stack.schema import as_keys
from tests.cluster import prometheus, variants
from tests.cluster.conftest import STACK, run

STORAGE = "16Mi"  # the platform's own samples take many minutes to fill the last 7 % of it
SHARE = 0.93
LABEL = 1000  # characters; random, so that the write-ahead log's compression finds nothing to save
SERIES = LABEL + 80  # bytes in the write-ahead log, with the labels of the target
EXPORTER = """
import base64, http.server, os
pages = ["".join(f'exploding{{by="{base64.b64encode(os.urandom(LABEL * 3 // 4)).decode()}"}} 1\\n'
                 for _ in range(COUNT))]
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write((pages.pop() if pages else "calm 1\\n").encode())
http.server.HTTPServer(("", 9000), Page).serve_forever()
"""
POD = "exploding"
DEAD_NODE = "test-dead"
DEAD: KubeObject = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {"name": DEAD_NODE},
    "spec": {"unschedulable": True},
    "status": {
        "addresses": [{"type": "InternalIP", "address": "127.0.0.2"}],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 9}},
    },
}


@contextmanager
def small_volume(outputs: StackOutputs, folder: Path) -> Iterator[StackOutputs]:
    """Prometheus has little storage, and starts with nothing in it."""
    wanted = settings.read(outputs.settings)
    small = replace(wanted.platform.prometheus, storage=STORAGE)
    keys = as_keys(replace(wanted, platform=replace(wanted.platform, prometheus=small)))
    file = variants.other_settings(STACK, folder, keys)
    try:
        variants.pulumi(STACK, "up", "--yes", "--skip-preview", f"--config-file={file}")
        yield outputs
    finally:
        variants.pulumi(STACK, "up", "--yes", "--skip-preview")


@contextmanager
def exploding_labels(outputs: StackOutputs, folder: Path) -> Iterator[None]:
    """A pod that once shows Prometheus so many series that they fill its volume, but not to the brim."""
    used = sum(prometheus.values(outputs, node.storage_used()).values())
    count = round((SHARE * mebibytes(STORAGE) * 2**20 - used) / SERIES)
    file = folder / "pod.json"
    file.write_text(json.dumps(_exporter(outputs, f"LABEL, COUNT = {LABEL}, {count}\n{EXPORTER}")))
    place = ("kubectl", "--context", outputs.context, "-n", outputs.namespace)
    try:
        run(*place, "create", "-f", str(file))
        yield
    finally:
        run(*place, "delete", "pod", POD, "--ignore-not-found", "--now")


def _exporter(outputs: StackOutputs, script: str) -> KubeObject:
    """A pod that Prometheus scrapes, of an image with Python that the node has already."""
    (image,) = (endpoint.image for endpoint in outputs.endpoints if endpoint.server == "torchserve")
    container: KubeObject = {"name": POD, "image": image, "command": ["python3", "-c", script]}
    annotations = {"scrape": "true", "port": "9000", "path": "/metrics"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": POD,
            "annotations": {f"prometheus.io/{key}": value for key, value in annotations.items()},
        },
        "spec": {
            "securityContext": RESTRICTED_POD,
            "containers": [container | {"securityContext": RESTRICTED_CONTAINER}],
        },
    }


@contextmanager
def dead_node(outputs: StackOutputs, folder: Path) -> Iterator[None]:
    """A node that joined, and whose kubelet answers nobody."""
    file = folder / "node.json"
    file.write_text(json.dumps(DEAD))
    place = ("kubectl", "--context", outputs.context)
    try:
        run(*place, "create", "-f", str(file))
        yield
    finally:
        run(*place, "delete", "node", DEAD_NODE, "--ignore-not-found")

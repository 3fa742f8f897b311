"""The node's images. A tag of the mirror may come to mean a newer image; its old copy must go."""

import subprocess
from collections.abc import Mapping

from base.children import tied
from embedded.cluster.errors import ClusterError
from embedded.cluster.layout import current
from embedded.cluster.node.pods import NAMESPACE
from embedded.cluster.processes import programs


def forget_outdated(served: Mapping[str, str]) -> tuple[str, ...]:
    """Drop the node's copies of images that the registry serves anew; running pods keep what they have.

    `served`: digest by full reference, such as `docker.io/prom/prometheus:v2.53.3`. Returns the references
    that were dropped: the next pod that names one pulls it again.
    """
    found = outdated(_ctr("images", "list"), served)
    if found:
        _ctr("images", "remove", *found)
    return found


def outdated(listing: str, served: Mapping[str, str]) -> tuple[str, ...]:
    """The references in ctr's listing (REF TYPE DIGEST …) whose digest is not the served one."""
    rows = (line.split() for line in listing.splitlines()[1:])
    held = {row[0]: row[2] for row in rows if len(row) > 2}
    return tuple(sorted(name for name, digest in served.items() if held.get(name, digest) != digest))


def _ctr(*arguments: str) -> str:
    socket = str(current().containerd_socket)
    argv = (programs.find("ctr"), "--address", socket, "--namespace", NAMESPACE, *arguments)
    done = subprocess.run(argv, capture_output=True, text=True, check=False, preexec_fn=tied())
    if done.returncode:
        raise ClusterError(f"containerd's images: {done.stderr.strip()}")
    return done.stdout

"""Image references of the cluster's own pods, from the repository's versions.json."""

import json

from embedded import paths

PAUSE = "registry.k8s.io/pause"
COREDNS = "registry.k8s.io/coredns/coredns"


def image(name: str) -> str:
    """`name:tag` with the tag of versions.json."""
    tags = json.loads((paths.ROOT / "versions.json").read_text())["images"]
    return f"{name}:{tags[name]}"

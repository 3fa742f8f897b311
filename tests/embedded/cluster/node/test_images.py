"""Which of the node's images the registry has replaced."""

from embedded.cluster.node.images import outdated

LISTING = """REF TYPE DIGEST SIZE PLATFORMS LABELS
docker.io/prom/prometheus:v2 application/manifest.v2+json sha256:old 264.1 MiB linux/amd64 -
registry.k8s.io/coredns/coredns:v1 application/manifest.v2+json sha256:same 70 MiB linux/amd64 -
sha256:abc application/manifest.v2+json sha256:old 264.1 MiB linux/amd64 -
"""


def test_only_images_that_were_pushed_anew_are_outdated() -> None:
    served = {
        "docker.io/prom/prometheus:v2": "sha256:new",
        "registry.k8s.io/coredns/coredns:v1": "sha256:same",
        "docker.io/grafana/grafana:12": "sha256:never-pulled",
    }
    assert outdated(LISTING, served) == ("docker.io/prom/prometheus:v2",)


def test_a_node_without_images_has_none_outdated() -> None:
    assert outdated("", {"docker.io/prom/prometheus:v2": "sha256:new"}) == ()

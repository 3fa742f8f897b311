"""Objects that make the cluster usable: DNS, where to push images, the load balancer's permissions."""

from pathlib import Path
from string import Template

from embedded.cluster import layout


def render(coredns_image: str) -> str:
    """Pure: all of them as one multi-document YAML text."""
    values = {
        "image": coredns_image,
        "dns_ip": layout.DNS_SERVICE_IP,
        "cluster_domain": layout.CLUSTER_DOMAIN,
        "registry_port": str(layout.REGISTRY_PORT),
    }
    folder = Path(__file__).parent
    texts = [(folder / name).read_text() for name in ("local.yaml", "coredns.yaml")]
    return Template("---\n".join(texts)).substitute(values)

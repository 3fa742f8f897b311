"""Objects that make the cluster usable: DNS, where to push images, the load balancer's permissions."""

import hashlib
from pathlib import Path
from string import Template

from embedded.cluster import layout


def render(coredns_image: str) -> str:
    """All of them as one multi-document YAML text; a changed Corefile, by its digest, rolls CoreDNS."""
    values = {
        "image": coredns_image,
        "dns_ip": layout.DNS_SERVICE_IP,
        "cluster_domain": layout.CLUSTER_DOMAIN,
        "registry_port": str(layout.REGISTRY_PORT),
    }
    folder = Path(__file__).parent
    text = "---\n".join((folder / name).read_text() for name in ("local.yaml", "coredns.yaml"))
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return Template(text).substitute(values, digest=f'"{digest}"')

"""The objects of simulated nodes: Karpenter, kwok, and the pool of nodes that Karpenter may order."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from string import Template

import yaml

from embedded.fleet.nodes import NodeKind, instance_types

NAMESPACE = "simulated-nodes"
POOL = "simulated"
LABEL, VALUE = "emotion-serving/nodes", "simulated"
# Within the cluster's range, of which what no real pod has is unreachable: nothing that asks them leaves.
CIDR = "10.244.255.0/24"
NODE_IP = "10.244.255.254"
MOST_NODES = 1000
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Images:
    """References of the two programs' images."""

    karpenter: str
    kwok: str


def programs(images: Images, kind: NodeKind, stages: tuple[str, ...]) -> str:
    """Karpenter and kwok as one multi-document YAML text.

    `stages`: upstream's, as YAML.
    """
    types = instance_types(kind)
    played = "---\n".join((_filled("kwok-configuration.yaml"), *stages))
    digest = hashlib.sha256((types + played).encode()).hexdigest()[:16]
    values = {"karpenter": images.karpenter, "kwok": images.kwok, "digest": digest}
    return "---\n".join(
        (
            _filled("karpenter.yaml", **values),
            _filled("kwok.yaml", **values),
            _config_map("instance-types", "types.json", types),
            _config_map("kwok", "kwok.yaml", played),
        )
    )


def pool(kind: NodeKind) -> str:
    """The nodes that Karpenter may order."""
    return _filled("pool.yaml", most_cores=str(round(MOST_NODES * kind.cores)))


def _filled(name: str, **values: str) -> str:
    fixed = {
        "namespace": NAMESPACE,
        "pool": POOL,
        "label": LABEL,
        "value": VALUE,
        "node_ip": NODE_IP,
        "pod_cidr": CIDR,
    }
    return Template((_HERE / name).read_text()).substitute(fixed, **values)


def _config_map(name: str, key: str, content: str) -> str:
    document = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "data": {key: content},
    }
    return yaml.safe_dump(document, sort_keys=False)


def placement() -> str:
    """What a stack sets to run its pods on these nodes, as JSON for a stack file."""
    return json.dumps({"nodeSelector": {LABEL: VALUE}, "tolerations": [f"{LABEL}={VALUE}:NoSchedule"]})

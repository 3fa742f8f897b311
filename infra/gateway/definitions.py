"""The kinds that a gateway needs: Gateway API's own, and those that Traefik waits for.

Gateway API's are the standard channel's of `MODULE` at `VERSION`, as upstream publishes them but for their
descriptions, which Pulumi's state would carry along. `python -m infra.gateway.definitions FOLDER` makes the
stored ones anew from the module's `config/crd/standard`.
"""

import gzip
import json
import sys
from functools import cache
from pathlib import Path
from typing import cast

import yaml

from stack.kube import KubeObject, labels, meta

MODULE, VERSION = "sigs.k8s.io/gateway-api", "v1.6.3"
STORED = Path(__file__).with_name("gateway-api.json.gz")
# Ours are the first three; Traefik's provider starts only where it can list the others too.
GATEWAY_API = (
    "gatewayclasses",
    "gateways",
    "httproutes",
    "grpcroutes",
    "referencegrants",
    "backendtlspolicies",
    "tlsroutes",
)
GROUP, TRAEFIK_GROUP = "gateway.networking.k8s.io", "traefik.io"
# All that Traefik's provider of Middlewares starts with; Gateway API knows no key and no limits.
TRAEFIK = (
    "IngressRoute",
    "IngressRouteTCP",
    "IngressRouteUDP",
    "Middleware",
    "MiddlewareTCP",
    "ServersTransport",
    "ServersTransportTCP",
    "TLSOption",
    "TLSStore",
    "TraefikService",
)


def objects(component: str, stack: str, *, gateway_api: bool) -> tuple[KubeObject, ...]:
    """Every CustomResourceDefinition, or those of Traefik alone."""
    names = labels(component, stack)
    own = (_labelled(each, names) for each in stored()) if gateway_api else ()
    return (*own, *(_of_traefik(kind, names) for kind in TRAEFIK))


@cache
def stored() -> tuple[KubeObject, ...]:
    """Gateway API's definitions without labels."""
    return tuple(json.loads(gzip.decompress(STORED.read_bytes())))


def from_module(folder: Path) -> tuple[KubeObject, ...]:
    """The same of upstream's files."""
    files = (folder / f"{GROUP}_{name}.yaml" for name in GATEWAY_API)
    return tuple(cast("KubeObject", undescribed(yaml.safe_load(file.read_text()))) for file in files)


def undescribed(schema: object, *, names: bool = False) -> object:
    """Without the texts called `description`; `names`: the keys are properties' names."""
    if isinstance(schema, list):
        return [undescribed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = ((k, v) for k, v in schema.items() if names or k != "description")
    return {key: undescribed(value, names=key == "properties" and not names) for key, value in kept}


def _labelled(definition: KubeObject, names: dict[str, str]) -> KubeObject:
    metadata = cast("KubeObject", definition["metadata"])
    return {**definition, "metadata": {**metadata, "labels": names}}


def _of_traefik(kind: str, names: dict[str, str]) -> KubeObject:
    """A kind with any content: Traefik itself reads what is in it, and only our Middlewares are there."""
    singular = kind.lower()
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1alpha1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    own = {"kind": kind, "listKind": f"{kind}List", "singular": singular, "plural": f"{singular}s"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": meta(f"{singular}s.{TRAEFIK_GROUP}", None, names),
        "spec": {"group": TRAEFIK_GROUP, "scope": "Namespaced", "names": own, "versions": [version]},
    }


def packed(definitions: tuple[KubeObject, ...]) -> bytes:
    """What is stored, the same for the same definitions."""
    return gzip.compress(json.dumps(definitions, separators=(",", ":")).encode(), mtime=0)


if __name__ == "__main__":
    STORED.write_bytes(packed(from_module(Path(sys.argv[1]))))

"""KEDA's custom resources, as Kubernetes is told of them.

`scaledobjects.yaml` is upstream's, of the release in versions.json (config/crd/bases). The operator does not
start without five more kinds, which it has no rights to serve here; their objects are refused.
"""

from functools import cache
from pathlib import Path
from typing import cast

import yaml

from stack.kube import KubeObject, labels, meta

FILE = Path(__file__).with_name("scaledobjects.yaml")
WATCHED = (  # group, kind, plural, scope
    ("keda.sh", "ScaledJob", "scaledjobs", "Namespaced"),
    ("keda.sh", "TriggerAuthentication", "triggerauthentications", "Namespaced"),
    ("keda.sh", "ClusterTriggerAuthentication", "clustertriggerauthentications", "Cluster"),
    ("eventing.keda.sh", "CloudEventSource", "cloudeventsources", "Namespaced"),
    ("eventing.keda.sh", "ClusterCloudEventSource", "clustercloudeventsources", "Cluster"),
)
REFUSAL = (
    "this KEDA serves ScaledObjects only; for more install upstream's and set platform.keda.enabled to false"
)


@cache
def scaled_objects() -> KubeObject:
    """Upstream's definition of ScaledObject."""
    return cast("KubeObject", yaml.safe_load(FILE.read_text()))


def definitions(component: str, stack: str) -> tuple[KubeObject, ...]:
    """All six kinds."""
    named = {**labels(component, stack)}
    upstream = scaled_objects()
    name = str(cast("KubeObject", upstream["metadata"])["name"])
    return (
        {**upstream, "metadata": meta(name, None, named)},
        *(
            _refused(group, kind, plural, scope, meta(f"{plural}.{group}", None, named))
            for group, kind, plural, scope in WATCHED
        ),
    )


def _refused(group: str, kind: str, plural: str, scope: str, metadata: KubeObject) -> KubeObject:
    """A kind of which there can be no object."""
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    schema = {**anything, "x-kubernetes-validations": [{"rule": "false", "message": REFUSAL}]}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": metadata,
        "spec": {
            "group": group,
            "names": {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower()},
            "scope": scope,
            "versions": [
                {
                    "name": "v1alpha1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": schema},
                    "subresources": {"status": {}},
                }
            ],
        },
    }

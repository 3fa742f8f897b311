"""A small stack's state, as Pulumi exports it, and its objects, as a cluster has them."""

from collections.abc import Mapping

from stack.kube import KubeObject

STACK = "cut-off"
NAMESPACE = "emotion-cut-off"
PROVIDER_ID = "0b4a8f4c-0000-4000-8000-000000000000"
MANAGER = "pulumi-kubernetes-0a1b2c3d"


def urn(kind: str, name: str) -> str:
    return f"urn:pulumi:{STACK}::emotion-serving::{kind}::{name}"


ROOT = urn("pulumi:pulumi:Stack", f"emotion-serving-{STACK}")
PROVIDER = urn("pulumi:providers:kubernetes", "cluster")
PART = urn("emotion-serving:infra:Part", "serving")


def entry(urn_: str, **more: object) -> KubeObject:
    return {"urn": urn_, "custom": False, "type": urn_.split("::")[2].rpartition("$")[2], **more}


def inputs(kind: str, name: str, version: str = "v1", **more: object) -> KubeObject:
    place = {} if kind == "Namespace" else {"namespace": NAMESPACE}
    labels = {"app.kubernetes.io/instance": STACK}
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": {"name": name, **place, "labels": labels},
        **more,
    }


def live(declared: KubeObject, **metadata: object) -> KubeObject:
    """What the API server makes of a declaration."""
    fields = [{"manager": MANAGER, "operation": "Apply", "fieldsV1": {}}]
    found = {"uid": "1", "managedFields": fields, **metadata}
    return {**declared, "metadata": {**_metadata(declared), **found}}


def _metadata(declared: KubeObject) -> Mapping[str, object]:
    metadata = declared["metadata"]
    assert isinstance(metadata, dict)
    return metadata


def recorded(declared: KubeObject, **more: object) -> KubeObject:
    """The entry of an object that Pulumi has created."""
    outputs = {**live(declared), "__inputs": declared, "__fieldManager": MANAGER}
    return {**planned(declared), "id": identity(declared), "outputs": outputs, **more}


def planned(declared: KubeObject, **more: object) -> KubeObject:
    """The entry of an object that Pulumi is about to create."""
    group = "core/v1" if declared["apiVersion"] == "v1" else declared["apiVersion"]
    kind = f"kubernetes:{group}:{declared['kind']}"
    name = urn(f"emotion-serving:infra:Part${kind}", identity(declared))
    above = {"parent": PART, "provider": f"{PROVIDER}::{PROVIDER_ID}"}
    return {**entry(name), "custom": True, "inputs": declared, **above, **more}


def identity(declared: KubeObject) -> str:
    metadata = _metadata(declared)
    return "/".join(str(metadata[key]) for key in ("namespace", "name") if key in metadata)


SPACE, ACCOUNT = inputs("Namespace", NAMESPACE), inputs("ServiceAccount", "tensorflow-serving")
SERVICE = inputs(
    "Service", "tensorflow-serving", spec={"type": "NodePort", "ports": [{"name": "http", "port": 8501}]}
)
FRAME = (
    entry(ROOT),
    entry(PROVIDER, custom=True, id=PROVIDER_ID, inputs={"context": "embedded"}, outputs={}, parent=ROOT),
    entry(PART, parent=ROOT),
)


def deployment(*resources: KubeObject, pending: tuple[tuple[str, KubeObject], ...] = ()) -> KubeObject:
    """A state with the stack's frame and some objects."""
    under_way = [{"type": action, "resource": resource} for action, resource in pending]
    return {"manifest": {}, "resources": [*FRAME, *resources], "pending_operations": under_way}

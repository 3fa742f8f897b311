"""Check: names, namespaces and what must be refused before anything is sent."""

from embedded.plugins.calls import Autonaming, CheckCall, Checked, Failure
from embedded.plugins.kubernetes import state
from embedded.plugins.kubernetes.kinds import Kind, annotation, name_of, namespace_of
from embedded.plugins.kubernetes.normalise import annotated, bad_base64, normalised
from embedded.plugins.values import Object, Value, as_object, dig, has_unknown, reveal_object

AUTONAMED = "pulumi.com/autonamed"
REFUSED_ANNOTATIONS = ("pulumi.com/waitFor", "pulumi.com/replaceUnready")
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def check(call: CheckCall, kind: Kind, namespace: str) -> Checked:
    """The inputs with a name and, where the kind has one, a namespace; `namespace` is the provider's."""
    old = reveal_object(call.olds)
    new = _typed(kind, normalised(reveal_object(call.news)))
    failures = _failures(kind, new)
    if not has_unknown(dig(new, "metadata", "name")) and not name_of(new):
        new, problem = _named(call, old, new)
        failures += [problem] if problem else []
    if not kind.namespaced:
        new = _with_metadata(new, "namespace", None)
    elif not has_unknown(dig(new, "metadata")) and not namespace_of(new):
        new = _with_metadata(new, "namespace", namespace)
    return Checked(annotated(new, call.news), tuple(failures))


def _typed(kind: Kind, manifest: Object) -> Object:
    return {"apiVersion": kind.api_version, "kind": kind.name, **manifest}


def _named(call: CheckCall, old: Object, new: Object) -> tuple[Object, Failure | None]:
    """The manifest with the old automatic name, or a new one."""
    if is_autonamed(old) and name_of(old):
        return _autonamed(new, name_of(old)), None
    if call.autonaming is Autonaming.DISABLED:
        return new, Failure("metadata.name", "expected a name, got none; autonaming is disabled")
    if call.autonaming is Autonaming.PROPOSED:
        return _autonamed(new, call.proposed_name), None
    return _autonamed(new, state.autoname(call.urn.rpartition("::")[2], call.seed)), None


def _autonamed(manifest: Object, name: str) -> Object:
    annotations = {**as_object(dig(manifest, "metadata", "annotations")), AUTONAMED: "true"}
    return _with_metadata(_with_metadata(manifest, "name", name), "annotations", annotations)


def is_autonamed(manifest: Object) -> bool:
    """Whether the name is ours rather than the user's, so that a replacement may get another."""
    return annotation(manifest, AUTONAMED) == "true"


def _with_metadata(manifest: Object, key: str, value: Value) -> Object:
    metadata = {**as_object(manifest.get("metadata")), key: value}
    kept: Object = {name: item for name, item in metadata.items() if item is not None}
    return {**manifest, "metadata": kept}


def _failures(kind: Kind, new: Object) -> list[Failure]:
    failures = []
    if dig(new, "metadata", "generateName"):
        failures.append(Failure("metadata.generateName", "not supported with server-side apply; set a name"))
    if new["apiVersion"] != kind.api_version or new["kind"] != kind.name:
        got = f"{new['apiVersion']} {new['kind']}"
        failures.append(Failure("kind", f"expected {kind.api_version} {kind.name}, got {got}"))
    for name in REFUSED_ANNOTATIONS:
        if annotation(new, name):
            where = f'metadata.annotations["{name}"]'
            failures.append(Failure(where, "not served by the embedded kubernetes plugin; remove it"))
    if kind.name == "Secret":
        failures += [Failure(f"data.{key}", "expected base64 text") for key in bad_base64(new)]
    return failures


def importable(live: Object) -> Object:
    """Inputs for an imported object: all of it but its status and what only the server writes."""
    inputs = normalised(live)
    annotations = as_object(dig(inputs, "metadata", "annotations"))
    kept: Object = {key: item for key, item in annotations.items() if key != _LAST_APPLIED}
    return _with_metadata(inputs, "annotations", kept or None)

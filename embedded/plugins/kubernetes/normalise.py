"""Inputs in the form in which they are compared and recorded."""

import base64
import binascii

from embedded.plugins.values import (
    Object,
    Secret,
    Value,
    as_object,
    has_secret,
    has_unknown,
)

READ_ONLY = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "uid",
)


def normalised(manifest: Object) -> Object:
    """The manifest without what only the server writes, and a Secret's `stringData` as `data`."""
    metadata = manifest.get("metadata")
    if isinstance(metadata, dict):
        kept = {key: item for key, item in metadata.items() if key not in READ_ONLY}
        manifest = {**manifest, "metadata": kept}
    manifest = {key: item for key, item in manifest.items() if key != "status"}
    return _encoded(manifest) if manifest.get("kind") == "Secret" else manifest


def _encoded(secret: Object) -> Object:
    if has_unknown(secret) or "stringData" not in secret:
        return secret
    plain = as_object(secret["stringData"])
    encoded: Object = {key: _base64(item) for key, item in plain.items()}
    rest = {key: item for key, item in secret.items() if key != "stringData"}
    return {**rest, "data": {**as_object(secret.get("data")), **encoded}}


def _base64(value: Value) -> Value:
    return base64.b64encode(value.encode()).decode() if isinstance(value, str) else value


def bad_base64(secret: Object) -> list[str]:
    """The keys of a Secret's `data` that are not base64."""
    bad = []
    for key, item in as_object(secret.get("data")).items():
        try:
            if isinstance(item, str):
                base64.b64decode("".join(item.split()), validate=True)
        except (binascii.Error, ValueError):
            bad.append(key)
    return bad


def annotated(plain: Object, like: Object) -> Object:
    """`plain` with secrets marked where `like` has them, and always in a Secret's data.

    A list with one secret member becomes secret as a whole, as in upstream's plugin.
    """
    if plain.get("kind") == "Secret":
        hidden: Object = {key: Secret(plain[key]) for key in ("data", "stringData") if key in plain}
        return {**plain, **hidden}
    return {key: _annotated_member(item, like.get(key)) for key, item in plain.items()}


def _annotated_member(plain: Value, like: Value) -> Value:
    if isinstance(plain, dict) and isinstance(like, dict):
        return annotated(plain, like)
    return Secret(plain) if has_secret(like) else plain

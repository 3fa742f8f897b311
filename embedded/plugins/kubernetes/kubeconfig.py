"""A kubeconfig's active context: where the API server is and who we are there."""

import base64
import binascii
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from embedded.plugins.errors import PluginError
from embedded.plugins.values import Object, Value, as_list, as_object, as_text, dig

DEFAULT_PATH = "~/.kube/config"
_LOOKS_LIKE_YAML = re.compile(r":\s|^\s*\{")
AUTHENTICATION = ("client-certificate(-data)", "client-key(-data)", "token", "tokenFile", "username")


@dataclass(frozen=True)
class Target:
    """One cluster as one user; PEM texts are bytes, empty where there is none."""

    context: str
    server: str
    namespace: str
    ca: bytes = b""
    verify: bool = True
    server_name: str = ""
    certificate: bytes = b""
    key: bytes = field(default=b"", repr=False)
    token: str = field(default="", repr=False)
    basic: str = field(default="", repr=False)
    cluster_entry: Object = field(default_factory=dict)


def load(kubeconfig: str, context: str = "", cluster: str = "") -> Target:
    """Resolve the active context of `kubeconfig`, a text or a path (`a:b` merges; empty is the default file).

    Raises PluginError where the file, the context or a supported way to authenticate is missing.
    """
    folder, parsed = _parse(kubeconfig)
    name = context or as_text(parsed.get("current-context"))
    if not name:
        raise PluginError("kubeconfig: expected a context, got none; set `context` or current-context")
    entry = _named(parsed, "contexts", name, "context")
    cluster_name = cluster or as_text(entry.get("cluster"))
    cluster_entry = _named(parsed, "clusters", cluster_name, "cluster")
    user = _named(parsed, "users", as_text(entry.get("user")), "user") if entry.get("user") else {}
    return _target(name, as_text(entry.get("namespace")), cluster_entry, user, folder)


def _target(context: str, namespace: str, cluster: Object, user: Object, folder: Path) -> Target:
    server = as_text(cluster.get("server"))
    if not server:
        raise PluginError(f"kubeconfig: the cluster of context {context} has no `server`")
    _refuse_unsupported(user)
    token, token_file = as_text(user.get("token")), as_text(user.get("tokenFile"))
    if token_file and not token:
        token = (folder / token_file).read_text().strip()
    basic = f"{as_text(user.get('username'))}:{as_text(user.get('password'))}" if user.get("username") else ""
    return Target(
        context=context,
        server=server.rstrip("/"),
        namespace=namespace,
        ca=_pem(cluster, "certificate-authority", folder),
        verify=cluster.get("insecure-skip-tls-verify") is not True,
        server_name=as_text(cluster.get("tls-server-name")),
        certificate=_pem(user, "client-certificate", folder),
        key=_pem(user, "client-key", folder),
        token=token,
        basic=basic,
        cluster_entry=cluster,
    )


def _refuse_unsupported(user: Object) -> None:
    for way in ("exec", "auth-provider"):
        if way in user:
            raise PluginError(
                f"kubeconfig: the user authenticates by `{way}`, which the embedded plugin does not serve; "
                f"expected one of {', '.join(AUTHENTICATION)}"
            )


def _parse(kubeconfig: str) -> tuple[Path, Object]:
    stated = kubeconfig.strip()
    if _LOOKS_LIKE_YAML.search(kubeconfig):
        return Path(), _yaml(kubeconfig, "kubeconfig")
    paths = [Path(part).expanduser() for part in (stated or DEFAULT_PATH).split(os.pathsep) if part]
    found = [path for path in paths if path.is_file()]
    if not found:
        raise PluginError(
            f"kubeconfig: expected a file or its text, got {stated or DEFAULT_PATH}; no such file"
        )
    merged: Object = {}
    for path in found:
        for key, value in _yaml(path.read_text(), str(path)).items():
            old = merged.get(key)
            merged[key] = [*old, *as_list(value)] if isinstance(old, list) else (old or value)
    return found[0].parent, merged


def _yaml(text: str, source: str) -> Object:
    try:
        parsed: Value = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as problem:
        raise PluginError(f"{source}: expected YAML, got {problem}") from problem
    return as_object(parsed)


def _named(parsed: Object, section: str, name: str, member: str) -> Object:
    entries = [as_object(entry) for entry in as_list(parsed.get(section))]
    for entry in entries:
        if entry.get("name") == name:
            return as_object(dig(entry, member))
    known = ", ".join(sorted(as_text(entry.get("name")) for entry in entries)) or "none"
    raise PluginError(f"kubeconfig: expected one of its {section} ({known}), got {name}")


def _pem(entry: Object, key: str, folder: Path) -> bytes:
    data, path = as_text(entry.get(f"{key}-data")), as_text(entry.get(key))
    try:
        if data:
            return base64.b64decode(data)
        return (folder / path).read_bytes() if path else b""
    except (OSError, binascii.Error) as problem:
        raise PluginError(f"kubeconfig: {key} cannot be read: {problem}") from problem

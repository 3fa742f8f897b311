"""Whom no proxy stands before: loopback, and clusters on this machine; others are left to the variables.

requests, kubernetes, gRPC, kubectl, Pulumi's plugins and k6 each read the proxy variables in a way of their
own, and all of them NO_PROXY, some only in small letters. So it is completed once, where a program of ours
begins or a shell activates the virtual environment (`python -m stack.near`), and inherited from there.
"""

import contextlib
import os
import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

LOOPBACK = ("localhost", "127.0.0.1", "127.0.0.0/8", "::1")
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "grpc_proxy")
EXCEPTIONS = ("NO_PROXY", "no_proxy")
MINIKUBE = "minikube.sigs.k8s.io"
MISSHAPEN = (AttributeError, KeyError, TypeError)


def keep(hosts: Iterable[str] = ()) -> None:
    """From now on this process and its children ask loopback, local clusters and `hosts` directly."""
    os.environ.update(exceptions(os.environ, hosts))


def keep_services(context: str, urls: Iterable[str | None]) -> None:
    """The same of what a local cluster serves; a cluster elsewhere is left to the variables."""
    if context in local_clusters(os.environ):
        keep(urlsplit(url).hostname or "" for url in urls if url)


def exceptions(environment: Mapping[str, str], hosts: Iterable[str] = ()) -> dict[str, str]:
    """NO_PROXY in both spellings: what either says, and whom no proxy may stand before.

    Empty without a proxy: the variable alone would hide those of macOS's settings.
    """
    if not any(environment.get(name) or environment.get(name.upper()) for name in PROXIES):
        return {}
    said = (each.strip() for name in EXCEPTIONS for each in environment.get(name, "").split(","))
    every = dict.fromkeys((*said, *LOOPBACK, *local_clusters(environment).values(), *hosts))
    return dict.fromkeys(EXCEPTIONS, "*" if "*" in every else ",".join(filter(None, every)))


def local_clusters(environment: Mapping[str, str]) -> Mapping[str, str]:
    """minikube's clusters by their context, with their hosts; the embedded one's is loopback."""
    files = environment.get("KUBECONFIG") or str(Path("~/.kube/config").expanduser())
    found: dict[str, str] = {}
    for name in filter(None, files.split(os.pathsep)):
        with contextlib.suppress(
            OSError, ValueError, yaml.YAMLError, *MISSHAPEN
        ):  # told by who needs the file
            found |= dict(_minikubes(yaml.safe_load(Path(name).read_text())))
    return found


def _minikubes(kubeconfig: Any) -> Iterator[tuple[str, str]]:
    """Context and host of each; without those that the file itself names a proxy for."""
    for each in kubeconfig["clusters"] or ():
        name, cluster = each["name"], each["cluster"]
        makers = [note["extension"].get("provider") for note in cluster.get("extensions") or ()]
        if "proxy-url" not in cluster and (name == "minikube" or MINIKUBE in makers):
            yield name, urlsplit(cluster["server"]).hostname or ""


def main() -> None:
    """Print the variables for a shell."""
    for name, value in exceptions(os.environ).items():
        print(f"export {name}={shlex.quote(value)}")


if __name__ == "__main__":
    main()

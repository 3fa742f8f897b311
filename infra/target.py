"""The cluster that a stack deploys to: which kubeconfig context, and where its images must go.

This module asks the world: the kubeconfig, the API server (bounded in time), and minikube.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException
from kubernetes.config.kube_config import KubeConfigMerger
from urllib3.exceptions import HTTPError

from base.children import tied_command
from stack.contexts import choose
from stack.schema import SettingsError

MINIKUBE_SECONDS = 30
SECONDS = 4  # a dead cluster must be reported at once, not after Pulumi's retries


@dataclass(frozen=True)
class DockerDaemon:
    """A Docker daemon to build with; None leaves the choice to the environment."""

    host: str | None = None
    cert_path: str | None = None


@dataclass(frozen=True)
class Delivery:
    """How an image reaches the cluster: built by `daemon`, named below `repository`, pushed or not."""

    repository: str
    push: bool
    daemon: DockerDaemon


@dataclass(frozen=True)
class Target:
    """A cluster. `host` is where its API server, and on a one-node cluster every NodePort, is reached."""

    context: str
    host: str
    delivery: Delivery

    @property
    def is_minikube(self) -> bool:
        """minikube's kubelet signs its own certificate, and its images live in its own Docker."""
        return self.context == "minikube"


def find(contexts: Sequence[str], registry: str | None) -> Target:
    """The first of `contexts` that the kubeconfig has.

    Raises SettingsError if there is none, its API server does not answer, or nothing says where images go.
    """
    context = choose(contexts, known_contexts())
    api = client_of(context)
    local = local_registry(_registry_hosting(api, context))
    host = urlsplit(api.configuration.host).hostname or "localhost"
    return Target(context, host, _delivery(context, registry or local))


def local_registry(hosting: str | None) -> str | None:
    """The host of the cluster's local registry, from the ConfigMap's text (KEP-1755)."""
    if not hosting:
        return None
    parsed = yaml.safe_load(hosting)
    host = parsed.get("host") if isinstance(parsed, dict) else None
    return str(host) if host else None


def _kubeconfig() -> str:
    return os.environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")


def known_contexts() -> list[str]:
    try:
        merged = KubeConfigMerger(_kubeconfig()).config
    except (yaml.YAMLError, OSError, config.ConfigException) as error:
        raise SettingsError([_unreadable(error)]) from error
    if merged is None or "contexts" not in merged:
        return []
    return [context["name"] for context in merged["contexts"].value or []]


def _unreadable(error: Exception) -> str:
    reason = " ".join(str(error).split())
    return f'kubeContexts: expected a readable kubeconfig, got "{_kubeconfig()}"; correct it: {reason}'


def client_of(context: str) -> client.ApiClient:
    """A client of the API server; it never tries twice. Raises SettingsError for a broken kubeconfig."""
    try:
        api: client.ApiClient = config.new_client_from_config(config_file=_kubeconfig(), context=context)
    except (config.ConfigException, OSError) as error:
        raise SettingsError([_unreadable(error)]) from error
    api.configuration.retries = False
    return api


def _registry_hosting(api: client.ApiClient, context: str) -> str | None:
    core = client.CoreV1Api(api)
    try:
        found = core.read_namespaced_config_map(
            "local-registry-hosting", "kube-public", _request_timeout=(SECONDS, SECONDS)
        )
    except ApiException as error:
        if error.status in (403, 404):
            return None
        raise SettingsError([unusable(api, context, error)]) from error
    except HTTPError as error:
        raise SettingsError([unusable(api, context, error)]) from error
    return (found.data or {}).get("localRegistryHosting.v1")


def unusable(api: client.ApiClient, context: str, error: Exception) -> str:
    """What to say of an API server that did not answer as one."""
    answer = f"HTTP {error.status}" if isinstance(error, ApiException) else type(error).__name__
    return (
        f'kubeContexts: expected the cluster of context "{context}" at {api.configuration.host} to answer, '
        f"got {answer}; start it (make up, minikube start) or correct the kubeconfig"
    )


def _delivery(context: str, registry: str | None) -> Delivery:
    if registry:
        return Delivery(registry, push=True, daemon=DockerDaemon())
    if context == "minikube":
        return Delivery("docker.io/library", push=False, daemon=minikube_docker(context))
    raise SettingsError(
        [
            f'registry: expected a registry that the cluster of context "{context}" pulls from, got nothing; '
            "set it: pulumi config set registry REGISTRY/PATH"
        ]
    )


def minikube_docker(profile: str) -> DockerDaemon:
    """The Docker of the very cluster that is deployed to: another profile may be minikube's active one."""
    if not shutil.which("minikube"):
        raise SettingsError([f'kubeContexts: context "{profile}" needs the program minikube; install it'])
    command = ["minikube", "docker-env", "--profile", profile, "--shell", "none"]
    try:
        answer = subprocess.run(
            tied_command(command), capture_output=True, text=True, timeout=MINIKUBE_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise SettingsError([_no_docker(profile, f"no answer in {MINIKUBE_SECONDS} s")]) from error
    if answer.returncode:
        raise SettingsError([_no_docker(profile, " ".join(answer.stderr.split()))])
    return docker_environment(answer.stdout)


def _no_docker(profile: str, reason: str) -> str:
    return (
        f'kubeContexts: expected minikube\'s profile "{profile}" to name its Docker, got {reason}; '
        f"run: minikube start --profile {profile}"
    )


def docker_environment(text: str) -> DockerDaemon:
    """The daemon that the lines of `minikube docker-env --shell none` (NAME=VALUE) describe."""
    pairs = dict(line.strip().split("=", 1) for line in text.splitlines() if "=" in line)
    return DockerDaemon(pairs.get("DOCKER_HOST"), pairs.get("DOCKER_CERT_PATH"))

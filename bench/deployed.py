"""The stack under test: what it offers, what was asked of it, and its cluster. Made once a command."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from bench import stack
from bench.cluster import Cluster
from bench.objects import Pod, pods
from stack import settings
from stack.kube import PROJECT
from stack.outputs import Endpoint, StackOutputs
from stack.settings import Settings

SERVING = quote(f"app.kubernetes.io/part-of={PROJECT}")


@dataclass(frozen=True)
class Deployed:
    """A stack that is there."""

    outputs: StackOutputs
    cluster: Cluster

    @cached_property
    def settings(self) -> Settings:
        """As they were intended. Raises SettingsError for settings of another version."""
        return settings.read(self.outputs.settings)

    def pods(self, endpoint: Endpoint | None = None) -> tuple[Pod, ...]:
        """The pods of one server, by default of all. Raises ClusterError."""
        return serving(self.cluster, self.outputs.namespace, endpoint.deployment if endpoint else "")


def connect(name: str | None) -> Deployed:
    """A stack by its name, by default the selected one. Raises StackUnavailableError, ClusterError."""
    outputs = stack.read(name)
    return Deployed(outputs, Cluster(outputs.context))


def serving(cluster: Cluster, namespace: str = "", deployment: str = "") -> tuple[Pod, ...]:
    """The project's serving pods, of all namespaces and Deployments or of one. Raises ClusterError."""
    where = f"/api/v1/namespaces/{namespace}/pods" if namespace else "/api/v1/pods"
    label = quote(f"app.kubernetes.io/name={deployment}") if deployment else SERVING
    return pods(cluster.get(f"{where}?labelSelector={label}"))

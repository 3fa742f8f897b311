"""What the project must know of a model server; a further server is one more value of `ModelServer`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stack.kube import KubeObject
from stack.settings import Settings

CONFIG_FOLDER = "/config"


@dataclass(frozen=True)
class Port:
    """A named container port."""

    name: str
    number: int


@dataclass(frozen=True)
class Probes:
    """The three probes of a container, as Kubernetes writes them."""

    startup: KubeObject
    readiness: KubeObject
    liveness: KubeObject


@dataclass(frozen=True)
class ModelServer:
    """One kind of model server.

    `name` is its key in the setting `servers`, `component` its name in the cluster. `predict_path` takes the
    requests, `image_folder` below images/ holds the Dockerfile. `command`, `environment` and `files` turn
    settings into what the container gets; files appear under CONFIG_FOLDER. `writable` are folders that
    need an emptyDir.
    """

    name: str
    component: str
    image: str
    image_folder: str
    base_image: str
    inference: Port
    metrics: Port
    metrics_path: str
    predict_path: str
    probes: Probes
    writable: tuple[str, ...]
    command: Callable[[Settings], tuple[str, ...]]
    environment: Callable[[Settings], Mapping[str, str]]
    files: Callable[[Settings], Mapping[str, str]]

    @property
    def ports(self) -> tuple[Port, ...]:
        """The container's ports, each once."""
        return tuple(dict.fromkeys((self.inference, self.metrics)))

"""What the project must know of a model server: a further server is one more file with such a value.

Functions take `S`, the server's own group of settings, as `Settings.of` returns it.
"""

import base64
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from model_build.manifest import Input
from stack.kube import KubeObject
from stack.queries.own import Counters, Signals
from stack.schema import Problem
from stack.servers.model import OURS, Model
from stack.servers.reading import Reading

S = TypeVar("S")
CONFIG_FOLDER = "/config"
MOST_BODY = 32 * 2**20
"""Bytes of a request: a photo of the contract's 10 MiB in base64, and larger ones, refused by name."""
MOST_PHOTO = Input().max_bytes
JSON: Mapping[str, str] = {"Content-Type": "application/json"}


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
class Image:
    """The serving image: `name`, the Dockerfile's `folder` below images/, its base image `upstream` without
    tag, and the `export` of artifacts/manifest.json that goes in. `online`: its build fetches what a base
    image of upstream lacks.
    """

    name: str
    folder: str
    upstream: str
    export: str
    online: bool = False


@dataclass(frozen=True)
class Dialect:
    """Body and headers of a request for one photo, and what the reply, which is JSON, says of it."""

    body: Callable[[bytes], bytes]
    answer: Callable[[object], object]
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)


def dialect(model: Model, of_photos: Dialect) -> Dialect:
    """How a model is asked: as ours is, or by whole requests, whose answers are JSON of any kind."""
    if not model.adopted:
        return of_photos
    return Dialect(lambda request: request, lambda reply: reply, {"Content-Type": model.content_type})


def in_json(made: Callable[[str], object]) -> Callable[[bytes], bytes]:
    """A body in JSON, made of the photo in base64."""
    return lambda photo: json.dumps(made(base64.b64encode(photo).decode())).encode()


def _the_only_one(_: object) -> str:
    return ""


@dataclass(frozen=True)
class InProcess(Generic[S]):
    """How the model runs without the server, in a Python that has `module`.

    `model` is its path in the container, `exported` below artifacts/, and `file` which of the files there a
    stack serves; empty where there is one. `threads`: within an operation, and
    operations at a time; 0 is as many as CPUs. `loader`: a file that defines `load(model, intra_threads,
    inter_threads, scratch)`, which returns the runtime's name, its threads and the call.
    """

    module: str
    model: str
    exported: str
    threads: Callable[[S], tuple[int, int]]
    loader: Path
    file: Callable[[S], str] = _the_only_one


@dataclass(frozen=True)
class Concurrency:
    """How many calls one pod computes at a time, how large, with how many threads.

    `in_flight` requests are inside at most, others wait outside; None: no bound. `lanes` calls are computed
    at a time, each of at most `most_rows` requests with `threads` threads. A batch waits until it is full,
    which it never is unless it `fills`, at most for `window_millis`. `in_turns`: a call once begun keeps its
    lane; otherwise all calls share the lanes.
    """

    in_flight: int | None
    lanes: int
    in_turns: bool
    most_rows: int
    fills: bool
    window_millis: float
    threads: int


@dataclass(frozen=True)
class Window:
    """How a server collects a batch: at most `limit` requests, waiting at most `seconds` for them."""

    limit: int
    seconds: float


@dataclass(frozen=True)
class Limits:
    """`resources.cpuLimit` and `resources.memoryLimit`, as they are written."""

    cpu: str
    memory: str


def _nothing(*_: object) -> tuple[()]:
    return ()


def _no_names(_: object) -> Mapping[str, str]:
    return {}


def _no_window(_: object) -> Window | None:
    return None


@dataclass(frozen=True)
class ServerOf(Generic[S]):
    """One kind of model server and its settings `S`.

    `name` is its key in the setting `servers` and of its `section` of settings, `component` its name in the
    cluster, `title` that in texts. `predict_path` takes the requests; `writable` are folders that need an
    emptyDir. `command`, `environment` and `files` turn settings into what the container gets; files appear
    in `config_folder`. `shared_memory`: the size of /dev/shm, where processes need it to hand over data.

    `model` is the one that it serves, `precision` the one of its export's networks that a stack serves, empty
    where there is one.

    `intended` says the same settings by path, and `effective` what a running pod was found to have, by the
    same paths; `look` is shell that adds sections to what is read of a pod, see `stack.servers.reading`.
    Both raise UnreadableError. `contradictions` (with the paths that a stack sets) are refused, `warnings`
    only said. `shared_pool`: all calls share the threads within an operation. `hands_over`: a batch goes to
    another process, which costs about the same whatever its rows.
    """

    name: str
    title: str
    component: str
    image: Image
    inference: Port
    metrics: Port
    metrics_path: str
    predict_path: str
    probes: Probes
    section: type[S]
    command: Callable[[S], tuple[str, ...]]
    intended: Callable[[S], Mapping[str, object]]
    effective: Callable[[Reading], Mapping[str, object]]
    dialect: Dialect
    counters: Counters
    concurrency: Callable[[S, int], Concurrency]
    model: Model = OURS
    signals: Signals | None = None
    in_process: InProcess[S] | None = None
    writable: tuple[str, ...] = ()
    config_folder: str = CONFIG_FOLDER
    shared_memory: str = ""
    precision: Callable[[S], str] = _the_only_one
    look: str = ""
    shared_pool: bool = False
    hands_over: bool = False
    environment: Callable[[S], Mapping[str, str]] = _no_names
    files: Callable[[S], Mapping[str, str]] = _no_names
    window: Callable[[S], Window | None] = _no_window
    features: Callable[[S], Collection[str]] = _nothing
    contradictions: Callable[[S, Collection[str]], Iterator[Problem] | tuple[()]] = _nothing
    warnings: Callable[[S, Limits], Iterator[str] | tuple[()]] = _nothing

    @property
    def ports(self) -> tuple[Port, ...]:
        """The container's ports, each once."""
        return tuple(dict.fromkeys((self.inference, self.metrics)))


ModelServer = ServerOf[Any]

"""One loaded version of a model: its session, its signatures, and how they are run."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from . import batching, dtypes, warmup
from . import tensorflow_runtime as runtime
from .config_files import Batching
from .dtypes import InputInfo, Signature, Tensor
from .errors import Code, ServingError
from .metrics import Metrics


@dataclass(frozen=True)
class LoadSettings:
    """How versions are loaded; timeout in seconds, 0 is none; batching None runs requests one by one."""

    intra_threads: int
    inter_threads: int
    timeout: float
    batching: Batching | None


class Runner(Protocol):
    """Runs one signature: values in the order of its inputs; timeout in seconds, 0 is none."""

    def __call__(self, values: list[Tensor], timeout: float) -> list[Tensor]: ...


class Servable:
    """A version that answers. `use()` keeps it alive; `close()` waits for its users, then frees it."""

    def __init__(self, version: int, session: Any, meta_graph: Any, runners: dict[str, Runner]) -> None:
        self.version = version
        self.signatures = signatures_of(meta_graph)
        self.signature_protos = meta_graph.signature_def
        self._session, self._runners = session, runners
        self._users = 0
        self._idle = threading.Condition()

    def signature(self, name: str) -> Signature | None:
        """Signature by name; the empty name means serving_default."""
        return self.signatures.get(name or "serving_default")

    def run(self, signature: Signature, inputs: dict[str, Tensor], timeout: float) -> dict[str, Tensor]:
        """Outputs by name. Raises ServingError with the text upstream's client would get."""
        runner = self._runners.get(signature.name)
        if runner is None:
            raise ServingError(Code.INVALID_ARGUMENT, f"Signature {signature.name} has no output tensors")
        try:
            results = runner([inputs[name] for name in signature.inputs], timeout)
        except runtime.OpError as error:
            raise runtime.translated(error) from error
        except (ValueError, TypeError) as error:  # numpy refuses before TensorFlow sees it
            raise ServingError(Code.INVALID_ARGUMENT, str(error)) from error
        return dict(zip(signature.outputs, results, strict=True))

    @contextlib.contextmanager
    def use(self) -> Iterator["Servable"]:
        """Hold the version while a request runs on it."""
        with self._idle:
            self._users += 1
        try:
            yield self
        finally:
            with self._idle:
                self._users -= 1
                self._idle.notify_all()

    def close(self) -> None:
        """Wait until no request uses the version, then free its variables and threads."""
        with self._idle:
            self._idle.wait_for(lambda: self._users == 0)
        self._runners.clear()
        self._session.close()


def load(model: str, version: int, path: str, settings: LoadSettings, metrics: Metrics) -> Servable:
    """Load and warm up the version in folder `path`; raises ServingError."""
    session = runtime.new_session(settings.intra_threads, settings.inter_threads)
    try:
        meta_graph = runtime.load(session, path)
        runners = {
            name: _runner(session, signature, (model, version), settings, metrics)
            for name, signature in signatures_of(meta_graph).items()
            if all(":" in tensor for tensor in signature.outputs.values())  # else an operation to run at load
        }
        servable = Servable(version, session, meta_graph, runners)
        warmup.run(servable, path)
    except BaseException:
        session.close()
        raise
    return servable


def signatures_of(meta_graph: Any) -> dict[str, Signature]:
    """Every signature of a MetaGraphDef; inputs and outputs are in the order of their names."""
    return {name: _signature(name, proto) for name, proto in meta_graph.signature_def.items()}


def _signature(name: str, proto: Any) -> Signature:
    inputs = {
        key: InputInfo(told.name, dtypes.name_of(told.dtype), _dims(told.tensor_shape))
        for key, told in sorted(proto.inputs.items())
    }
    outputs = {key: proto.outputs[key].name for key in sorted(proto.outputs)}
    return Signature(name, inputs, outputs)


def _dims(shape: Any) -> tuple[int, ...] | None:
    return None if shape.unknown_rank else tuple(dim.size for dim in shape.dim)


def _runner(
    session: Any, signature: Signature, owner: tuple[str, int], settings: LoadSettings, metrics: Metrics
) -> Runner:
    if settings.batching is not None and signature.inputs:
        shared_name = batching.unique_name(*owner, signature.name)
        return batching.BatchRunner(session, signature, settings.batching, shared_name, metrics)
    return PlainRunner(session, signature, settings.timeout)


class PlainRunner:
    """Runs each request by itself; a run past its timeout is cancelled in the graph."""

    def __init__(self, session: Any, signature: Signature, timeout: float) -> None:
        feeds = [info.tensor for info in signature.inputs.values()]
        fetches = list(signature.outputs.values())
        self._timeout = timeout
        self._timed = runtime.runner(session, feeds, fetches, int(timeout * 1000))
        self._untimed = runtime.runner(session, feeds, fetches) if timeout else self._timed

    def __call__(self, values: list[Tensor], timeout: float) -> list[Tensor]:
        """Outputs in the signature's order."""
        run = self._timed if timeout == self._timeout else self._untimed
        return run(*values)

"""What both protocols do with a request, once they know which model it means."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from .dtypes import Signature, Tensor
from .manager import Manager
from .metrics import Metrics
from .servable import Servable
from .versions import ModelSpec

Decode = Callable[[Servable], tuple[Signature, dict[str, Tensor]]]


@dataclass(frozen=True)
class Prediction:
    """Outputs of one request and what answered it."""

    outputs: dict[str, Tensor]
    signature: Signature
    version: int


class Predictor:
    """Runs requests on the versions that a manager keeps."""

    def __init__(self, manager: Manager, metrics: Metrics) -> None:
        self._manager, self._metrics = manager, metrics

    def predict(self, spec: ModelSpec, decode: Decode, timeout: float) -> Prediction:
        """Run the request that `decode` reads for the version found; timeout in seconds, 0 is none.

        Raises ServingError.
        """
        with self._manager.use(spec) as servable:
            signature, inputs = decode(servable)
            started = time.monotonic()
            outputs = servable.run(signature, inputs, timeout)
            elapsed = (time.monotonic() - started) * 1e6
            self._metrics.runtime_latency.add(elapsed, spec.name, "Predict", "TF1")
            return Prediction(outputs, signature, servable.version)

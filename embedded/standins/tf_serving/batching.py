"""Merges requests with TensorFlow's own BatchFunction scheduler.

A scheduler is found by its `shared_name` in the session's resources, and a mixed batch would run the last
request's graph: every signature of every load therefore gets a name of its own, and every load a session of
its own. Two more columns travel through the batch; what comes back tells its size and queue time.
"""

import itertools
import math
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from . import tensorflow_runtime as runtime
from .config_files import Batching
from .dtypes import Signature, Tensor
from .errors import invalid
from .metrics import Metrics

tf, v1 = runtime.tensorflow, runtime.v1
TICKET, DEADLINE = range(2)  # columns that go in
FIRST_TICKET, SIZE, DEQUEUED = range(3)  # columns that come out
_loads = itertools.count(1)


def unique_name(model: str, version: int, signature: str) -> str:
    """A scheduler name that no other signature, version or load of this process ever gets."""
    return f"{model}/{version}/{signature}/{next(_loads)}"


class BatchRunner:
    """Runs one signature of one loaded version, together with whoever asks at the same time."""

    def __init__(
        self, session: Any, signature: Signature, batching: Batching, shared_name: str, metrics: Metrics
    ) -> None:
        self._metrics = metrics
        self._tickets = itertools.count(1)
        with session.graph.as_default():
            feeds, fetches = _build(session.graph, signature, batching, shared_name)
        self._run = runtime.runner(session, feeds, fetches)

    def __call__(self, values: Sequence[Tensor], timeout: float) -> list[Tensor]:
        """Outputs for these inputs; all need the same number of rows. `timeout` in seconds, 0 is none.

        Raises ServingError; TensorFlow's errors pass through.
        """
        rows = batch_rows(values)
        enqueued = time.time()
        columns = np.empty((rows, 2), np.float64)
        columns[:, TICKET] = ticket = next(self._tickets)
        columns[:, DEADLINE] = enqueued + timeout if timeout > 0 else math.inf
        *outputs, report = self._run(*values, columns)
        if rows:
            self._observe(report[0].tolist(), ticket, enqueued)
        return outputs

    def _observe(self, report: list[float], ticket: int, enqueued: float) -> None:
        metrics = self._metrics
        metrics.queuing_latency.add(max(report[DEQUEUED] - enqueued, 0) * 1e6, "")
        if report[FIRST_TICKET] != ticket:  # whoever holds the batch's first row speaks for the batch
            return
        metrics.processed_batch_size.add(report[SIZE])


def batch_rows(values: Sequence[Tensor]) -> int:
    """Common first dimension of the inputs; refusals as in batching_util.h, ComputeTensorBatchSize."""
    if any(value.ndim == 0 for value in values):
        raise invalid("Batching Run() input tensors must have at least one dimension")
    rows = {len(value) for value in values}
    if len(rows) != 1:
        raise invalid("Batching Run() input tensors must have equal 0th-dimension size")
    return rows.pop()


def _build(
    graph: Any, signature: Signature, batching: Batching, shared_name: str
) -> tuple[list[str], list[str]]:
    """Add the batched signature to the graph; returns names to feed (inputs, then columns) and to fetch."""
    inputs = [graph.get_tensor_by_name(info.tensor) for info in signature.inputs.values()]
    feeds = [v1.placeholder(tensor.dtype, None) for tensor in inputs]
    feeds.append(v1.placeholder(tf.float64, [None, 2]))
    body = _body(graph, inputs, list(signature.outputs.values()))
    outputs = tf.raw_ops.BatchFunction(
        in_tensors=feeds,
        captured_tensors=body.captured_inputs,
        f=body,
        num_batch_threads=batching.threads,
        max_batch_size=batching.max_batch_size,
        batch_timeout_micros=batching.batch_timeout_micros,
        max_enqueued_batches=batching.max_enqueued_batches,
        shared_name=shared_name,
        Tout=[output.dtype for output in body.outputs],
        name=runtime.NODE_OF_OURS,
    )
    return [feed.name for feed in feeds], [output.name for output in outputs]


def _body(graph: Any, inputs: list[Any], outputs: list[str]) -> Any:
    """The signature's part of the graph as a function of (inputs…, columns) → (outputs…, report)."""
    nodes = v1.graph_util.extract_sub_graph(
        graph.as_graph_def(add_shapes=False), [name.partition(":")[0] for name in outputs]
    )
    resources = [
        tensor
        for node in nodes.node
        if not node.input
        for tensor in graph.get_operation_by_name(node.name).outputs
        if tensor.dtype == tf.resource
    ]

    def computation(*arguments: Any) -> list[Any]:
        columns = arguments[-1]
        dequeued = tf.timestamp()
        in_time = tf.reduce_any(tf.greater(columns[:, DEADLINE], dequeued))
        shed = tf.debugging.Assert(in_time, [runtime.TIMED_OUT_IN_QUEUE], summarize=1)
        with tf.control_dependencies([shed]):
            values = [tf.identity(argument) for argument in arguments[:-1]]
        function = v1.get_default_graph()
        mapped = {tensor.name: value for tensor, value in zip(inputs, values, strict=True)}
        mapped |= {tensor.name: function.capture(tensor) for tensor in resources}
        results = tf.import_graph_def(nodes, input_map=mapped, return_elements=outputs, name="signature")
        return [*results, _report(columns, dequeued)]

    specs = [tf.TensorSpec(None, tensor.dtype) for tensor in inputs] + [tf.TensorSpec([None, 2], tf.float64)]
    return tf.function(computation, input_signature=specs, autograph=False).get_concrete_function()


def _report(columns: Any, dequeued: Any) -> Any:
    """For every row: the batch's first ticket, its size, when it left the queue."""
    size = tf.shape(columns)[0]
    row = tf.stack([columns[0, TICKET], tf.cast(size, tf.float64), dequeued])
    return tf.tile(row[tf.newaxis], [size, 1])

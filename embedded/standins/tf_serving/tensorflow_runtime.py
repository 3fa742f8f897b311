"""The one door to TensorFlow: everything else in the package is typed and imports this module.

Graph mode with one Session for each loaded version, as upstream runs models: a session owns its resources, so
closing it frees a version's variables and batching threads, and versions cannot meet in one batch.
"""

import math
import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # before the import: read once
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import tensorflow as tf  # type: ignore[import-untyped]

from .dtypes import Tensor
from .errors import Code, ServingError

tf.get_logger().setLevel("ERROR")
tensorflow = tf
v1 = tf.compat.v1
Run = Callable[..., list[Tensor]]
NODE_OF_OURS = "serving_batch"
RECORD_FRAME = 16  # bytes around a TFRecord: its length, and two checksums
FILLED = 2**18
TIMED_OUT_IN_QUEUE = "Run() timeout exceeded while waiting in batching queue"


def new_session(intra: int, inter: int) -> Any:
    """A session on a graph of its own; thread counts of the process's first session hold for all."""
    config = v1.ConfigProto(
        intra_op_parallelism_threads=intra, inter_op_parallelism_threads=inter, device_count={"GPU": 0}
    )
    return v1.Session(graph=tf.Graph(), config=config)


def load(session: Any, path: str) -> Any:
    """Load the SavedModel at `path` into the session; returns its MetaGraphDef. Raises ServingError."""
    try:
        with session.graph.as_default():
            return v1.saved_model.load(session, ["serve"], path)
    except tf.errors.OpError as error:
        raise translated(error) from error
    except OSError as error:
        raise ServingError(Code.NOT_FOUND, f"Could not find SavedModel .pb or .pbtxt at: {path}") from error
    except (RuntimeError, ValueError, TypeError, KeyError) as error:
        raise ServingError(Code.FAILED_PRECONDITION, f"{path}: {error}") from error


def runner(session: Any, feeds: Sequence[str], fetches: Sequence[str], timeout_ms: int = 0) -> Run:
    """A fast path to run `fetches` of the session, given values for `feeds` in order.

    make_callable() takes no timeout and run() checks shapes that upstream leaves to the graph: hence the
    private method.
    """
    options = tf.compat.v1.RunOptions(timeout_in_ms=timeout_ms)
    wanted = list(dict.fromkeys(fetches))
    proto = _callable_options(feeds, wanted, options)
    run: Run = session._make_callable_from_options(proto)
    if wanted == list(fetches):
        return run
    return lambda *values: [dict(zip(wanted, run(*values), strict=True))[name] for name in fetches]


def _callable_options(feeds: Sequence[str], fetches: Sequence[str], options: Any) -> Any:
    from tensorflow.core.protobuf import config_pb2  # type: ignore[import-untyped]  # noqa: PLC0415

    return config_pb2.CallableOptions(feed=feeds, fetch=fetches, run_options=options)


def records(path: str) -> Iterator[bytes]:
    """Records of a TFRecord file; raises ServingError for a file that is not one."""
    _hold_lengths(Path(path))
    try:
        yield from v1.io.tf_record_iterator(path)
    except tf.errors.OpError as error:
        raise translated(error) from error


def _hold_lengths(file: Path) -> None:
    """A length is believed, and memory taken for it, by TensorFlow's reader: here it must be in the file."""
    size, position = file.stat().st_size, 0
    with file.open("rb") as records_:
        while position < size:
            records_.seek(position)
            length = int.from_bytes(records_.read(8), "little")
            position += length + RECORD_FRAME
            if position > size:
                text = f"{file}: a record of {length} bytes ends beyond the file of {size}"
                raise ServingError(Code.DATA_LOSS, text)


def make_array(proto: Any) -> Tensor:
    """Array of a TensorProto; raises ServingError when its values do not fill its shape.

    One value fills a whole shape, but no more than `FILLED`, or than the message has bytes.
    """
    sizes = [dim.size for dim in proto.tensor_shape.dim]
    one = len(proto.string_val[0]) if len(proto.string_val) == 1 else 1
    if min(sizes, default=0) < 0 or math.prod(sizes) * max(one, 1) > max(FILLED, proto.ByteSize()):
        text = f"tensor parsing error: a shape of {sizes} in a message of {proto.ByteSize()} bytes"
        raise ServingError(Code.INVALID_ARGUMENT, text)
    try:
        array: Tensor = tf.make_ndarray(proto)
    except (ValueError, TypeError, KeyError) as error:
        text = f"tensor parsing error: type {proto.dtype}: {error}"
        raise ServingError(Code.INVALID_ARGUMENT, text) from error
    return array


OpError: type[Exception] = tf.errors.OpError


def translated(error: Any) -> ServingError:
    """TensorFlow's error with the text upstream would send: Python's additions taken off."""
    message = clean_message(str(error.message))
    if TIMED_OUT_IN_QUEUE in message:
        return ServingError(Code.RESOURCE_EXHAUSTED, TIMED_OUT_IN_QUEUE)
    return ServingError(Code.of(int(error.error_code)), message)


def clean_message(message: str) -> str:
    """Strip what only the Python session adds: heading, stack of the graph's making, our own node's name."""
    message = message.removeprefix("Graph execution error:\n\n")
    message = re.sub(r"(?s)^Detected at node .*?\nNode: '[^']*'\n", "", message)
    return re.sub(rf"\n\t \[\[(\{{\{{node )?{NODE_OF_OURS}[^\]]*\]\]", "", message)

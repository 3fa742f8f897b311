"""Tiny SavedModels for the tests, written once a session."""

from pathlib import Path
from typing import Any

import tensorflow as tf  # type: ignore[import-untyped]
from tensorflow_serving.apis import predict_pb2, prediction_log_pb2  # type: ignore[import-untyped]

VECTOR = tf.TensorSpec([None], tf.float32)


class Arithmetic(tf.Module):  # type: ignore[misc]  # TensorFlow has no types
    """Several signatures on one variable, so that loading, batching and errors all have something to show."""

    def __init__(self, offset: float) -> None:
        super().__init__()
        self.offset = tf.Variable(offset)

    def half(self, x: Any) -> dict[str, Any]:
        """y = x / 2 + offset."""
        return {"y": x * 0.5 + self.offset}

    def triple(self, x: Any) -> dict[str, Any]:
        """y = 3 x, apart from the other signature's answers for every x used in tests."""
        return {"y": x * 3.0 + self.offset * 0.0}

    def both(self, a: Any, b: Any) -> dict[str, Any]:
        """Two inputs, two outputs."""
        return {"sum": a + b, "difference": a - b}

    def text(self, text: Any) -> dict[str, Any]:
        """A string and its length."""
        return {"echo": text, "length": tf.strings.length(text)}

    def strict(self, x: Any) -> dict[str, Any]:
        """Fails when any row is negative: a poisoned batch."""
        with tf.control_dependencies([tf.debugging.Assert(tf.reduce_all(x >= 0.0), ["negative row"])]):
            return {"y": tf.sqrt(x)}

    def matrix(self, x: Any) -> dict[str, Any]:
        """Takes rows of three numbers; the graph refuses others."""
        return {"y": tf.linalg.matmul(x, tf.ones([3, 2]))}

    def slow(self, x: Any) -> dict[str, Any]:
        """Multiplies matrices max(x) times, about a millisecond each."""
        loops = tf.cast(tf.reduce_max(x), tf.int32)
        square = tf.while_loop(
            lambda i, _: i < loops,
            lambda i, m: (i + 1, tf.linalg.matmul(m, m) / 300.0),
            [0, tf.ones([300, 300])],
        )[1]
        return {"y": x + 0.0 * square[0, 0]}

    def scalar(self, x: Any) -> dict[str, Any]:
        """An output without rows, which cannot be split after batching."""
        return {"total": tf.reduce_sum(x)}


def write_arithmetic(folder: Path, offset: float) -> None:
    """Write the model with all its signatures."""
    module = Arithmetic(offset)
    strings = tf.TensorSpec([None], tf.string, name="text")
    named = tf.TensorSpec([None], tf.float32, name="x")
    tf.saved_model.save(
        module,
        str(folder),
        signatures={
            "serving_default": _concrete(module.half, named),
            "triple": _concrete(module.triple, named),
            "both": _concrete(module.both, tf.TensorSpec([None], name="a"), tf.TensorSpec([None], name="b")),
            "text": _concrete(module.text, strings),
            "strict": _concrete(module.strict, named),
            "matrix": _concrete(module.matrix, tf.TensorSpec([None, None], tf.float32, name="x")),
            "slow": _concrete(module.slow, named),
            "scalar": _concrete(module.scalar, named),
        },
    )


def _concrete(method: Any, *specs: Any) -> Any:
    return tf.function(method, autograph=False).get_concrete_function(*specs)


def write_warmup(folder: Path, model: str, signature: str, values: list[list[float]]) -> Path:
    """Write one warm-up record for each list of values; returns the file."""
    file = folder / "assets.extra" / "tf_serving_warmup_requests"
    file.parent.mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(file)) as writer:
        for rows in values:
            request = predict_pb2.PredictRequest()
            request.model_spec.name, request.model_spec.signature_name = model, signature
            request.inputs["x"].CopyFrom(tf.make_tensor_proto(rows, tf.float32))
            log = prediction_log_pb2.PredictionLog(predict_log=prediction_log_pb2.PredictLog(request=request))
            writer.write(log.SerializeToString())
    return file

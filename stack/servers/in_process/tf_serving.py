"""Loads the SavedModel without its server: text that `bench.inprocess` runs, hence Python 3.9."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path


def load(model: str, intra: int, inter: int, _: Path) -> tuple[str, int, Callable[[Sequence[bytes]], object]]:
    """The newest version's serving signature in a session, as the server runs it."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")  # or the import brings Keras, which nothing needs
    import tensorflow as tf  # type: ignore[import-untyped]  # noqa: PLC0415  # after its variables

    v1, versions = tf.compat.v1, (each.name for each in Path(model).iterdir())
    newest = max(int(name) for name in versions if name.isdigit())
    config = v1.ConfigProto(intra_op_parallelism_threads=intra, inter_op_parallelism_threads=inter)
    session = v1.Session(graph=tf.Graph(), config=config)
    with session.graph.as_default():
        loaded = v1.saved_model.load(session, ["serve"], str(Path(model) / str(newest)))
    signature = loaded.signature_def["serving_default"]
    (images,) = signature.inputs.values()
    outputs = [each.name for each in signature.outputs.values()]
    call = session.make_callable(outputs, feed_list=[images.name])
    return f"TensorFlow {tf.__version__}", intra or len(os.sched_getaffinity(0)), call

"""The graph that TensorFlow Serving runs before the network."""

import numpy as np
import tensorflow as tf  # type: ignore[import-untyped]
from numpy.typing import NDArray

from model_build.in_archive.preprocess import ImageError, photo_tensor
from model_build.tf_serving import decode

GRAPH = tf.function(decode.photo_tensors, input_signature=[tf.TensorSpec([None], tf.string)])


def graph(images: list[bytes]) -> tuple[NDArray[np.float32], list[str]]:
    """(N, 100, 100) pixels and N errors, as the exported graph computes them."""
    tensors, errors = GRAPH(tf.constant(images, tf.string))
    return tensors.numpy()[..., 0], [error.decode() for error in errors.numpy()]


def handler(image: bytes) -> tuple[NDArray[np.float32], str]:
    """(100, 100) pixels and the error, as TorchServe's handler computes them."""
    try:
        return photo_tensor(image), ""
    except ImageError as error:
        return np.zeros((100, 100), np.float32), str(error)

"""The graph that TensorFlow Serving runs before the network."""

from collections.abc import Callable
from functools import cache, partial

import numpy as np
import tensorflow as tf  # type: ignore[import-untyped]
from numpy.typing import NDArray

from model_build.in_archive.contract import THESIS, Sight
from model_build.in_archive.preprocess import ImageError, photo_tensor
from model_build.tf_serving import decode

SMALL_COLOURS = Sight(side=48, channels=3)


@cache
def _traced(sight: Sight) -> Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]:
    signature = [tf.TensorSpec([None], tf.string)]
    return tf.function(partial(decode.photo_tensors, sight=sight), input_signature=signature)  # type: ignore[no-any-return]


def graph(images: list[bytes], sight: Sight = THESIS) -> tuple[NDArray[np.float32], list[str]]:
    """(N, side, side[, 3]) pixels and N errors, as the exported graph computes them."""
    tensors, errors = _traced(sight)(tf.constant(images, tf.string))
    pixels = tensors.numpy().reshape(len(images), *sight.shape)
    return pixels, [error.decode() for error in errors.numpy()]


def handler(image: bytes, sight: Sight = THESIS) -> tuple[NDArray[np.float32], str]:
    """(side, side[, 3]) pixels and the error, as TorchServe's handler computes them."""
    try:
        return photo_tensor(image, sight), ""
    except ImageError as error:
        return np.zeros(sight.shape, np.float32), str(error)

"""One photo's bytes to its gray pixels, in a graph; an error of its decoder is an error of the graph."""

from collections.abc import Callable

import tensorflow as tf  # type: ignore[import-untyped]

from model_build.in_archive import contract
from model_build.in_archive.jpeg import STOP
from model_build.tf_serving import orientation
from model_build.tf_serving.numbers import big_endian, bytes_of, message

_SIDE = contract.IMAGE_SIDE
_GRAY = [_SIDE, _SIDE, 1]
_LARGE = 4_000_000
"""Pixels above which photos are decoded one at a time: sixteen at once would need gigabytes."""


def gray(image: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """(100, 100, 1) from 0 to 255, upright, and the error that a JPEG's header shows, else ""."""
    is_png = tf.strings.substr(image, 0, 1) == b"\x89"
    pixels, error = tf.cond(is_png, lambda: _png(image), lambda: _jpeg(image))
    return tf.ensure_shape(pixels, _GRAY), error


def _png(image: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    width, height = (big_endian(bytes_of(image, start, 4)) for start in (16, 20))
    pixels = width * height
    gray = _sparingly(pixels, lambda: _of_colours(tf.io.decode_png(image, channels=3)))
    return orientation.upright(gray, orientation.of_png(image)), tf.constant("")


def _of_colours(colours: tf.Tensor) -> tf.Tensor:
    resized = tf.image.resize(colours, [_SIDE, _SIDE])
    return tf.reduce_sum(resized * tf.constant(contract.LUMA), axis=-1, keepdims=True)


def _jpeg(image: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    stopped = tf.strings.join([image, STOP])
    shape = tf.cast(tf.io.extract_jpeg_shape(stopped), tf.int64)
    height, width = shape[0], shape[1]
    pixels = height * width
    too_many = message(contract.TOO_MANY_PIXELS, tf.as_string(pixels))
    error = tf.where(shape[2] == 4, contract.CMYK, tf.where(pixels > contract.MAX_PIXELS, too_many, ""))

    def decoded() -> tf.Tensor:
        gray = _sparingly(pixels, lambda: _luma(stopped, tf.minimum(height, width)))
        return orientation.upright(gray, orientation.of_jpeg(image))

    return tf.cond(error == "", decoded, lambda: tf.zeros(_GRAY)), error


def _luma(image: tf.Tensor, shorter: tf.Tensor) -> tf.Tensor:
    """Decoded at the scale that `contract.ratio` tells; the operation wants it fixed, hence one for each."""

    def at(ratio: int) -> Callable[[], tf.Tensor]:
        return lambda: tf.io.decode_jpeg(image, channels=1, ratio=ratio, dct_method="INTEGER_ACCURATE")

    fitting = [(shorter >= ratio * _SIDE, at(ratio)) for ratio in contract.RATIOS]
    return tf.image.resize(tf.case(fitting, default=at(1)), [_SIDE, _SIDE])


def _sparingly(pixels: tf.Tensor, decode: Callable[[], tf.Tensor]) -> tf.Tensor:
    return tf.cond(pixels > _LARGE, lambda: _alone(decode), decode)


def _alone(decode: Callable[[], tf.Tensor]) -> tf.Tensor:
    """While nothing else in the process does the same; an error frees the lock too."""
    mutex = tf.raw_ops.MutexV2(shared_name="large_photos")
    lock = tf.raw_ops.MutexLock(mutex=mutex)
    with tf.control_dependencies([lock]):
        pixels = decode()
    with tf.control_dependencies([pixels]):
        freed = tf.raw_ops.ConsumeMutexLock(mutex_lock=lock)
    with tf.control_dependencies([freed]):
        return tf.identity(pixels)

"""One photo's bytes to its pixels, in a graph; an error of its decoder is an error of the graph."""

from collections.abc import Callable

import tensorflow as tf  # type: ignore[import-untyped]

from model_build.in_archive import contract
from model_build.in_archive.jpeg import STOP
from model_build.tf_serving import orientation
from model_build.tf_serving.numbers import big_endian, bytes_of, message

_LARGE = 4_000_000
"""Pixels above which photos are decoded one at a time: sixteen at once would need gigabytes."""


def shape(sight: contract.Sight) -> list[int]:
    """Of one photo's pixels in a graph, whatever their colours."""
    return [sight.side, sight.side, sight.channels]


def pixels(image: tf.Tensor, sight: contract.Sight) -> tuple[tf.Tensor, tf.Tensor]:
    """(side, side, channels) from 0 to 255, upright, and the error that a JPEG's header shows, else ""."""
    is_png = tf.strings.substr(image, 0, 1) == b"\x89"
    found, error = tf.cond(is_png, lambda: _png(image, sight), lambda: _jpeg(image, sight))
    return tf.ensure_shape(found, shape(sight)), error


def _png(image: tf.Tensor, sight: contract.Sight) -> tuple[tf.Tensor, tf.Tensor]:
    width, height = (big_endian(bytes_of(image, start, 4)) for start in (16, 20))
    found = _sparingly(width * height, lambda: _of_colours(tf.io.decode_png(image, channels=3), sight))
    return orientation.upright(found, orientation.of_png(image)), tf.constant("")


def _of_colours(colours: tf.Tensor, sight: contract.Sight) -> tf.Tensor:
    resized = tf.image.resize(colours, [sight.side] * 2)
    if sight.channels == 3:
        return resized
    return tf.reduce_sum(resized * tf.constant(contract.LUMA), axis=-1, keepdims=True)


def _jpeg(image: tf.Tensor, sight: contract.Sight) -> tuple[tf.Tensor, tf.Tensor]:
    stopped = tf.strings.join([image, STOP])
    size = tf.cast(tf.io.extract_jpeg_shape(stopped), tf.int64)
    height, width = size[0], size[1]
    count = height * width
    too_many = message(contract.TOO_MANY_PIXELS, tf.as_string(count))
    error = tf.where(size[2] == 4, contract.CMYK, tf.where(count > contract.MAX_PIXELS, too_many, ""))

    def decoded() -> tf.Tensor:
        found = _sparingly(count, lambda: _scaled(stopped, tf.minimum(height, width), sight))
        return orientation.upright(found, orientation.of_jpeg(image))

    return tf.cond(error == "", decoded, lambda: tf.zeros(shape(sight))), error


def _scaled(image: tf.Tensor, shorter: tf.Tensor, sight: contract.Sight) -> tf.Tensor:
    """Decoded at the scale that `contract.ratio` tells; the operation wants it fixed, hence one for each."""

    def at(ratio: int) -> Callable[[], tf.Tensor]:
        return lambda: tf.io.decode_jpeg(
            image, channels=sight.channels, ratio=ratio, dct_method="INTEGER_ACCURATE"
        )

    fitting = [(shorter >= ratio * sight.side, at(ratio)) for ratio in contract.RATIOS]
    return tf.image.resize(tf.case(fitting, default=at(1)), [sight.side] * 2)


def _sparingly(count: tf.Tensor, decode: Callable[[], tf.Tensor]) -> tf.Tensor:
    return tf.cond(count > _LARGE, lambda: _alone(decode), decode)


def _alone(decode: Callable[[], tf.Tensor]) -> tf.Tensor:
    """While nothing else in the process does the same; an error frees the lock too."""
    mutex = tf.raw_ops.MutexV2(shared_name="large_photos")
    lock = tf.raw_ops.MutexLock(mutex=mutex)
    with tf.control_dependencies([lock]):
        found = decode()
    with tf.control_dependencies([found]):
        freed = tf.raw_ops.ConsumeMutexLock(mutex_lock=lock)
    with tf.control_dependencies([freed]):
        return tf.identity(found)

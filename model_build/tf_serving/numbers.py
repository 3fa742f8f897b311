"""Bytes, numbers and messages in tensors: vectors of unsigned bytes as int64."""

import tensorflow as tf  # type: ignore[import-untyped]


def starts_with(heads: tf.Tensor, prefix: bytes) -> tf.Tensor:
    """(N, bytes) to (N,): whether each head begins so."""
    return tf.reduce_all(heads[:, : len(prefix)] == tf.constant(list(prefix), tf.int64), axis=1)


def big_endian(digits: tf.Tensor) -> tf.Tensor:
    """(..., bytes) to (...): the number that they write."""
    weights = [1 << 8 * place for place in reversed(range(digits.shape[-1]))]
    return tf.reduce_sum(digits * tf.constant(weights, tf.int64), axis=-1)


def bytes_of(text: tf.Tensor, start: tf.Tensor | int, count: int) -> tf.Tensor:
    """(count,) bytes of a string from `start` on, zero behind its end."""
    there = tf.strings.length(text)
    part = tf.strings.substr(text, tf.minimum(start, there), count)
    return tf.cast(tf.io.decode_raw(part, tf.uint8, fixed_length=count), tf.int64)


def message(pieces: tuple[str, str], value: tf.Tensor) -> tf.Tensor:
    """One of the contract's messages with a text put in, as `contract.text` does it."""
    return tf.strings.join([pieces[0], value, pieces[1]])

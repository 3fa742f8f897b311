"""`model_build.in_archive.kinds` as a graph: what came in a photo's place, in the same words."""

from collections.abc import Sequence

import tensorflow as tf  # type: ignore[import-untyped]

from model_build.in_archive.kinds import BINARY, BOM, HEAD, PLAIN, TEXT, UNKNOWN, Kind, message
from model_build.tf_serving.numbers import starts_with

_PRINTABLE = r"[\x20-\x7e\t\n\v\f\r]*[\x21-\x7e][\x20-\x7e\t\n\v\f\r]*"


def messages(images: tf.Tensor, wanted: tf.Tensor) -> tf.Tensor:
    """(N,) bytes to (N,) refusals; looked at only if any is `wanted`: most requests are photos."""
    return tf.cond(tf.reduce_any(wanted), lambda: _messages(images), lambda: tf.fill(tf.shape(images), ""))


def _messages(images: tf.Tensor) -> tf.Tensor:
    heads = tf.strings.substr(images, 0, HEAD)
    without_mark = tf.strings.substr(tf.strings.join([heads, " " * len(BOM)]), len(BOM), HEAD)
    texts = tf.where(starts_with(_bytes(heads), BOM), without_mark, heads)
    texts = tf.strings.lower(tf.strings.strip(texts))
    plain = tf.strings.regex_full_match(texts, _PRINTABLE)
    found = tf.where(plain, message(PLAIN), message(UNKNOWN))
    found = _first_of(TEXT, texts, found)
    return _first_of(BINARY, heads, found)


def _first_of(kinds: Sequence[Kind], heads: tf.Tensor, otherwise: tf.Tensor) -> tf.Tensor:
    found, codes, sizes = otherwise, _bytes(heads), tf.strings.length(heads)
    for kind in reversed(kinds):
        marks = [sizes >= max(at + len(mark) for at, mark in kind.marks)]
        marks += [starts_with(codes[:, at:], mark) for at, mark in kind.marks]
        found = tf.where(tf.reduce_all(marks, axis=0), message(kind), found)
    return found


def _bytes(heads: tf.Tensor) -> tf.Tensor:
    return tf.cast(tf.io.decode_raw(heads, tf.uint8, fixed_length=HEAD), tf.int64)

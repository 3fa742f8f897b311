"""`model_build.in_archive.orientation` as a graph: the same rules, entry by entry."""

import tensorflow as tf  # type: ignore[import-untyped]

from model_build.in_archive.orientation import (
    BIG,
    CHUNK,
    LITTLE,
    MARK,
    MOST_BYTES,
    MOST_SEGMENTS,
    TAG,
    TYPES,
    UPRIGHT,
)
from model_build.tf_serving.numbers import big_endian, bytes_of

_ENTRY = 12


def of_jpeg(image: tf.Tensor) -> tf.Tensor:
    """1 to 8 of one JPEG's bytes."""

    def going(_: tf.Tensor, position: tf.Tensor, start: tf.Tensor) -> tf.Tensor:
        return (position > 0) & (start == 0)

    def step(count: tf.Tensor, position: tf.Tensor, _: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        head = bytes_of(image, position, 4 + len(MARK))
        code, there = head[1], tf.strings.length(image) >= position + 4
        known = there & (head[0] == 0xFF) & (((code >= 0xE0) & (code <= 0xEF)) | (code == 0xFE))
        end = position + 2 + tf.cast(big_endian(head[2:4]), tf.int32)
        is_exif = known & (code == 0xE1) & tf.reduce_all(head[4:] == tf.constant(list(MARK), tf.int64))
        onward = tf.where(known & (count + 1 < MOST_SEGMENTS), end, 0)
        return count + 1, tf.where(is_exif, end, onward), tf.where(is_exif, position + 4 + len(MARK), 0)

    _, end, start = tf.while_loop(going, step, (0, 2, 0))
    return tf.cond(start > 0, lambda: _of_tiff(_part(image, start, end - start)), lambda: UPRIGHT)


def of_png(image: tf.Tensor) -> tf.Tensor:
    """1 to 8 of one PNG's bytes."""
    pieces = tf.strings.split(image, CHUNK, maxsplit=1)

    def found() -> tf.Tensor:
        before, behind = pieces[0], pieces[1]
        length = big_endian(bytes_of(before, tf.strings.length(before) - 4, 4))
        return _of_tiff(tf.strings.substr(behind, 0, tf.cast(tf.minimum(length, MOST_BYTES), tf.int32)))

    return tf.cond(tf.shape(pieces)[0] == 2, found, lambda: UPRIGHT)


def upright(pixels: tf.Tensor, orientation: tf.Tensor) -> tf.Tensor:
    """(side, side, channels) pixels turned as the photo is to be seen."""
    return tf.cond(orientation == UPRIGHT, lambda: pixels, lambda: _turned(pixels, orientation))


def _turned(pixels: tf.Tensor, orientation: tf.Tensor) -> tf.Tensor:
    def one_of(*values: int) -> tf.Tensor:
        return tf.reduce_any(orientation == tf.constant(values))

    turned = tf.where(orientation >= 5, tf.transpose(pixels, [1, 0, 2]), pixels)
    turned = tf.where(one_of(3, 4, 7, 8), turned[::-1], turned)
    return tf.where(one_of(2, 3, 6, 7), turned[:, ::-1], turned)


def _part(text: tf.Tensor, start: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
    return tf.strings.substr(text, tf.minimum(start, tf.strings.length(text)), tf.maximum(count, 0))


def _of_tiff(tiff: tf.Tensor) -> tf.Tensor:
    head = bytes_of(tiff, 0, 8)
    little = tf.reduce_all(head[:4] == tf.constant(list(LITTLE), tf.int64))
    big = tf.reduce_all(head[:4] == tf.constant(list(BIG), tf.int64))

    def number(digits: tf.Tensor) -> tf.Tensor:
        return tf.where(little, big_endian(digits[..., ::-1]), big_endian(digits))

    size = tf.cast(tf.strings.length(tiff), tf.int64)
    start = tf.minimum(number(head[4:8]) + 2, size + 2)
    claimed = number(bytes_of(tiff, tf.cast(start - 2, tf.int32), 2))
    count = tf.minimum(claimed, tf.maximum(size - start, 0) // _ENTRY)
    table = _part(tiff, tf.cast(start, tf.int32), tf.cast(count * _ENTRY, tf.int32))
    entries = tf.reshape(tf.cast(tf.io.decode_raw(table, tf.uint8), tf.int64), [-1, _ENTRY])
    kind = number(entries[:, 2:4])
    matching = (number(entries[:, 0:2]) == TAG) & ((kind == TYPES[0]) | (kind == TYPES[1]))
    values = tf.where(kind == TYPES[0], number(entries[:, 8:10]), number(entries[:, 8:12]))
    first = tf.concat([values[matching], [UPRIGHT]], axis=0)[0]
    usable = (little | big) & (first >= 1) & (first <= 8)
    return tf.where(usable, tf.cast(first, tf.int32), UPRIGHT)

"""`preprocess.photo_tensor` as a TensorFlow graph over a batch: same limits, same tensors, same error texts.

What the first bytes show (size, kind, pixels of a PNG) is checked for all rows at once. Decoding, the only
step that can fail on bytes that look right, runs in a `tf.data` pipeline that drops the rows whose decoding
fails: a broken image in the middle of a batch cannot fail its neighbours, which `tf.map_fn` cannot promise.
"""

import tensorflow as tf  # type: ignore[import-untyped]

from model_build.in_archive import contract
from model_build.in_archive.png import MOST_SIDE
from model_build.tf_serving import kinds, photo
from model_build.tf_serving.numbers import big_endian, message, starts_with

_HEADER = 24


def photo_tensors(images: tf.Tensor, sight: contract.Sight = contract.THESIS) -> tuple[tf.Tensor, tf.Tensor]:
    """(N,) raw bytes to (N, side, side, channels) pixels in [0, 1] and (N,) errors, else "".

    A refused row is zero.
    """
    kinds, errors = _inspect(images)
    rows = tf.where(errors == "")[:, 0]
    decoded, pixels, refusals = _decode_rows(rows, tf.gather(images, rows), sight)
    shape = tf.concat([tf.shape(images), photo.shape(sight)], axis=0)
    tensors = tf.scatter_nd(decoded[:, tf.newaxis], pixels, tf.cast(shape, tf.int64))
    broken = message(contract.BROKEN, kinds)
    errors = tf.where(errors == "", broken, errors)
    return tensors, tf.tensor_scatter_nd_update(errors, decoded[:, tf.newaxis], refusals)


def decode_web_safe(texts: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """(N,) web-safe base64, padded or not, to (N,) bytes and (N,) errors, "" where fine."""
    valid = tf.strings.regex_full_match(texts, r"([\w-]{4})*([\w-]{2}(==)?|[\w-]{3}=?)?")
    data = tf.io.decode_base64(tf.where(valid, texts, ""))
    return data, tf.where(valid, "", contract.BAD_WEB_SAFE_BASE64)


def _inspect(images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """JPEG or PNG for each row, and the error that its first bytes and size already show."""
    header = tf.cast(tf.io.decode_raw(images, tf.uint8, fixed_length=_HEADER), tf.int64)
    size = tf.strings.length(images)
    is_png = starts_with(header, contract.SIGNATURES[contract.PNG])
    is_jpeg = starts_with(header, contract.SIGNATURES[contract.JPEG])
    width, height = big_endian(header[:, 16:20]), big_endian(header[:, 20:24])
    pixels = width * height
    found = tf.where(is_png, contract.PNG, contract.JPEG)
    impossible = tf.maximum(width, height) > MOST_SIDE
    headless = is_png & ((size < _HEADER) | ~starts_with(header[:, 12:], b"IHDR") | impossible)
    checks = (
        (size == 0, tf.constant(contract.EMPTY)),
        (size > contract.MAX_BYTES, message(contract.TOO_LARGE, tf.as_string(size))),
        (~is_png & ~is_jpeg, kinds.messages(images, ~is_png & ~is_jpeg)),
        (headless, message(contract.BROKEN, found)),
        (is_png & (pixels > contract.MAX_PIXELS), message(contract.TOO_MANY_PIXELS, tf.as_string(pixels))),
    )
    errors = tf.fill(tf.shape(images), "")
    for failed, told in reversed(checks):
        errors = tf.where(failed, told, errors)
    return found, errors


def _decode_rows(
    rows: tf.Tensor, images: tf.Tensor, sight: contract.Sight
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Rows that could be decoded: their numbers, pixels, and the errors that their headers show."""

    def numbered(number: tf.Tensor, image: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        return number, *photo.pixels(image, sight)

    count = tf.shape(rows, out_type=tf.int64)[0]
    dataset = tf.data.Dataset.from_tensor_slices((rows, images)).map(numbered).ignore_errors()
    # One row of padding: a batch in which every row is broken would otherwise have no element at all.
    padding = tf.data.Dataset.from_tensors((tf.constant(0, tf.int64), tf.zeros(photo.shape(sight)), ""))
    numbers, pixels, errors = (
        padding.concatenate(dataset).batch(count + 1).with_options(_options()).get_single_element()
    )
    return numbers[1:], pixels[1:] / 255.0, errors[1:]


def _options() -> tf.data.Options:
    options = tf.data.Options()
    options.autotune.enabled = False
    options.experimental_optimization.apply_default_optimizations = False
    return options

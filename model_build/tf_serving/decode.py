"""`preprocess.photo_tensor` as a TensorFlow graph over a batch: same limits, same tensors, same error texts.

What the header shows (size, kind, pixels of a PNG) is checked for all rows at once. Decoding, the only step
that can fail on bytes that look right, runs in a `tf.data` pipeline that drops the rows whose decoding fails:
a broken image in the middle of a batch cannot fail its neighbours, which `tf.map_fn` cannot promise.
"""

import tensorflow as tf  # type: ignore[import-untyped]

from model_build.in_archive import contract

_SIDE = contract.IMAGE_SIDE
_GRAY = [_SIDE, _SIDE, 1]
_HEADER = 24


def photo_tensors(images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """(N,) raw bytes to (N, 100, 100, 1) pixels in [0, 1], zero where refused, and (N,) errors, else ""."""
    kinds, errors = _inspect(images)
    rows = tf.where(errors == "")[:, 0]
    decoded, pixels, refusals = _decode_rows(rows, tf.gather(images, rows))
    shape = tf.concat([tf.shape(images), _GRAY], axis=0)
    tensors = tf.scatter_nd(decoded[:, tf.newaxis], pixels, tf.cast(shape, tf.int64))
    broken = _join(contract.BROKEN, kinds)
    errors = tf.where(errors == "", broken, errors)
    return tensors, tf.tensor_scatter_nd_update(errors, decoded[:, tf.newaxis], refusals)


def decode_web_safe(texts: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """(N,) web-safe base64, padded or not, to (N,) bytes and (N,) errors, "" where fine."""
    valid = tf.strings.regex_full_match(texts, r"([\w-]{4})*([\w-]{2}(==)?|[\w-]{3}=?)?")
    data = tf.io.decode_base64(tf.where(valid, texts, ""))
    return data, tf.where(valid, "", contract.BAD_WEB_SAFE_BASE64)


def _inspect(images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Kind of each row, and the error that its first bytes and size already show."""
    header = tf.cast(tf.io.decode_raw(images, tf.uint8, fixed_length=_HEADER), tf.int64)
    size = tf.strings.length(images)
    kinds = _kinds(header)
    width, height = _big_endian(header[:, 16:20]), _big_endian(header[:, 20:24])
    is_png = kinds == contract.PNG
    headless = is_png & ((size < _HEADER) | ~_starts_with(header[:, 12:], b"IHDR"))
    checks = (
        (size == 0, tf.constant(contract.EMPTY)),
        (size > contract.MAX_BYTES, _join(contract.TOO_LARGE, tf.as_string(size))),
        (~is_png & (kinds != contract.JPEG), _join(contract.NOT_AN_IMAGE, kinds)),
        (headless, _join(contract.BROKEN, kinds)),
        (is_png & _too_many(width, height), _too_many_text(width, height)),
    )
    errors = tf.fill(tf.shape(images), "")
    for failed, message in reversed(checks):
        errors = tf.where(failed, message, errors)
    return kinds, errors


def _kinds(header: tf.Tensor) -> tf.Tensor:
    kinds = tf.fill(tf.shape(header)[:1], contract.UNKNOWN)
    for kind, signature in reversed(contract.SIGNATURES):
        kinds = tf.where(_starts_with(header, signature), kind, kinds)
    return kinds


def _starts_with(header: tf.Tensor, prefix: bytes) -> tf.Tensor:
    wanted = tf.constant(list(prefix), tf.int64)
    return tf.reduce_all(header[:, : len(prefix)] == wanted, axis=1)


def _big_endian(four: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(four * tf.constant([1 << 24, 1 << 16, 1 << 8, 1], tf.int64), axis=1)


def _too_many(width: tf.Tensor, height: tf.Tensor) -> tf.Tensor:
    return width * height > contract.MAX_PIXELS


def _too_many_text(width: tf.Tensor, height: tf.Tensor) -> tf.Tensor:
    return _join(contract.TOO_MANY_PIXELS, tf.as_string(width * height))


def _join(pieces: tuple[str, str], value: tf.Tensor) -> tf.Tensor:
    return tf.strings.join([pieces[0], value, pieces[1]])


def _decode_rows(rows: tf.Tensor, images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Rows that could be decoded: their numbers, pixels, and the errors that their headers show."""
    count = tf.shape(rows, out_type=tf.int64)[0]
    dataset = tf.data.Dataset.from_tensor_slices((rows, images)).map(_decode_row).ignore_errors()
    # One row of padding: a batch in which every row is broken would otherwise have no element at all.
    padding = tf.data.Dataset.from_tensors((tf.constant(0, tf.int64), tf.zeros(_GRAY), ""))
    numbers, pixels, errors = (
        padding.concatenate(dataset).batch(count + 1).with_options(_options()).get_single_element()
    )
    return numbers[1:], pixels[1:] / 255.0, errors[1:]


def _options() -> tf.data.Options:
    options = tf.data.Options()
    options.autotune.enabled = False
    options.experimental_optimization.apply_default_optimizations = False
    return options


def _decode_row(number: tf.Tensor, image: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    is_png = tf.strings.substr(image, 0, 1) == b"\x89"
    pixels, error = tf.cond(is_png, lambda: _png(image), lambda: _jpeg(image))
    return number, tf.ensure_shape(pixels, _GRAY), error


def _png(image: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    colours = tf.image.resize(tf.io.decode_png(image, channels=3), [_SIDE, _SIDE])
    return tf.reduce_sum(colours * tf.constant(contract.LUMA), axis=-1, keepdims=True), tf.constant("")


def _jpeg(image: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    shape = tf.cast(tf.io.extract_jpeg_shape(image), tf.int64)
    height, width = shape[0], shape[1]
    too_many = tf.where(_too_many(width, height), _too_many_text(width, height), "")
    error = tf.where(shape[2] == 4, contract.CMYK, too_many)
    return tf.cond(error == "", lambda: _luma(image), lambda: tf.zeros(_GRAY)), error


def _luma(image: tf.Tensor) -> tf.Tensor:
    gray = tf.io.decode_jpeg(image, channels=1, dct_method="INTEGER_ACCURATE")
    return tf.image.resize(gray, [_SIDE, _SIDE])

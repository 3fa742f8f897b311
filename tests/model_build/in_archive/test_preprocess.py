"""One preprocessing contract: the Python of TorchServe against the graph of TensorFlow Serving."""

import numpy as np
import pytest
import tensorflow as tf  # type: ignore[import-untyped]

from model_build.in_archive import resize
from model_build.in_archive.preprocess import ImageError, photo_tensor
from tests.model_build import example_photos as photos
from tests.model_build.graph import SMALL_COLOURS, graph, handler
from tests.model_build.refused import refused

TOLERANCE = 0.001 / 255
"""Documented tolerance of a pixel: both decode with libjpeg-turbo; only floating-point rounding is left."""


@pytest.mark.parametrize("name", photos.accepted())
def test_both_servers_see_the_same_tensor(name: str) -> None:
    data = photos.accepted()[name]
    tensors, errors = graph([data])
    assert errors == [""], "the graph accepts what the handler accepts"
    np.testing.assert_allclose(tensors[0], photo_tensor(data), atol=TOLERANCE, rtol=0)


@pytest.mark.parametrize("name", refused())
def test_both_servers_refuse_a_bad_image_with_the_same_words(name: str) -> None:
    data, words = refused()[name]
    assert graph([data])[1] == [words]
    with pytest.raises(ImageError) as caught:
        photo_tensor(data)
    assert str(caught.value) == words


def test_both_servers_see_the_same_colours() -> None:
    accepted = list(photos.accepted().values())
    tensors, errors = graph(accepted, SMALL_COLOURS)
    assert set(errors) == {""}
    for seen, data in zip(tensors, accepted, strict=True):
        assert seen.shape == (48, 48, 3)
        np.testing.assert_allclose(seen, photo_tensor(data, SMALL_COLOURS), atol=TOLERANCE, rtol=0)
    assert np.ptp(tensors, axis=-1).max() > 0.1, "some of them are not gray"


def test_both_servers_refuse_the_same_images_whatever_they_see_of_others() -> None:
    files, words = zip(*refused().values(), strict=True)
    assert graph(list(files), SMALL_COLOURS)[1] == list(words)
    assert [handler(data, SMALL_COLOURS)[1] for data in files] == list(words)


def test_a_broken_image_does_not_harm_its_neighbours() -> None:
    good = photo_tensor(photos.jpeg())
    broken = [data for data, _ in refused().values()]
    batch = [photos.jpeg(), *broken, photos.jpeg()]
    tensors, errors = graph(batch)
    assert [bool(error) for error in errors] == [False, *[True] * len(broken), False]
    np.testing.assert_allclose(tensors[[0, -1]], [good, good], atol=TOLERANCE)
    assert not tensors[1:-1].any(), "a refused row is blank, never another row's pixels"


def test_a_batch_of_nothing_but_broken_images_is_answered() -> None:
    _, errors = graph([photos.jpeg()[:500], b""])
    assert errors == ["the JPEG image is truncated or corrupt", "the image is empty (0 bytes)"]


def test_a_transparent_pixel_keeps_its_colour() -> None:
    """Alpha is dropped, not blended."""
    names = photos.accepted()
    np.testing.assert_allclose(
        photo_tensor(names["png-rgba"]), photo_tensor(names["png-rgb"]), atol=TOLERANCE
    )


def test_sixteen_bits_are_cut_to_their_high_byte() -> None:
    data = photos.png_file(1, 1, 16, 0, b"\x7f\xff")
    assert photo_tensor(data)[0, 0] == pytest.approx(0x7F / 255, abs=TOLERANCE)


def test_resizing_is_the_bilinear_formula_of_tensorflow() -> None:
    pixels = photos.scene(137, 251)
    down = resize.axis(137, 100)
    ours, theirs = resize.bilinear(pixels[down.both()], down), tf.image.resize(pixels, [100, 100]).numpy()
    np.testing.assert_allclose(ours, theirs, atol=0.001)

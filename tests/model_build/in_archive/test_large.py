"""Photos as phones make them: answered alike, and decoded one at a time where that takes much memory."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from tests.model_build import example_photos as photos
from tests.model_build.graph import graph, handler


def large(file_format: str, mode: str = "RGB", **options: object) -> bytes:
    """Above four megapixels, and above what is decompressed only once."""
    scene = Image.fromarray(photos.scene(200, 260)).resize((2600, 2000))
    return photos.saved(scene.convert(mode), file_format, **options)


@pytest.mark.parametrize(
    ("file_format", "mode", "options"),
    [
        ("JPEG", "RGB", {"quality": 90}),
        ("JPEG", "RGB", {"progressive": True, "subsampling": 0}),
        ("JPEG", "L", {}),
        ("PNG", "RGB", {}),
        ("PNG", "RGBA", {}),
        ("PNG", "L", {}),
        ("PNG", "P", {}),
    ],
)
def test_both_servers_see_the_same_large_photo(
    file_format: str, mode: str, options: dict[str, object]
) -> None:
    data = large(file_format, mode, **options)
    pixels, errors = graph([data])
    expected, refusal = handler(data)
    assert (errors, refusal) == ([""], "")
    np.testing.assert_allclose(pixels[0], expected, atol=1e-5)


def test_a_large_photo_looks_like_its_small_copy() -> None:
    small = photos.saved(Image.fromarray(photos.scene(200, 260)), "PNG")
    assert np.abs(handler(large("JPEG"))[0] - handler(small)[0]).mean() < 0.02


def test_large_photos_wait_for_each_other_and_a_broken_one_for_nobody() -> None:
    good, broken = large("PNG"), large("PNG")[:-9000]
    batches = [[good, broken], [broken], [good], [broken, good], [good]]
    with ThreadPoolExecutor(len(batches)) as pool:
        verdicts = [[not error for error in errors] for _, errors in pool.map(graph, batches)]
    assert verdicts == [[photo is good for photo in batch] for batch in batches]


def test_a_photo_of_exactly_the_limit_is_taken_and_one_line_more_is_not() -> None:
    most, more = (photos.png_file(10_000, height, 1, 0, bytes(1250 * height)) for height in (5000, 5001))
    assert graph([most, more])[1] == [handler(most)[1], handler(more)[1]]
    assert handler(most)[1] == ""
    assert handler(more)[1] == "the image has 50010000 pixels; the limit is 50000000"

"""Text that is base64, base64 with a fault, or none."""

import pytest

from model_build.in_archive import request_texts as texts
from tests.model_build import example_photos as photos
from tests.model_build.in_archive.spellings import BODIES, FORMS, plain, refusal

PHOTO = photos.jpeg()
TEXT = plain(PHOTO)


@pytest.mark.parametrize("spaces", range(1, 9))
def test_a_plus_that_became_a_space_at_the_end_changes_none(spaces: int) -> None:
    photo = PHOTO[: len(PHOTO) // 3 * 3] + b"\xfb\xef\xbe\xfb\xef\xbe"
    text = plain(photo)
    assert text.endswith("+" * 8)
    assert refusal(FORMS["a form's field"](text[:-spaces] + " " * spaces)) == texts.SPACES
    assert refusal(BODIES["JSON"](text[:-spaces] + " " * spaces)) == texts.SPACES


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (TEXT[:100] + "*" + TEXT[100:], texts.odd_character("*", 101)),
        (TEXT[:100] + "\n=" + TEXT[100:], texts.odd_character("=", 102)),
        (f"data:image/jpeg;base64,{TEXT[:100]}é", texts.odd_character("é", 124)),
        (f"{TEXT[:100]}\\n{TEXT[100:]}", texts.odd_character("\\", 101)),
        (f"{TEXT}=={TEXT}", texts.odd_character("=", TEXT.index("=") + 1 if "=" in TEXT else len(TEXT) + 1)),
        (TEXT.rstrip("=")[: len(TEXT) // 4 * 4 - 3], texts.cut_base64(len(TEXT) // 4 * 4 - 3)),
        (TEXT[:100] + " " + TEXT[100:], texts.SPACES),
        ("data:image/svg+xml,%3Csvg/%3E", texts.NO_BASE64_ADDRESS),
        ("*", "expected the base64 of a JPEG or PNG, got '*'; send the photo's content"),
        ("photo.jpg", texts.not_base64("photo.jpg")),
        ("https://example.com/photo.jpg", texts.not_base64("https://example.com/photo.jpg")),
        (f"b'{TEXT}'", texts.not_base64(f"b'{TEXT}'")),
        ("hello, world", texts.not_base64("hello, world")),
        ("\ud800", texts.not_base64("\ufffd" * 3)),
    ],
)
def test_text_that_is_no_base64_is_told_from_base64_with_a_fault(data: str, sentence: str) -> None:
    assert refusal({"body": {"data": data}}) == sentence

"""What is said before a training begins."""

from pathlib import Path

import numpy as np
import pytest

from model_build.photos import summary
from model_build.photos.batches import Photos
from model_build.photos.dataset import Found, LeftOut, Photo, label_numbers
from model_build.photos.faces import EMOTIONS
from model_build.photos.split import split

FOLDER = Path("/faces")


def said(counts: dict[str, int], *left_out: LeftOut) -> list[str]:
    return told(dict.fromkeys(EMOTIONS, 20) | counts, *left_out)


def told(counts: dict[str, int], *left_out: LeftOut) -> list[str]:
    names = [(label, number) for label, count in counts.items() for number in range(count)]
    photos = tuple(Photo(FOLDER / label / str(number), "", label) for label, number in names)
    found = Found(FOLDER, tuple(counts), photos, left_out)
    labels = label_numbers(found)
    return list(summary.lines(found, Photos(np.empty(0, np.float32), labels, *split(labels))))


def test_photos_are_counted_by_class_and_part_of_the_split() -> None:
    assert said({"happy": 30}) == [
        "110 photos, 66 to train and 44 to test:",
        "  sad          20  (12 to train, 8 to test)",
        "  scared       20  (12 to train, 8 to test)",
        "  neutral      20  (12 to train, 8 to test)",
        "  happy        30  (18 to train, 12 to test)",
        "  angry        20  (12 to train, 8 to test)",
    ]


def test_what_is_left_out_is_counted_by_reason_the_commonest_first() -> None:
    large = [LeftOut(FOLDER / "sad" / f"{n}.jpg", f"{2000000 + n} bytes (at most 1048576)") for n in range(5)]
    odd = LeftOut(FOLDER / "sad" / "a\n\udcff.jpg", "a named pipe")
    assert said({}, odd, *large)[6:] == [
        "left out, 6 in all:",
        "       5  2000000 bytes (at most 1048576): sad/0.jpg, sad/1.jpg, sad/2.jpg and 2 more",
        "       1  a named pipe: sad/a\\n\\xff.jpg",
    ]


def test_however_many_reasons_there_are_they_fit_on_a_screen() -> None:
    every = [LeftOut(FOLDER / str(n), f"reason {'x' * n}") for n in range(40)]
    assert len(said({}, *every)) < 24
    assert said({}, *every)[-1] == "      28  for 28 other reasons"


def test_a_class_that_outweighs_the_others_is_told_with_what_to_judge_by() -> None:
    (warning,) = said({"happy": 400})[6:]
    assert warning.startswith("warning: 83% of the photos are happy: ")
    assert "judge by recall" in warning
    assert len(said({"happy": 50})) == 6, "a third is no such class"


def test_of_many_classes_those_with_the_fewest_and_the_most_photos_are_told() -> None:
    lines = told({f"class {number}": 10 + number for number in range(300)})
    assert len(lines) == 22
    assert [lines[1].split()[:3], lines[-1].split()[:3]] == [["class", "0", "10"], ["class", "299", "309"]]
    assert lines[11] == "  ... 280 classes between"


@pytest.mark.parametrize(("larger", "warned"), [(70, False), (80, True)])
def test_of_two_classes_one_may_have_more_than_half(larger: int, warned: bool) -> None:
    lines = told({"cats": larger, "dogs": 100 - larger})
    assert any(line.startswith(f"warning: {larger}% of the photos are cats") for line in lines) == warned

"""int8 may stand for f32 only where it answers nearly alike."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model_build.triton.precisions import Judged, doubt, judge

F32 = Judged("f32", 0.8, 1.0)


@pytest.mark.parametrize(
    ("int8", "reason"),
    [
        (Judged("int8", 0.8, 1.0), ""),
        (Judged("int8", 0.796, 0.99), ""),
        (Judged("int8", 0.81, 0.98), "expected f32's label for 99% of the test split, got 98.0%"),
        (Judged("int8", 0.79, 0.995), "expected at most 0.5% less accuracy than f32's 80.0%, got 79.0%"),
    ],
)
def test_a_precision_that_answers_otherwise_is_doubted(int8: Judged, reason: str) -> None:
    assert doubt(int8, F32) == reason


def test_accuracy_and_agreement_are_shares_of_the_photos() -> None:
    labels = np.array([0, 1, 1, 0])
    found = judge("int8", _certain(0, 1, 0, 0), _certain(0, 1, 0, 1), labels)
    assert found == Judged("int8", test_accuracy=0.75, agreement=0.75)


def _certain(*classes: int) -> NDArray[np.float32]:
    return np.eye(2, dtype=np.float32)[list(classes)]

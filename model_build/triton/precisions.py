"""The network's precisions: how each answers the test split, and whether int8 may stand for f32."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_build.judge import outcome

F32, INT8 = "f32", "int8"
LEAST_AGREEMENT = 0.99
MOST_LOSS = 0.005
"""Shares of the test split: of photos that must get f32's label, of right answers that may be lost."""
FILE = "triton-precisions.json"


@dataclass(frozen=True)
class Judged:
    """Shares of the test split: answered right, and answered with f32's label."""

    precision: str
    test_accuracy: float
    agreement: float

    @property
    def file(self) -> str:
        """The network's file in the model repository's version folder."""
        return f"{self.precision}.onnx"


def judge(
    precision: str, answers: NDArray[np.float32], reference: NDArray[np.float32], labels: NDArray[np.int64]
) -> Judged:
    """Probabilities for the test split, against those of f32 and the true labels."""
    same = float(np.mean(answers.argmax(axis=1) == reference.argmax(axis=1)))
    return Judged(precision, outcome.accuracy(answers, labels), same)


def doubt(int8: Judged, f32: Judged) -> str:
    """Why int8 may not stand for f32; empty when it may."""
    if int8.agreement < LEAST_AGREEMENT:
        return f"expected f32's label for {LEAST_AGREEMENT:.0%} of the test split, got {int8.agreement:.1%}"
    if f32.test_accuracy - int8.test_accuracy > MOST_LOSS:
        return (
            f"expected at most {MOST_LOSS:.1%} less accuracy than f32's {f32.test_accuracy:.1%}, "
            f"got {int8.test_accuracy:.1%}"
        )
    return ""


def save(folder: Path, judged: tuple[Judged, ...]) -> None:
    """Hand them to the pipeline."""
    (folder / FILE).write_text(json.dumps([asdict(each) for each in judged]))


def load(folder: Path) -> tuple[Judged, ...]:
    """What `save` wrote."""
    return tuple(Judged(**fields) for fields in json.loads((folder / FILE).read_text()))

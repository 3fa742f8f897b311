"""A real face photo, scikit-image's astronaut, is answered by both exports alike."""

import base64
import json
from pathlib import Path

import numpy as np
import pytest
import skimage
import tensorflow as tf  # type: ignore[import-untyped]

from model_build.in_archive.contract import CLASSES
from model_build.torchserve import proof
from tests.model_build.conftest import Built

ASTRONAUT = Path(skimage.__file__).parent / "data" / "astronaut.png"


def test_the_astronaut_gets_five_probabilities_from_each_export(built: Built, tmp_path: Path) -> None:
    photo = ASTRONAUT.read_bytes()
    served = tf.saved_model.load(str(built.saved_model)).signatures["serving_default"]
    tensorflow = served(images=tf.constant([photo]))
    assert tensorflow["error"].numpy().tolist() == [b""]
    (tmp_path / "question").write_text(json.dumps([base64.b64encode(photo).decode()]))
    proof.ask_archive(built.archive, tmp_path / "question", tmp_path / "answer")
    (torchserve,), statuses = json.loads((tmp_path / "answer").read_text())
    assert statuses == [200]
    for answer in ({name: float(tensorflow[name].numpy()[0]) for name in CLASSES}, torchserve):
        values = [answer[name] for name in CLASSES]
        assert sum(values) == pytest.approx(1, abs=1e-5)
        assert np.std(values) > 0

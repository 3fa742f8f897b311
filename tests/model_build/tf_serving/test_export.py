"""The SavedModel, loaded as a server loads it."""

import base64
from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf  # type: ignore[import-untyped]
from numpy.typing import NDArray
from tensorflow_serving.apis import prediction_log_pb2  # type: ignore[import-untyped]

from model_build.in_archive.contract import BAD_WEB_SAFE_BASE64
from tests.model_build import example_photos as photos
from tests.model_build.conftest import CLASSES, Built
from tests.model_build.refused import refused

pytestmark = pytest.mark.slow

OUTPUTS = {*CLASSES, "label", "error"}
Signature = Callable[[list[bytes]], dict[str, NDArray[np.generic]]]


@pytest.fixture(scope="module")
def model(built: Built) -> object:
    return tf.saved_model.load(str(built.saved_model))


def signature(model: object, name: str = "serving_default") -> Signature:
    function = model.signatures[name]  # type: ignore[attr-defined]

    def call(images: list[bytes]) -> dict[str, NDArray[np.generic]]:
        return {key: value.numpy() for key, value in function(images=tf.constant(images, tf.string)).items()}

    return call


def test_every_output_keeps_the_batch_dimension(model: object) -> None:
    """The server can only split a batch again when dimension 0 of every output is the rows."""
    function = model.signatures["serving_default"]  # type: ignore[attr-defined]
    assert function.structured_input_signature[1]["images"].shape.as_list() == [None]
    assert {name: spec.shape.as_list() for name, spec in function.structured_outputs.items()} == {
        name: [None] for name in OUTPUTS
    }


def test_probabilities_sum_to_one_and_the_label_is_the_likeliest(model: object) -> None:
    answer = signature(model)([photos.jpeg(), photos.png(), photos.ASTRONAUT.read_bytes()])
    table = np.stack([answer[name] for name in CLASSES], axis=1).astype(np.float64)
    np.testing.assert_allclose(table.sum(axis=1), 1, atol=1e-5)
    assert (table.std(axis=1) > 0).all()
    assert [label.decode() for label in answer["label"]] == [CLASSES[row] for row in table.argmax(axis=1)]
    assert answer["error"].tolist() == [b"", b"", b""]


def test_a_broken_image_gets_its_own_error_and_its_neighbour_its_answer(model: object) -> None:
    serve = signature(model)
    alone = serve([photos.jpeg()])
    for name, (data, words) in refused().items():
        both = serve([data, photos.jpeg()])
        assert both["error"].tolist() == [words.encode(), b""], name
        assert both["label"].tolist() == [b"", alone["label"][0]], name
        assert [float(both[label][0]) for label in CLASSES] == [0.0] * 5, name
        np.testing.assert_allclose(
            [both[label][1] for label in CLASSES], [alone[label][0] for label in CLASSES], atol=1e-5
        )


def test_web_safe_text_answers_as_raw_bytes_do(model: object) -> None:
    data = photos.jpeg()
    raw = signature(model)([data])
    text = signature(model, "web_safe_text")([base64.urlsafe_b64encode(data), b"not/base64!"])
    assert text["label"].tolist() == [raw["label"][0], b""]
    assert text["error"].tolist() == [b"", BAD_WEB_SAFE_BASE64.encode()]


def test_the_warm_up_file_holds_requests_that_the_model_answers(built: Built, model: object) -> None:
    file = built.saved_model / "assets.extra" / "tf_serving_warmup_requests"
    records = [
        prediction_log_pb2.PredictionLog.FromString(record.numpy())
        for record in tf.data.TFRecordDataset(str(file))
    ]
    sizes = []
    for record in records:
        request = record.predict_log.request
        assert (request.model_spec.name, request.model_spec.signature_name) == ("emotions", "serving_default")
        images = tf.make_ndarray(request.inputs["images"]).tolist()
        assert set(signature(model)(images)["error"].tolist()) == {b""}
        sizes.append(len(images))
    assert sizes == [1, 1, 1, 1]

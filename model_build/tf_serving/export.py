"""SavedModel `emotions/1/` with two signatures that batch, and its warm-up requests."""

from collections.abc import Callable
from pathlib import Path

import keras  # type: ignore[import-untyped]
import tensorflow as tf  # type: ignore[import-untyped]
from tensorflow.core.protobuf import fingerprint_pb2  # type: ignore[import-untyped]
from tensorflow_serving.apis import (  # type: ignore[import-untyped]
    model_pb2,
    predict_pb2,
    prediction_log_pb2,
)

from model_build.in_archive.contract import MODEL_NAME, MODEL_VERSION
from model_build.in_archive.signature import Signature
from model_build.tf_serving import decode

Serving = Callable[[tf.Tensor], dict[str, tf.Tensor]]
WARM_UP_REQUESTS = 4  # of one photo each: a larger request than maxBatchSize would fail the load


def export(model: keras.Model, signature: Signature, folder: Path, photos: Path) -> None:
    """Write `folder`/emotions/1/; the warm-up records hold real photos from the folder `photos`."""
    path = folder / MODEL_NAME / str(MODEL_VERSION)
    spec = [tf.TensorSpec([None], tf.string, name="images")]
    archive = keras.export.ExportArchive()
    for name, function in (("serve", _raw_bytes), ("web_safe_text", _web_safe_text)):
        endpoint = archive.add_endpoint(name, function(model, signature), input_signature=spec)
        _order_variables(endpoint.get_concrete_function().graph)
    archive.write_out(str(path), verbose=False)
    _forget_random_id(path / "fingerprint.pb")
    _write_warm_up(path / "assets.extra" / "tf_serving_warmup_requests", sorted(photos.iterdir()))


def _raw_bytes(model: keras.Model, signature: Signature) -> Serving:
    def serve(images: tf.Tensor) -> dict[str, tf.Tensor]:
        tensors, errors = decode.photo_tensors(images, signature.sight)
        return _answers(signature.classes, model(tensors, training=False), errors)

    return serve


def _web_safe_text(model: keras.Model, signature: Signature) -> Serving:
    def web_safe_text(images: tf.Tensor) -> dict[str, tf.Tensor]:
        data, bad_text = decode.decode_web_safe(images)
        tensors, errors = decode.photo_tensors(data, signature.sight)
        errors = tf.where(bad_text == "", errors, bad_text)
        return _answers(signature.classes, model(tensors, training=False), errors)

    return web_safe_text


def _answers(
    classes: tuple[str, ...], log_probabilities: tf.Tensor, errors: tf.Tensor
) -> dict[str, tf.Tensor]:
    """One output for each class, `label`, `error`; all (N,). A refused row has zeros and an empty label."""
    fine = errors == ""
    probabilities = tf.where(fine[:, tf.newaxis], tf.exp(log_probabilities), 0.0)
    labels = tf.gather(tf.constant(classes), tf.argmax(log_probabilities, axis=1))
    by_class = {name: probabilities[:, index] for index, name in enumerate(classes)}
    return by_class | {"label": tf.where(fine, labels, ""), "error": errors}


def _order_variables(graph: tf.Graph) -> None:
    """TensorFlow lists a function's variables by memory address: the file would differ at each export."""
    graph.variables = sorted(graph.variables, key=lambda variable: variable.name)


def _forget_random_id(path: Path) -> None:
    """The fingerprint's uuid differs at each export of the same weights; its checksums stay."""
    fingerprint = fingerprint_pb2.FingerprintDef.FromString(path.read_bytes())
    fingerprint.uuid = ""
    path.write_bytes(fingerprint.SerializeToString(deterministic=True))


def _write_warm_up(path: Path, photos: list[Path]) -> None:
    path.parent.mkdir()
    with tf.io.TFRecordWriter(str(path)) as writer:
        for number in range(WARM_UP_REQUESTS):
            photo = photos[number % len(photos)].read_bytes()
            writer.write(_record([photo]).SerializeToString(deterministic=True))


def _record(images: list[bytes]) -> prediction_log_pb2.PredictionLog:
    request = predict_pb2.PredictRequest(
        model_spec=model_pb2.ModelSpec(name=MODEL_NAME, signature_name="serving_default"),
        inputs={"images": tf.make_tensor_proto(images, shape=[len(images)])},
    )
    return prediction_log_pb2.PredictionLog(predict_log=prediction_log_pb2.PredictLog(request=request))

"""The gRPC API, called with the stubs of the tensorflow-serving-api package."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
import tensorflow as tf  # type: ignore[import-untyped]
from tensorflow_serving.apis import (  # type: ignore[import-untyped]
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_management_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from embedded.standins.tf_serving.protos import CLASSES

from .running import Running


@pytest.fixture(scope="module")
def channel(plain: Running) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(f"127.0.0.1:{plain.grpc_port}") as opened:
        yield opened


def request(*rows: float, name: str = "half", **spec: Any) -> predict_pb2.PredictRequest:
    made = predict_pb2.PredictRequest()
    made.model_spec.name = name
    if "version" in spec:
        made.model_spec.version.value = spec.pop("version")
    for key, value in spec.items():
        setattr(made.model_spec, key, value)
    made.inputs["x"].CopyFrom(tf.make_tensor_proto(rows, tf.float32))
    return made


def predict(channel: grpc.Channel, sent: predict_pb2.PredictRequest) -> predict_pb2.PredictResponse:
    return prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict(sent, timeout=30)


def refusal(channel: grpc.Channel, sent: predict_pb2.PredictRequest) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as caught:
        predict(channel, sent)
    return caught.value.code(), caught.value.details() or ""


def test_predict_answers_arrays_and_the_version_that_made_them(channel: grpc.Channel) -> None:
    response = predict(channel, request(1.0, 3.0))
    assert tf.make_ndarray(response.outputs["y"]).tolist() == [3.5, 4.5]
    spec = response.model_spec
    assert (spec.name, spec.version.value, spec.signature_name) == ("half", 2, "serving_default")


def test_versions_labels_and_signatures_are_chosen(channel: grpc.Channel) -> None:
    def y(sent: predict_pb2.PredictRequest) -> float:
        return float(tf.make_ndarray(predict(channel, sent).outputs["y"])[0])

    assert y(request(1.0, version=1)) == 2.5
    assert y(request(1.0, version_label="stable")) == 2.5
    assert y(request(1.0, signature_name="triple")) == 3.0


def test_an_output_filter_keeps_what_it_names(channel: grpc.Channel) -> None:
    sent = predict_pb2.PredictRequest(output_filter=["sum"])
    sent.model_spec.name, sent.model_spec.signature_name = "half", "both"
    for name in ("a", "b"):
        sent.inputs[name].CopyFrom(tf.make_tensor_proto([2.0]))
    assert list(predict(channel, sent).outputs) == ["sum"]
    sent.output_filter.append("nope")
    code, text = refusal(channel, sent)
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert "output tensor alias not found in signature: nope" in text


@pytest.mark.parametrize(
    ("sent", "code", "says"),
    [
        (
            request(1.0, name="nope"),
            grpc.StatusCode.NOT_FOUND,
            "Servable not found for request: Latest(nope)",
        ),
        (request(1.0, name=""), grpc.StatusCode.INVALID_ARGUMENT, "ModelSpec has no name specified."),
        (
            request(1.0, signature_name="nope"),
            grpc.StatusCode.FAILED_PRECONDITION,
            'Serving signature key "nope" not found.',
        ),
        (
            request(1.0, signature_name="both"),
            grpc.StatusCode.INVALID_ARGUMENT,
            "Sent extra: {x}. Missing but required: {a,b}.",
        ),
        (request(-1.0, signature_name="strict"), grpc.StatusCode.INVALID_ARGUMENT, "negative row"),
    ],
)
def test_refusals_carry_upstreams_code_and_text(
    channel: grpc.Channel, sent: predict_pb2.PredictRequest, code: grpc.StatusCode, says: str
) -> None:
    got, text = refusal(channel, sent)
    assert got is code
    assert says in text


def test_a_tensor_of_another_type_is_refused(channel: grpc.Channel) -> None:
    sent = request()
    sent.inputs["x"].CopyFrom(tf.make_tensor_proto([1], tf.int32))
    code, text = refusal(channel, sent)
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert "to be float but int32 is provided" in text


def test_metadata_packs_the_signatures(channel: grpc.Channel) -> None:
    sent = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    sent.model_spec.name = "half"
    response = prediction_service_pb2_grpc.PredictionServiceStub(channel).GetModelMetadata(sent, timeout=30)
    found = get_model_metadata_pb2.SignatureDefMap()
    assert response.metadata["signature_def"].Unpack(found)
    assert {"serving_default", "triple", "text"} <= set(found.signature_def)


def test_status_tells_every_version(channel: grpc.Channel) -> None:
    sent = get_model_status_pb2.GetModelStatusRequest()
    sent.model_spec.name = "half"
    response = model_service_pb2_grpc.ModelServiceStub(channel).GetModelStatus(sent, timeout=30)
    states = [(each.version, each.state) for each in response.model_version_status]
    assert states == [(2, get_model_status_pb2.ModelVersionStatus.AVAILABLE), (1, 30)]


def test_reloading_by_request_is_not_offered(channel: grpc.Channel) -> None:
    stub = model_service_pb2_grpc.ModelServiceStub(channel)
    with pytest.raises(grpc.RpcError) as caught:
        stub.HandleReloadConfigRequest(model_management_pb2.ReloadConfigRequest(), timeout=30)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def health(port: int, service: str) -> Any:
    with grpc.insecure_channel(f"127.0.0.1:{port}") as opened:
        check: Any = opened.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=CLASSES["HealthCheckResponse"].FromString,
        )
        return check(CLASSES["HealthCheckRequest"](service=service), timeout=30)


@pytest.mark.parametrize("service", ["", "ModelService", "PredictionService"])
def test_health_is_serving_for_the_known_services(plain: Running, service: str) -> None:
    assert health(plain.grpc_port, service).status == 1


def test_health_is_offered_only_with_its_flag(plain: Running, batched: Running) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        health(plain.grpc_port, "other")
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    with pytest.raises(grpc.RpcError) as caught:
        health(batched.grpc_port, "")
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED

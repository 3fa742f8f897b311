"""The REST table of TensorFlow Serving, asked over a socket."""

import base64
import json
from typing import Any

import pytest

from .running import Running

HALF = "/v1/models/half"


def test_rows_are_answered_by_the_latest_version(plain: Running) -> None:
    answer = plain.predict({"instances": [1.0, 2.0, 5.0]})
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.body == b'{\n    "predictions": [3.5, 4.0, 5.5\n    ]\n}'


def test_columns_are_answered_in_columns(plain: Running) -> None:
    assert plain.predict({"inputs": [1.0, 2.0]}).json == {"outputs": [3.5, 4.0]}
    assert plain.predict({"inputs": {"x": [2]}}).json == {"outputs": [4.0]}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (HALF, 3.5),
        (f"{HALF}/versions/1", 2.5),
        (f"{HALF}/versions/00002", 3.5),
        (f"{HALF}/labels/stable", 2.5),
        (f"{HALF}/labels/canary", 3.5),
        ("/V1/Models/half/Versions/1", 2.5),
        ("/v1/models/h%61lf", 3.5),
    ],
)
def test_versions_and_labels_choose_who_answers(plain: Running, target: str, expected: float) -> None:
    assert plain.predict({"instances": [1.0]}, target).json == {"predictions": [expected]}


def test_signatures_are_chosen_by_name(plain: Running) -> None:
    body = {"signature_name": "triple", "instances": [2.0]}
    assert plain.predict(body).json == {"predictions": [6.0]}


def test_several_inputs_and_outputs_are_objects(plain: Running) -> None:
    body = {"signature_name": "both", "instances": [{"a": 5, "b": 2}, {"a": 1, "b": 1}]}
    assert plain.predict(body).json == {
        "predictions": [{"difference": 3.0, "sum": 7.0}, {"difference": 0.0, "sum": 2.0}]
    }
    columns = {"signature_name": "both", "inputs": {"a": [5], "b": [2]}}
    assert plain.predict(columns).json == {"outputs": {"difference": [3.0], "sum": [7.0]}}


def test_strings_come_as_text_or_base64_and_go_by_the_name_of_the_output(plain: Running) -> None:
    raw = base64.b64encode(b"\x00\xfe").decode()
    body = {"signature_name": "text", "instances": ["né", {"b64": raw}]}
    first, second = json.loads(plain.predict(body).body.decode("utf-8", "surrogateescape"))["predictions"]
    assert first == {"echo": "né", "echo_bytes": {"b64": "bsOp"}, "length": 3}
    assert second == {"echo": "\x00\udcfe", "echo_bytes": {"b64": raw}, "length": 2}


def test_the_content_type_of_a_request_is_ignored(plain: Running) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "image/png"):
        answer = plain.ask(f"{HALF}:predict", b'{"instances": [1]}', Content_Type=kind)
        assert answer.json == {"predictions": [3.5]}


def test_status_names_every_version_newest_first(plain: Running) -> None:
    def entry(version: str) -> dict[str, Any]:
        ok = {"error_code": "OK", "error_message": ""}
        return {"version": version, "state": "AVAILABLE", "status": ok}

    assert plain.ask(HALF).json == {"model_version_status": [entry("2"), entry("1")]}
    assert plain.ask(f"{HALF}/versions/1").json == {"model_version_status": [entry("1")]}
    assert plain.ask(f"{HALF}/labels/canary").json == {"model_version_status": [entry("2")]}


def test_metadata_prints_names_and_defaults_of_the_protobuf(plain: Running) -> None:
    body = plain.ask(f"{HALF}/metadata").json
    assert body["model_spec"] == {"name": "half", "version": "2", "signature_name": ""}
    signatures = body["metadata"]["signature_def"]["signature_def"]
    assert signatures["matrix"]["inputs"]["x"]["tensor_shape"] == {
        "dim": [{"size": "-1", "name": ""}, {"size": "-1", "name": ""}],
        "unknown_rank": False,
    }
    default = signatures["serving_default"]
    assert default["method_name"] == "tensorflow/serving/predict"
    assert default["inputs"]["x"]["dtype"] == "DT_FLOAT"
    assert default["inputs"]["x"]["name"].endswith(":0")
    assert plain.ask(f"{HALF}/versions/1/metadata").json["model_spec"]["version"] == "1"


X = {"instances": [1.0]}
FAILED = "Failed to process element: 0 of 'instances' list. Error: INVALID_ARGUMENT: "


@pytest.mark.parametrize(
    "case",
    [
        ("POST", f"{HALF}:predict", b"", 400, "JSON Parse error: The document is empty"),
        ("POST", f"{HALF}:predict", b"{", 400, "JSON Parse error: "),
        ("POST", f"{HALF}:predict", b"nope", 400, "JSON Parse error: Invalid value. at offset: 0"),
        ("POST", f"{HALF}:predict", b"[1]", 400, "Is not object"),
        ("POST", f"{HALF}:predict", {}, 400, "Missing 'inputs' or 'instances' key"),
        ("POST", f"{HALF}:predict", {"instances": [1], "inputs": [1]}, 400, "expecting only one of 'inputs'"),
        ("POST", f"{HALF}:predict", {"instances": 1}, 400, "Expecting 'instances' to be an list/array"),
        ("POST", f"{HALF}:predict", {"instances": []}, 400, "No values in 'instances' array"),
        (
            "POST",
            f"{HALF}:predict",
            {"instances": ["x"]},
            400,
            FAILED + 'JSON Value: "x" Type: String is not',
        ),
        ("POST", f"{HALF}:predict", {"instances": [None]}, 400, "Type: Null is not of expected type: float"),
        ("POST", f"{HALF}:predict", {"instances": [1, [1]]}, 400, "Expecting shape [] but got: [1]"),
        ("POST", f"{HALF}:predict", {"instances": [[1, 2], [3]]}, 400, "Expecting tensor size: 2 but got: 1"),
        (
            "POST",
            f"{HALF}:predict",
            {"instances": [{"x": 1}, 2]},
            400,
            "Expecting object but got list at item 1",
        ),
        ("POST", f"{HALF}:predict", {"instances": [1, {"x": 1}]}, 400, "Expecting value/list but got object"),
        ("POST", f"{HALF}:predict", {"instances": [{"z": 1}]}, 400, "does not have named input: z"),
        ("POST", f"{HALF}:predict", {"inputs": {"z": 1}}, 400, "Missing named input: x in 'inputs' object."),
        (
            "POST",
            f"{HALF}:predict",
            {"signature_name": 7, **X},
            400,
            "'signature_name' key must be a string value.",
        ),
        (
            "POST",
            f"{HALF}:predict",
            {"signature_name": "nope", **X},
            400,
            'Serving signature name: "nope" not found in signature def',
        ),
        (
            "POST",
            f"{HALF}:predict",
            {"signature_name": "both", "instances": [{"a": 1}]},
            400,
            "keys must be equal to: a,b",
        ),
        (
            "POST",
            f"{HALF}:predict",
            {"signature_name": "text", "instances": [{"b64": "%%"}]},
            400,
            "Unable to base64 decode",
        ),
        (
            "POST",
            f"{HALF}:predict",
            {"signature_name": "text", "instances": ["a", {"b64": "AA==", "c": 1}]},
            400,
            "Expecting value/list but got object at item 1",
        ),
        (
            "POST",
            f"{HALF}:predict",
            {"signature_name": "scalar", **X},
            400,
            "Tensor name: total has no shape information",
        ),
        ("POST", "/v1/models/nope:predict", X, 404, "Servable not found for request: Latest(nope)"),
        ("POST", f"{HALF}/versions/7:predict", X, 404, "Servable not found for request: Specific(half, 7)"),
        ("POST", f"{HALF}/labels/x:predict", X, 400, "Unrecognized servable version label: x"),
        (
            "POST",
            f"{HALF}/versions/{10**30}:predict",
            X,
            400,
            f"Failed to convert version: {10**30} to numeric.",
        ),
        ("GET", "/v1/models", None, 400, "Missing model name in request."),
        ("GET", "/v1/models/nope", None, 404, "Could not find any versions of model nope"),
        ("GET", f"{HALF}/versions/7", None, 404, "Could not find version 7 of model half"),
        ("GET", "/v1/models/nope/metadata", None, 404, "Servable not found for request: Latest(nope)"),
        ("GET", f"{HALF}:predict", None, 400, f"Malformed request: GET {HALF}:predict"),
        ("POST", HALF, X, 400, f"Malformed request: POST {HALF}"),
        ("PUT", f"{HALF}:predict", X, 400, f"Malformed request: PUT {HALF}:predict"),
        ("DELETE", HALF, None, 400, f"Malformed request: DELETE {HALF}"),
        ("POST", f"{HALF}:explain", X, 400, f"Malformed request: POST {HALF}:explain"),
        ("GET", "/v1/nothing", None, 400, "Malformed request: GET /v1/nothing"),
        ("POST", f"{HALF}:classify", X, 501, "This stand-in offers predict only, not classify"),
    ],
)
def test_every_refusal_has_upstreams_status_and_text(
    plain: Running, case: tuple[str, str, object, int, str]
) -> None:
    method, path, body, status, says = case
    answer = plain.ask(path, body, method)
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/json"
    assert says in answer.error


def test_a_shape_that_the_graph_refuses_gets_tensorflows_own_text(plain: Running) -> None:
    answer = plain.predict({"signature_name": "matrix", "instances": [[1.0, 2.0]]})
    assert answer.status == 400
    assert "Matrix size-incompatible: In[0]: [1,2], In[1]: [3,2]" in answer.error
    assert "site-packages" not in answer.error


def test_a_failing_graph_answers_its_own_error(plain: Running) -> None:
    answer = plain.predict({"signature_name": "strict", "instances": [-1.0]})
    assert (answer.status, "negative row" in answer.error) == (400, True)


def test_a_run_past_its_timeout_is_504(plain: Running) -> None:
    answer = plain.predict({"signature_name": "slow", "instances": [1e6]})
    assert (answer.status, answer.error) == (504, "Timed out waiting for notification")


def test_text_after_the_json_value_is_ignored(plain: Running) -> None:
    assert plain.predict(b'{"instances": [1.0]} and more').json == {"predictions": [3.5]}


def test_paths_of_others_get_libevents_page(plain: Running) -> None:
    for path in ("/", "/v2/models/half", "/metrics"):
        answer = plain.ask(path)
        assert (answer.status, answer.headers["Content-Type"].split(";")[0]) == (404, "text/html")
        assert b"<TITLE>404 Not Found</TITLE>" in answer.body


def test_head_gets_no_body(plain: Running) -> None:
    assert (plain.ask(HALF, method="HEAD").status, plain.ask(HALF, method="HEAD").body) == (400, b"")


def test_the_server_says_that_it_is_a_stand_in(plain: Running) -> None:
    assert "stand-in" in plain.ask(HALF).headers["Server"]
    assert "not upstream software" in plain.log.read_text()


def test_cors_headers_are_sent_when_asked_for(plain: Running, batched: Running) -> None:
    assert plain.ask(HALF).headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in batched.ask(HALF).headers


def test_a_full_queue_is_503_and_a_large_request_400(batched: Running) -> None:
    large = batched.predict({"instances": [1.0] * 11})
    assert (large.status, large.error) == (400, "Task size 11 is larger than maximum input batch size 4")
    assert batched.predict({"instances": [1.0] * 4}).json == {"predictions": [3.5] * 4}

"""The REST API of a running server, asked over a socket."""

import base64
import gzip
import json
import shutil
import socket
import subprocess

import pytest

from .running import Running

pytestmark = pytest.mark.slow

HALF = "/v1/models/half"
PREDICT = f"{HALF}:predict"
X: dict[str, object] = {"instances": [1.0]}
BODY = json.dumps(X).encode()
HEAD = b"POST /v1/models/half:predict HTTP/1.1\r\nHost: x\r\n"
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
COUNT = ':tensorflow:serving:request_count{{model_name="{}",status="{}"}}'
LATENCY = ':tensorflow:serving:request_latency_count{{model_name="{}",API="{}",entrypoint="REST"}}'


@pytest.mark.parametrize(
    "target",
    [HALF, f"{HALF}/versions/2", f"{HALF}/versions/00002", "/V1/Models/half/Versions/2", "/v1/models/h%61lf"],
)
def test_the_newest_version_answers_rows(plain: Running, target: str) -> None:
    answer = plain.predict({"instances": [1.0, 2.0, 5.0]}, target)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.json == {"predictions": [3.5, 4.0, 5.5]}


def test_signatures_are_chosen_by_name(plain: Running) -> None:
    body = {"signature_name": "triple", "instances": [2.0]}
    assert plain.predict(body).json == {"predictions": [6.0]}


def test_several_inputs_and_outputs_are_objects(plain: Running) -> None:
    body = {"signature_name": "both", "instances": [{"a": 5, "b": 2}, {"a": 1, "b": 1}]}
    assert plain.predict(body).json == {
        "predictions": [{"difference": 3.0, "sum": 7.0}, {"difference": 0.0, "sum": 2.0}]
    }


def test_strings_come_as_text_or_base64(plain: Running) -> None:
    raw = base64.b64encode("né".encode()).decode()
    body = {"signature_name": "text", "instances": ["né", {"b64": raw}]}
    row = {"echo": "né", "length": 3}
    assert plain.predict(body).json == {"predictions": [row, row]}


def test_the_content_type_of_a_request_is_ignored(plain: Running) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "image/png"):
        assert plain.ask(PREDICT, BODY, Content_Type=kind).json == {"predictions": [3.5]}


def test_status_tells_the_state_of_the_version(plain: Running) -> None:
    entry = {"version": "2", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
    for path in (HALF, f"{HALF}/versions/2"):
        assert plain.ask(path).json == {"model_version_status": [entry]}


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
    assert "defaults" not in default


REFUSALS: list[tuple[str, str, object, int, str]] = [
    ("POST", PREDICT, b"", 400, "JSON Parse error: The document is empty"),
    ("POST", PREDICT, {"instances": ["x"]}, 400, "Failed to process element: 0 of 'instances' list"),
    (
        "POST",
        PREDICT,
        {"signature_name": "n", **X},
        400,
        'Serving signature name: "n" not found in signature def',
    ),
    ("POST", PREDICT, {"signature_name": "scalar", **X}, 400, "expected one value a row"),
    ("POST", PREDICT, {"inputs": [1.0]}, 501, "serves the row format only"),
    ("POST", "/v1/models/nope:predict", X, 404, "Servable not found for request: Latest(nope)"),
    ("POST", f"{HALF}/versions/7:predict", X, 404, "Servable not found for request: Specific(half, 7)"),
    ("POST", f"{HALF}/labels/x:predict", X, 501, "not the version label x"),
    ("POST", f"{HALF}/versions/{10**30}:predict", X, 400, f"Failed to convert version: {10**30} to numeric."),
    ("GET", "/v1/models", None, 400, "Missing model name in request."),
    ("GET", "/v1/models/nope", None, 404, "Could not find any versions of model nope"),
    ("GET", f"{HALF}/versions/7", None, 404, "Could not find version 7 of model half"),
    ("GET", "/v1/models/nope/metadata", None, 404, "Servable not found for request: Latest(nope)"),
    ("GET", PREDICT, None, 400, f"Malformed request: GET {PREDICT}"),
    ("POST", HALF, X, 400, f"Malformed request: POST {HALF}"),
    ("PUT", PREDICT, X, 400, f"Malformed request: PUT {PREDICT}"),
    ("POST", f"{HALF}:explain", X, 400, f"Malformed request: POST {HALF}:explain"),
    (
        "POST",
        f"{HALF}:classify",
        X,
        501,
        "This stand-in serves predict, by version number or latest, not classify",
    ),
]


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: f"{case[0]} {case[1][:40]}: {case[4][:30]}")
def test_every_refusal_has_its_status_and_says_why(
    plain: Running, case: tuple[str, str, object, int, str]
) -> None:
    method, path, body, status, says = case
    answer = plain.ask(path, body, method)
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/json")
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


def test_the_port_of_the_grpc_api_stays_closed_and_the_log_says_so(plain: Running) -> None:
    assert f"The gRPC API is not served: port {plain.grpc_port} stays closed" in plain.log.read_text()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", plain.grpc_port)) != 0


def test_every_request_is_counted_but_only_good_ones_have_a_latency(plain: Running) -> None:
    samples = [
        COUNT.format("half", "OK"),
        COUNT.format("half", "INVALID_ARGUMENT"),
        COUNT.format("ghost", "NOT_FOUND"),
        LATENCY.format("half", "predict"),
        LATENCY.format("half", ""),
        LATENCY.format("ghost", "predict"),
        ':tensorflow:serving:runtime_latency_count{model_name="half",API="Predict",runtime="TF1"}',
    ]
    before = [plain.metric(sample) for sample in samples]
    for _ in range(3):
        plain.predict(X)
    plain.predict({"instances": []})
    plain.predict(X, "/v1/models/ghost")
    plain.ask(HALF)
    after = [plain.metric(sample) for sample in samples]
    assert [b - a for a, b in zip(before, after, strict=True)] == [4, 1, 1, 3, 1, 0, 3]
    page = plain.ask("/monitoring/prometheus/metrics")
    assert page.headers["Content-Type"].startswith("text/plain")
    assert b" NaN" not in page.body


def test_a_gzip_body_is_read_and_other_codings_are_415(plain: Running) -> None:
    assert plain.ask(PREDICT, gzip.compress(BODY), Content_Encoding="gzip").json == {"predictions": [3.5]}
    answer = plain.ask(PREDICT, BODY, Content_Encoding="br")
    assert (answer.status, answer.error) == (
        415,
        "This stand-in reads plain bodies and gzip, not Content-Encoding: br",
    )


def curl(plain: Running, *options: str) -> "subprocess.CompletedProcess[str]":
    url = f"http://127.0.0.1:{plain.rest_port}{PREDICT}"
    command = ["curl", "--silent", "--verbose", "--noproxy", "*", "--max-time", "30", *options, url]
    return subprocess.run(command, capture_output=True, text=True, check=True)


@needs_curl
@pytest.mark.parametrize(
    "options",
    [
        ["-d", BODY.decode()],
        ["-d", f"\n  {BODY.decode()}\n"],
        ["--data-binary", f"\ufeff{BODY.decode()}"],
        ["-d", BODY.decode(), "-H", "Content-Type:"],
        ["-d", BODY.decode(), "-H", "Content-Type: text/plain; charset=utf-8"],
        ["-d", BODY.decode(), "-H", "Transfer-Encoding: chunked"],
    ],
)
def test_json_is_answered_however_curl_calls_it(plain: Running, options: list[str]) -> None:
    assert json.loads(curl(plain, *options).stdout) == {"predictions": [3.5]}


@needs_curl
def test_a_form_is_told_from_json(plain: Running) -> None:
    for option, kind in (("-F", "a multipart form"), ("--data-urlencode", "a url-encoded form")):
        error = json.loads(curl(plain, option, f"data={BODY.decode()}").stdout)["error"]
        assert f"; the body is {kind}: let the body be the JSON itself" in error


@needs_curl
def test_curl_need_not_wait_for_a_go_ahead(plain: Running) -> None:
    done = curl(plain, "-d", BODY.decode(), "-H", "Expect: 100-continue", "--expect100-timeout", "20")
    assert "HTTP/1.1 100 Continue" in done.stderr
    assert "Done waiting" not in done.stderr
    assert json.loads(done.stdout) == {"predictions": [3.5]}


@pytest.mark.parametrize(
    "request_",
    [
        b"\x16\x03\x01 hello\r\n\r\n",
        HEAD + b"Content-Length: 5\r\n\r\n" + BODY + b"\r\n\r\n",
        HEAD + b"Content-Length: many\r\n\r\n" + BODY,
        HEAD + b"Content-Length: 99999999999999999999\r\n\r\n" + BODY,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n" + BODY,
        HEAD + b"Content-Length: -1\r\n\r\n" + BODY,
        HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n" + BODY,
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + BODY,
        HEAD + b"Bad Header\r\n\r\n" + BODY,
        HEAD + b"X: " + b"a" * 100_000 + b"\r\n\r\n" + BODY,
    ],
)
def test_broken_http_is_400_and_spoils_only_its_connection(plain: Running, request_: bytes) -> None:
    assert plain.raw(request_).split(b" ", 2)[1] == b"400"
    assert plain.predict(X).status == 200


def test_one_connection_carries_many_requests(plain: Running) -> None:
    one = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
    with socket.create_connection(("127.0.0.1", plain.rest_port), 30) as connection:
        for _ in range(3):
            connection.sendall(one)
            assert connection.recv(65536).split(b" ", 2)[1] == b"200"

"""Good and bad requests to both servers on the cluster: every answer is the one that was promised."""

import base64
import json
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
import skimage

from stack.outputs import Endpoint

pytestmark = pytest.mark.cluster

CLASSES = ("sad", "scared", "neutral", "happy", "angry")
GIF = base64.b64encode(b"GIF89a\x01\x00\x01\x00\x00\x00\x00;").decode()
TEXT = base64.b64encode(b"this is no image").decode()


@dataclass(frozen=True)
class Case:
    """A request body and what must come back."""

    name: str
    body: str
    status: int
    text: str


def instances(*photos: object) -> str:
    return json.dumps({"instances": list(photos)})


TENSORFLOW = [
    Case("empty body", "", 400, "The document is empty"),
    Case("broken JSON", "{", 400, "JSON Parse error"),
    Case("an array", "[1]", 400, "Is not object"),
    Case("no instances", "{}", 400, "Missing 'inputs' or 'instances' key"),
    Case("both keys", '{"inputs": ["a"], "instances": ["a"]}', 400, "only one of 'inputs' or 'instances'"),
    Case("no row", '{"instances": []}', 400, "No values in 'instances' array"),
    Case("not a list", '{"instances": 1}', 400, "Expecting 'instances' to be an list/array"),
    Case(
        "unknown signature", '{"signature_name": "x", "instances": ["a"]}', 400, "not found in signature def"
    ),
    Case("a number for a photo", instances(1), 400, "is not of expected type"),
    Case("null for a photo", instances(None), 400, "Failed to process element"),
    Case("bad base64", instances({"b64": "*"}), 400, "base64"),
    Case("two keys beside b64", instances({"b64": "aaaa", "x": 1}), 400, "Failed to process element"),
]
TORCHSERVE = [
    Case("empty body", "", 400, "message"),
    Case("broken JSON", "{", 400, "message"),
    Case("an array", "[1]", 400, "message"),
    Case("no data", "{}", 400, "data"),
    Case("a number for a photo", '{"data": 1}', 400, "message"),
    Case("null for a photo", '{"data": null}', 400, "message"),
    Case("a list for a photo", '{"data": ["a"]}', 400, "message"),
    Case("bad base64", '{"data": "*"}', 400, "base64"),
    Case("text for an image", json.dumps({"data": TEXT}), 400, "expected a JPEG or PNG"),
    Case("a GIF", json.dumps({"data": GIF}), 400, "expected a JPEG or PNG"),
    Case("no bytes", '{"data": ""}', 400, "message"),
    Case("trailing garbage", '{"data": ""} x', 400, "message"),
]


def post(endpoint: Endpoint, body: str) -> requests.Response:
    assert endpoint.url
    headers = {"Content-Type": "application/json"}
    return requests.post(endpoint.url, data=body.encode(), headers=headers, timeout=30)


@pytest.mark.parametrize("case", TENSORFLOW, ids=lambda case: case.name)
def test_tensorflow_serving_refuses_a_bad_request(case: Case, endpoints: dict[str, Endpoint]) -> None:
    answer = post(endpoints["tensorflow"], case.body)
    assert answer.status_code == case.status, answer.text
    assert case.text in answer.json()["error"]


@pytest.mark.parametrize("case", TORCHSERVE, ids=lambda case: case.name)
def test_torchserve_refuses_a_bad_request(case: Case, endpoints: dict[str, Endpoint]) -> None:
    answer = post(endpoints["torchserve"], case.body)
    assert answer.status_code == case.status, answer.text
    assert answer.json()["code"] == case.status
    assert case.text in answer.text


@pytest.mark.parametrize(
    ("server", "path", "status"),
    [
        ("tensorflow", "/v1/models/unknown:predict", 404),
        ("tensorflow", "/v1/models/emotions/versions/7:predict", 404),
        ("tensorflow", "/nowhere", 404),
        ("torchserve", "/predictions/unknown", 404),
        ("torchserve", "/predictions/emotions/7.0", 404),
        ("torchserve", "/nowhere", 404),
    ],
)
def test_an_unknown_model_version_or_path_is_not_found(
    server: str, path: str, status: int, endpoints: dict[str, Endpoint], photo: str
) -> None:
    url = str(endpoints[server].url)
    base = url[: url.index("/", len("http://"))]
    body = {"instances": [{"b64": photo}]} if server == "tensorflow" else {"data": photo}
    assert requests.post(base + path, json=body, timeout=30).status_code == status


def test_tensorflow_serving_refuses_a_wrong_method(endpoints: dict[str, Endpoint]) -> None:
    answer = requests.put(str(endpoints["tensorflow"].url), data=b"{}", timeout=30)
    assert answer.status_code == 400
    assert "Malformed request: PUT" in answer.json()["error"]


def test_torchserve_takes_put_for_post(endpoints: dict[str, Endpoint], photo: str) -> None:
    assert requests.put(str(endpoints["torchserve"].url), json={"data": photo}, timeout=30).status_code == 200


@pytest.mark.parametrize("bad", [TEXT, GIF], ids=["text", "GIF"])
def test_a_broken_image_does_not_harm_its_neighbour_in_a_tensorflow_batch(
    bad: str, endpoints: dict[str, Endpoint], photo: str
) -> None:
    answer = post(endpoints["tensorflow"], instances({"b64": bad}, {"b64": photo}))
    broken, good = answer.json()["predictions"]
    assert "expected a JPEG or PNG" in broken["error"]
    assert good["error"] == ""
    assert sum(good[name] for name in CLASSES) == pytest.approx(1, abs=1e-4)


def test_a_broken_image_does_not_harm_its_neighbours_on_torchserve(
    endpoints: dict[str, Endpoint], photo: str
) -> None:
    bodies = [json.dumps({"data": TEXT if index == 2 else photo}) for index in range(5)]
    answers: dict[int, requests.Response] = {}

    def ask(index: int) -> None:
        answers[index] = post(endpoints["torchserve"], bodies[index])

    threads = [threading.Thread(target=ask, args=(index,)) for index in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answers[index].status_code for index in range(5)] == [200, 200, 400, 200, 200]


@pytest.mark.parametrize("kind", [None, "image/jpeg", "text/plain", "application/x-www-form-urlencoded"])
def test_torchserve_answers_a_photo_whatever_its_header_calls_it(
    kind: str | None, endpoints: dict[str, Endpoint], photo: str
) -> None:
    wanted = post(endpoints["torchserve"], json.dumps({"data": photo})).json()["label"]
    headers = {"Content-Type": kind} if kind else {}
    for body in (base64.b64decode(photo), photo.encode(), json.dumps({"data": photo}).encode()):
        answer = requests.post(str(endpoints["torchserve"].url), data=body, headers=headers, timeout=30)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.json()["label"] == wanted


@pytest.mark.parametrize("path", ["/explanations/emotions", "/v1/models/emotions:explain"])
def test_torchserve_passes_no_prediction_off_as_an_explanation(
    path: str, endpoints: dict[str, Endpoint], photo: str
) -> None:
    url = str(endpoints["torchserve"].url).replace("/predictions/emotions", path)
    answer = requests.post(url, json={"data": photo}, timeout=30)
    assert answer.status_code == 400
    assert "no explanations" in answer.json()["message"]


def test_both_servers_answer_a_real_photo_alike_in_form(endpoints: dict[str, Endpoint]) -> None:
    file = Path(skimage.__file__).parent / "data" / "astronaut.png"
    photo = base64.b64encode(file.read_bytes()).decode()
    tensorflow = post(endpoints["tensorflow"], instances({"b64": photo})).json()["predictions"][0]
    torch = post(endpoints["torchserve"], json.dumps({"data": photo})).json()
    for row in (tensorflow, torch):
        assert row["label"] == max(CLASSES, key=lambda name: float(row[name]))
        assert sum(row[name] for name in CLASSES) == pytest.approx(1, abs=1e-4)

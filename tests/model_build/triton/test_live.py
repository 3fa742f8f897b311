"""Upstream's Triton serves the exported repository: answers, refusals, batches, a full queue, a dead stub."""

import base64
import json
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from bench.subject.counters import counted
from bench.subject.predict import parse
from stack.queries import catalogue, everywhere
from stack.servers import triton
from stack.servers.model import OURS
from stack.servers.reading import Limits, Process, Reading
from tests.model_build import example_photos as photos
from tests.model_build.conftest import Built
from tests.model_build.refused import refused
from tests.model_build.triton import upstream
from tests.model_build.triton.upstream import Program, Server

pytestmark = pytest.mark.slow

WANTED = triton.Triton(
    "int8", instances=2, threads=2, max_batch_size=4, queue_delay_micros=50_000, queue_size=8
)
JSON = {"Content-Type": "application/json"}
HEAD = "Inference-Header-Content-Length"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return upstream.program(tmp_path_factory.mktemp("triton"))


@pytest.fixture(scope="module")
def server(program: Program, built: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with upstream.running(program, built.out / "triton", WANTED, tmp_path_factory.mktemp("served")) as found:
        yield found


def in_json(**changed: object) -> bytes:
    """A request whose image is base64 in JSON, or something else."""
    text = base64.b64encode(photos.jpeg()).decode()
    image = {"name": "image_base64", "shape": [1, 1], "datatype": "BYTES", "data": [text]} | changed
    return json.dumps({"inputs": [image]}).encode()


def test_both_forms_of_a_body_get_the_same_answer(server: Server) -> None:
    binary, text = server.infer(triton.body(photos.jpeg())), server.infer(in_json(), **JSON)
    told = parse("triton", triton.answer(binary.json()))
    (output,) = text.json()["outputs"]
    labels = (server.repository / "emotions" / "labels.txt").read_text().split()
    assert told.probabilities == pytest.approx(dict(zip(labels, output["data"], strict=True)), abs=1e-5)
    assert told.label == max(told.probabilities, key=lambda name: told.probabilities[name])


def test_a_bad_image_gets_the_words_of_the_other_servers_in_either_form(server: Server) -> None:
    for data, words in refused().values():
        text = base64.b64encode(data).decode()
        for answer in (server.infer(triton.body(data)), server.infer(in_json(data=[text]), **JSON)):
            assert (answer.status_code, answer.json()) == (400, {"error": words})


@pytest.mark.parametrize(
    ("body", "headers", "status", "words"),
    [
        (b"", JSON, 400, "must only have 1 input"),
        (b"{", JSON, 500, "failed to parse the request JSON buffer"),
        (b"[]", JSON, 500, "Unable to parse 'inputs'"),
        (b'{"inputs": []}', JSON, 400, "request has 0 inputs"),
        (in_json(data=["no*base64"]), JSON, 400, "expected the base64 of a JPEG or PNG, got 'no*base64'"),
        (in_json(data=[1]), JSON, 500, "Unable to parse JSON bytes array"),
        (in_json(name="photo"), JSON, 400, "unexpected inference input 'photo'"),
        (in_json(datatype="FP32", data=[1.0]), JSON, 400, "expects 'BYTES'"),
        (in_json(shape=[1]), JSON, 400, "unexpected shape for input 'image_base64'"),
        (in_json(shape=[5, 1], data=["AAAA"] * 5), JSON, 400, "batch-size must be <= 4"),
        (triton.body(b"abcd")[:-2], {HEAD: "256"}, 400, "unexpected size for input 'image'"),
        (triton.body(b"abcd"), {HEAD: "9999"}, 400, "inference header size should be in range"),
    ],
)
def test_a_bad_request_is_told_what_is_wrong(
    body: bytes, headers: dict[str, str], status: int, words: str, server: Server
) -> None:
    answer = server.infer(body, **headers)
    assert answer.status_code == status
    assert words in answer.json()["error"]


def test_an_image_in_both_inputs_is_refused(server: Server) -> None:
    inputs = [
        {"name": name, "shape": [1, 1], "datatype": "BYTES", "data": ["AA=="]}
        for name in ("image", "image_base64")
    ]
    answer = server.infer(json.dumps({"inputs": inputs}).encode(), **JSON)
    assert (answer.status_code, answer.json()["error"][:30]) == (400, "expected one of the inputs ima")


@pytest.mark.parametrize(
    "path", ["/v2/models/nobody/infer", "/v2/models/emotions/versions/7/infer", "/nowhere"]
)
def test_what_is_not_there_is_not_found(path: str, server: Server) -> None:
    assert requests.post(server.url(path), in_json(), timeout=30).status_code == 404


@pytest.mark.parametrize("path", ["/v2/logging", "/v2/trace/setting", "/v2/repository/index"])
def test_nobody_changes_the_server_by_its_api(path: str, server: Server) -> None:
    assert requests.post(server.url(path), b"{}", timeout=30).status_code == 403


def test_requests_share_batches_and_a_broken_one_harms_no_other(server: Server) -> None:
    before = counted("triton", server.page())
    bodies = [triton.body(b"text" if number == 3 else photos.jpeg()) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(server.infer, bodies))
    done = counted("triton", server.page()) - before
    assert [answer.status_code for answer in answers] == [200, 200, 200, 400, 200, 200, 200, 200]
    assert len({answer.text for answer in answers if answer.ok}) == 1
    assert done.batches < done.requests == done.rows == 8, "a refused request counts as answered"


def test_the_settings_are_effective(server: Server) -> None:
    processes = [Process(each.pid, tuple(each.cmdline()), each.num_threads(), {}) for each in server.stubs()]
    config = requests.get(server.url("/v2/models/emotions/config"), timeout=10).text
    found = triton.effective(Reading(tuple(processes), Limits(2.0, None), {"config": config}))
    assert found == triton.intended(WANTED)


def test_every_metric_that_is_asked_for_is_told(server: Server) -> None:
    page = server.page()
    asked = " ".join(query.promql for query in catalogue.by_subject(everywhere(10))["triton"])
    for name in {word.strip("(") for word in asked.replace("{", " ").replace("[", " ").split()}:
        if name.startswith("nv_"):
            assert f"\n{name}{{" in page, name


def test_a_dead_stub_is_seen_by_the_liveness_probe_though_the_server_calls_itself_ready(
    server: Server,
) -> None:
    own = " ".join(f"/proc/{stub.pid}/cmdline" for stub in server.stubs())  # pods of this machine have theirs
    probe = triton.stubs_alive(OURS).replace(triton.REPOSITORY, str(server.repository))
    before, after = probe.split("/proc/[0-9]*/cmdline")
    probe = f"{before}{own}{after}"
    assert subprocess.run(["sh", "-c", probe], check=False).returncode == 0
    server.stubs()[0].kill()
    assert {server.infer(triton.body(photos.jpeg())).status_code for _ in range(8)} == {200, 500}
    assert requests.get(server.url("/v2/health/ready"), timeout=10).ok
    assert subprocess.run(["sh", "-c", probe], check=False).returncode == 1


def test_a_full_queue_answers_503_and_what_waits_is_answered_while_the_server_stops(
    program: Program, built: Built, tmp_path: Path
) -> None:
    slow = triton.Triton(max_batch_size=8, queue_delay_micros=3_000_000, queue_size=3)
    served = upstream.running(program, built.out / "triton", slow, tmp_path)
    with served as server, ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(server.infer, triton.body(photos.jpeg())) for _ in range(3)]
        while 'nv_inference_pending_request_count{model="emotions",version="1"} 3' not in server.page():
            time.sleep(0.05)
        assert server.infer(triton.body(photos.jpeg())).status_code == 503
        server.process.terminate()
        assert [each.result().status_code for each in asked] == [200, 200, 200]

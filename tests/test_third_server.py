"""A further model server is one value: with it alone a stack is rendered, verified, asked and counted."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from bench.queueing import pod as queueing
from bench.subject import counters
from bench.subject.cluster import Cluster
from bench.subject.counters import Counted
from bench.subject.deployed import Deployed
from bench.subject.objects import Container, Deployment, Pod
from bench.subject.payloads import Photo
from bench.subject.predict import Prediction, predict
from bench.subject.probe import Observation
from bench.subject.target import aim, chosen
from bench.subject.verify import verify
from infra import program
from stack import settings
from stack.kube import KubeObject, name_of
from stack.outputs import Endpoint, Monitoring, StackOutputs
from stack.queries.own import Counters
from stack.rules import Whole
from stack.schema import SettingsError, setting
from stack.servers import SERVERS
from stack.servers.reading import Reading, parse
from stack.servers.server import Concurrency, Dialect, Image, Port, Probes, ServerOf, in_json
from stack.settings import Settings
from stack.versions import Versions
from tests.infra import example
from tests.listening import serve

PORT = Port("http", 8000)
REPLY = {"label": "happy", "sad": 0.0, "scared": 0.0, "neutral": 0.1, "happy": 0.9, "angry": 0.0}
PROBE: KubeObject = {"httpGet": {"path": "/health", "port": PORT.name}, "periodSeconds": 5}


@dataclass(frozen=True)
class Echo:
    """The server's settings."""

    threads: int = setting(2, Whole(1, 8), "requests at a time")


ECHO = ServerOf(
    name="echo",
    title="Echo",
    component="echo-server",
    image=Image("emotion-echo", "torchserve", "example/echo", export="torchserve"),
    inference=PORT,
    metrics=PORT,
    metrics_path="/metrics",
    predict_path="/echo",
    probes=Probes(PROBE, PROBE, PROBE),
    section=Echo,
    command=lambda wanted: ("echo-server", f"--threads={wanted.threads}"),
    intended=lambda wanted: {"echo.threads": str(wanted.threads)},
    effective=lambda found: {"echo.threads": found.flags.get("threads")},
    dialect=Dialect(
        body=in_json(lambda photo: {"say": photo}),
        answer=lambda reply: reply["said"] if isinstance(reply, dict) else None,
    ),
    counters=Counters(requests="echo_requests_total"),
    concurrency=lambda wanted, _: Concurrency(None, wanted.threads, False, 1, True, 0.0, 1),
)


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SERVERS, ECHO.name, ECHO)


@pytest.fixture
def address() -> Iterator[str]:
    """A real echo server."""
    asked: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.answer(json.dumps({"said": REPLY, "heard": json.loads(asked[-1])["say"]}))

        def do_GET(self) -> None:
            self.answer(f"# TYPE echo_requests_total counter\necho_requests_total {len(asked)}\n")

        def answer(self, text: str) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Keep the test's output quiet."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = serve(listening)
    yield f"http://127.0.0.1:{listening.server_port}"
    listening.shutdown()
    thread.join()
    listening.server_close()


class Pods(Cluster):
    """A cluster that knows the pages of one pod, at an address."""

    def __init__(self, address: str) -> None:
        self.address = address

    def text(self, path: str) -> str:
        pod, _, page = path.partition("/proxy")
        assert pod.endswith(f"/pods/echo-server-1:{PORT.number}")
        return requests.get(f"{self.address}{page}", timeout=5).text


def wanted() -> Settings:
    return settings.read({"servers": ["echo"]})


def outputs(address: str = "") -> StackOutputs:
    endpoint = Endpoint("echo", "echo-server", "registry/emotion-echo:1", f"{address}{ECHO.predict_path}")
    monitoring = Monitoring("emotion-monitoring", "prometheus", 9090)
    return StackOutputs("mine", "none", "emotion-mine", (endpoint,), monitoring)


def look(threads: int) -> Reading:
    return parse(
        f"@@ command 1\necho-server\n--threads={threads}\n@@ threads 1\n4\n"
        "@@ cpu\n200000 100000\n@@ memory\n2147483648\n"
    )


def observation(found: Reading) -> Observation:
    image, requested = "registry/emotion-echo:1", {"cpu": "250m", "memory": "512Mi"}
    container = Container("echo-server", image, "sha256:1", requested, "")
    now = datetime(2026, 11, 24, tzinfo=UTC)
    pod = Pod("emotion-mine", "echo-server-1", "echo-server", False, now, (container,))
    deployment = Deployment("emotion-mine", "echo-server", wanted=1, ready=1, updated=1, current=True)
    return Observation((deployment,), (), (pod,), {pod.name: found})


def test_a_stack_may_name_it_and_no_other() -> None:
    assert wanted().servers == ("echo",)
    with pytest.raises(
        SettingsError, match="servers: expected a list of tensorflow, torchserve, triton, echo"
    ):
        settings.read({"servers": ["shout"]})


def test_a_stack_is_rendered_with_it() -> None:
    inputs = replace(example.inputs(wanted()), versions=Versions({"example/echo": "7"}))
    objects = {str(item["kind"]): item for item in program.render(inputs)}
    assert {"Deployment", "Service", "PodDisruptionBudget"} <= set(objects)
    assert name_of(objects["Deployment"]) == "echo-server"
    assert "'args': ['--threads=2']" in str(objects["Deployment"])
    assert "'port': 8000" in str(objects["Service"])
    (plan,) = program.plans(inputs)
    assert plan.image.base_image == "example/echo:7"


def test_the_platform_watches_it() -> None:
    inputs = example.inputs(replace(wanted(), platform=settings.Platform(enabled=True)))
    objects = program.platform_objects(inputs)
    assert "tensorflow-serving|torchserve|triton|echo-server" in str(objects["prometheus"])


def test_its_settings_are_verified() -> None:
    blocks = verify(outputs(), wanted(), observation(look(threads=2)))
    assert [each for block in blocks for each in block.findings if not each.ok] == []
    blocks = verify(outputs(), wanted(), observation(look(threads=3)))
    (wrong,) = (each for block in blocks for each in block.findings if not each.ok)
    assert (wrong.what, wrong.expected, wrong.found) == ("echo.threads", "2", "3")


def test_it_is_aimed_at_asked_and_counted(address: str) -> None:
    told = outputs(address)
    (endpoint,) = chosen(told, "echo")
    photo, cluster = Photo("a.png", "PNG", b"a photo"), Pods(address)
    target = aim(Deployed(told, cluster), endpoint, (photo,))
    assert json.loads(target.bodies[0]) == {"say": "YSBwaG90bw=="}
    found = predict(endpoint, photo.content)
    assert isinstance(found, Prediction)
    assert found.label == "happy"
    assert counters.read(cluster, "emotion-mine", "echo-server-1", "echo") == Counted(requests=3)


def test_its_capacity_can_be_modelled() -> None:
    pod = queueing.of(wanted(), "echo", cores=4)
    assert (pod.lanes, pod.quota) == (2, 2)

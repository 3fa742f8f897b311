"""Watching a stack: the poller on a cluster that answers from memory, a load on a real socket."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bench.__main__ import main, parser
from bench.commands import watch
from bench.commands.watch import World
from bench.errors import ClusterError, LoadError
from bench.load.openloop import Load
from bench.records.events import CREATED, ENDING, FIRST, IN, LOAD, LOAD_ENDS, OUT, Event
from bench.subject.cluster import Cluster
from bench.subject.deployed import Deployed
from tests.bench.load.test_openloop import server
from tests.bench.scenes import SPACE, endpoint, outputs


def torch_pod(name: str) -> dict[str, object]:
    return {
        "metadata": {
            "namespace": SPACE,
            "name": name,
            "labels": {"app.kubernetes.io/name": "torchserve"},
        },
        "spec": {"containers": []},
        "status": {
            "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-11-24T12:52:00Z"}]
        },
    }


class Growing(Cluster):
    """A cluster that has a second pod from the fourth look on, and falters once; every page counts on."""

    def __init__(self) -> None:
        self.looks = self.pages = 0

    def get(self, path: str) -> object:
        if "horizontalpodautoscalers" in path:
            return {"items": self.autoscalers()}
        return self.pods()

    def autoscalers(self) -> list[object]:
        return []

    def pods(self) -> object:
        self.looks += 1
        if self.looks == 2:
            raise ClusterError("no answer")
        return {"items": [torch_pod(f"torchserve-{n}") for n in range(1, 2 + (self.looks >= 4))]}

    def text(self, path: str) -> str:
        assert path.endswith(":8082/proxy/metrics")
        self.pages += 1
        return f'ts_inference_requests_total{{model_name="emotions",}} {self.pages * 10}\n'


class Scaling(Growing):
    """A cluster whose second pod is an autoscaler's doing, and is gone again after the tenth look."""

    def autoscalers(self) -> list[object]:
        out = 4 <= self.looks < 10
        return [
            {
                "metadata": {"namespace": SPACE, "name": "torchserve"},
                "spec": {
                    "scaleTargetRef": {"name": "torchserve"},
                    "maxReplicas": 2,
                    "metrics": [{"resource": {"name": "cpu", "target": {"averageUtilization": 50}}}],
                },
                "status": {
                    "currentReplicas": 1,
                    "desiredReplicas": 1 + out,
                    "currentMetrics": [
                        {"resource": {"name": "cpu", "current": {"averageUtilization": 20 + 60 * out}}}
                    ],
                },
            }
        ]

    def pods(self) -> object:
        self.looks += 1
        return {"items": [torch_pod(f"torchserve-{n}") for n in range(1, 2 + (4 <= self.looks < 10))]}


def deployed(url: str | None = "http://127.0.0.1:1/", cluster: Cluster | None = None) -> Deployed:
    there = replace(outputs(), endpoints=(replace(endpoint("torchserve"), url=url),))
    return Deployed(there, cluster or Growing())


FAST = World(poll_seconds=0.02, lead_seconds=0.05)


def test_a_watch_without_load_tells_what_happened_and_how_often_it_was_blind() -> None:
    shown: list[Event] = []
    watched = watch.watch(deployed(), 0.5, None, {}, show=shown.append, world=FAST)
    assert [event.detail for event in watched.events if event.what == CREATED] == ["torchserve-2"]
    assert watched.blind == 1
    assert tuple(shown) == watched.events
    assert (watched.load, watched.split, watched.steps) == ({}, {}, {})


def test_a_load_goes_to_the_stacks_own_address_and_is_split_by_pod() -> None:
    bodies: list[object] = []
    with server([], bodies) as url:
        load = Load(100, 0.2)
        watched = watch.watch(
            deployed(url), 0.4, load, {"torchserve": b"photo"}, show=lambda _: None, world=FAST
        )
    assert bodies[0] == {"data": "cGhvdG8="}
    assert watched.load["torchserve"].requests == len(bodies) == 20
    assert set(watched.split["torchserve"]) == {"torchserve-1", "torchserve-2"}
    order = [event.what for event in watched.events if event.what in (LOAD, LOAD_ENDS)]
    assert order == [LOAD, LOAD_ENDS]


def test_a_watch_that_is_to_settle_ends_its_load_and_itself_once_the_stack_scaled_out_and_in() -> None:
    with server([], []) as url:
        load, told = Load(100, 60), partial(watch.watch, settle=True, show=lambda _: None, world=FAST)
        watched = told(deployed(url, Scaling()), 60, load, {"torchserve": b"photo"})
    whats = [event.what for event in watched.events]
    assert {OUT, FIRST} <= set(whats[: whats.index(LOAD_ENDS)])
    assert {IN, ENDING} <= set(whats[whats.index(LOAD_ENDS) :])
    assert 0 < watched.load["torchserve"].requests < 1000


def test_settling_without_a_load_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", "demo", "--settle"]) == 1
    assert "watch: --settle: expected --load RATE beside it" in capsys.readouterr().err


def test_a_server_without_an_address_is_not_loaded() -> None:
    with pytest.raises(LoadError, match="torchserve: reached only inside the cluster"):
        watch.watch(deployed(None), 1, Load(1, 1), {}, show=lambda _: None)


def test_the_json_form_has_events_load_steps_and_split(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "face.png").write_bytes(b"photo")
    with server([], []) as url:
        load = ["--load", "100", "--load-seconds", "0.1", "--photo", str(tmp_path / "face.png")]
        options = parser().parse_args(["watch", "demo", "--seconds", "0.3", *load, "--json"])
        assert watch.run(options, replace(FAST, connect=lambda _: deployed(url))) == 0
    answer = json.loads(capsys.readouterr().out)
    assert set(answer) == {"stack", "resolution_seconds", "blind", "events", "steps", "load", "split"}
    assert answer["load"]["torchserve"]["requests"] == 10


def test_the_figures_are_readable() -> None:
    watched = watch.Watched(
        stack="demo",
        resolution_seconds=0.5,
        blind=2,
        events=(),
        steps={"torchserve": {"pod ready": 31.5}},
        load={},
        split={"torchserve": {"torchserve-1": 300, "torchserve-2": 100}},
    )
    text = watch.figures(watched)
    assert "torchserve: pod ready 31.5 s after the load's start (± 0.5 s)" in text
    assert "torchserve: torchserve-2 took 100 requests (25%)" in text
    assert "2 looks without an answer" in text


@pytest.mark.parametrize("seconds", ["0", "-5", "nan", "86400"])
def test_a_time_out_of_bounds_is_refused(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", "demo", "--seconds", seconds]) == 1
    assert "watch: --seconds: expected more than 0, at most 3600 s, got" in capsys.readouterr().err


def test_a_load_out_of_bounds_is_refused_by_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", "demo", "--load", "1000"]) == 1
    assert "watch: --load: expected more than 0, at most 500 requests/s, got 1000" in capsys.readouterr().err

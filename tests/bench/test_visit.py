"""Visits and whole experiments, with the cluster and the loads replaced: order, faults, Ctrl-C, going on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bench import all as everything
from bench import baseline, parts, payloads, pulumi, stack, store, visit
from bench.__main__ import main
from bench.load import k6
from bench.measure import Request, Setup, Warm
from bench.stack import StackUnavailableError
from bench.summary import CONFIRM, Summary
from stack.outputs import Endpoint, Monitoring, StackOutputs
from tests.bench.summaries import summary

OUTPUTS = StackOutputs(
    "tf-default",
    "embedded",
    "emotion-tf-default",
    (Endpoint("tensorflow", "tensorflow-serving", "image", "http://127.0.0.1:1/"),),
    Monitoring("emotion-monitoring", "prometheus", 9090),
)
COMMAND = ["all", "tf-default", "torch-tuned", "--quick", "--experiment", "trial"]


class World:
    """What was done, in order; `broken` stacks do not come up, `stop` interrupts at a part of an arm."""

    def __init__(self, results: Path) -> None:
        self.results, self.said = results, list[str]()
        self.broken: set[str] = set()
        self.stop = ""
        self.voids = 0
        self.kept = 0
        self.settles = True

    def up(self, name: str) -> None:
        self.said.append(f"up {name}")
        if name in self.broken:
            raise StackUnavailableError("pulumi up failed")

    def warm_again(self, *_: object) -> Warm:
        self.said.append("warm again")
        return Warm(16.0, True, 5.0)

    def measure(self, _: Setup, request: Request) -> Summary:
        what = f"{request.arm} {request.part}"
        self.said.append(what)
        if what == self.stop:
            raise KeyboardInterrupt
        void = ("lag",) if self.voids > 0 else ()
        self.voids -= 1
        return self.keep(replace(summary(request.part, arm=request.arm, block=request.block), void=void))

    def search(self, _: Setup, request: Request, *__: object) -> tuple[Summary, ...]:
        self.said.append(f"{request.arm} capacity")
        return (self.keep(summary(CONFIRM, 200, arm=request.arm, block=request.block)),)

    def keep(self, made: Summary) -> Summary:
        self.kept += 1
        store.keep(store.create(self.results, "trial", made.arm, f"{self.kept}"), store.SUMMARY, made)
        return made


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    made = World(tmp_path / "results")
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "a.jpg").write_bytes(b"\xff\xd8\xff a photo")
    monkeypatch.setattr(everything, "RESULTS", made.results)
    monkeypatch.setattr(payloads, "FOLDER", photos)
    monkeypatch.setattr(k6, "locate", lambda: "k6")
    monkeypatch.setattr(pulumi, "initialised", initialised)
    monkeypatch.setattr(pulumi, "clean", lambda name: made.said.append(f"clean {name}"))
    monkeypatch.setattr(pulumi, "up", made.up)
    monkeypatch.setattr(pulumi, "destroy", lambda name: made.said.append(f"destroy {name}"))
    monkeypatch.setattr(stack, "read", lambda name: replace(OUTPUTS, stack=name))
    monkeypatch.setattr(visit, "aim", lambda outputs, endpoint, *_: Aimed(outputs, endpoint))
    monkeypatch.setattr(visit, "mismatches", lambda _: ())
    monkeypatch.setattr(visit, "warm_up", lambda *_: Warm(16.0, made.settles, 5.0))
    monkeypatch.setattr(parts, "warm_up", made.warm_again)
    monkeypatch.setattr(visit, "forwarded", forwarded)
    monkeypatch.setattr(parts, "measure", made.measure)
    monkeypatch.setattr(parts, "search", made.search)
    monkeypatch.setattr(baseline, "measure", lambda *_: made.said.append("baseline"))
    monkeypatch.setattr(baseline, "keep", lambda *_: None)
    return made


class Aimed:
    """As much of a target as a visit looks at."""

    def __init__(self, outputs: StackOutputs, endpoint: Endpoint) -> None:
        self.outputs, self.endpoint = outputs, endpoint


@contextmanager
def initialised(_: str) -> Iterator[None]:
    yield


@contextmanager
def forwarded(_: StackOutputs, endpoint: Endpoint) -> Iterator[Endpoint]:
    yield endpoint


def run(*more: str) -> int:
    return main([*COMMAND, "--photos", str(payloads.FOLDER), *more])


def part_of(said: list[str], arm: str) -> list[str]:
    return [line.removeprefix(f"{arm} ") for line in said if line.startswith(f"{arm} ")]


def test_every_stack_comes_up_fresh_is_measured_and_goes_one_at_a_time(world: World) -> None:
    assert run() == 0
    up, present = 0, list[int]()
    for line in world.said:
        up += {"up": 1, "destroy": -1}.get(line.split()[0], 0)
        present += [up] if line.endswith((" thesis", " serial", " capacity")) else []
    assert up == 0, "nothing stays"
    assert set(present) == {1}, "whatever is loaded is alone"
    assert part_of(world.said, "tf-default") == ["thesis", "serial", "capacity"]
    assert part_of(world.said, "tf-default@twin") == ["thesis", "serial", "capacity"]
    assert part_of(world.said, "tf-default@port-forward") == ["thesis"]
    assert part_of(world.said, "torch-tuned") == ["serial", "capacity"]


def test_a_finished_experiment_is_not_measured_again(world: World) -> None:
    assert run() == 0
    world.said.clear()
    assert run() == 0
    assert world.said == []


def test_ctrl_c_takes_the_stack_down_and_the_same_command_goes_on(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.stop = "tf-default serial"
    assert run() == 130
    assert world.said[-1] == "destroy tf-default"
    assert "the same command goes on from here" in capsys.readouterr().err
    finished = part_of(world.said, "tf-default")
    assert finished == ["thesis", "serial"]
    world.stop = ""
    world.said.clear()
    assert run() == 0
    assert part_of(world.said, "tf-default") == ["serial", "capacity"], "its thesis run is not repeated"


def test_a_stack_that_does_not_come_up_fails_alone(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.broken = {"torch-tuned"}
    assert run() == 1
    told = capsys.readouterr().err
    assert "failed: torch-tuned, block 1: pulumi up failed" in told
    assert "left: torch-tuned, block 1: serial, baseline, capacity" in told
    assert "destroy torch-tuned" in world.said
    assert part_of(world.said, "tf-default") == ["thesis", "serial", "capacity"]


def test_three_failures_in_a_row_end_the_experiment(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.broken = {"torch-tuned", "tf-default"}
    assert run() == 1
    assert "3 visits failed one after another" in capsys.readouterr().err


def test_a_void_run_is_made_once_more(world: World) -> None:
    world.voids = 1
    assert run() == 0
    loads = [line for line in world.said if line.endswith((" thesis", " serial"))]
    assert len(loads) == len(set(loads)) + 1


def test_a_warm_up_that_did_not_settle_is_repeated_before_the_second_try(world: World) -> None:
    world.settles, world.voids = False, 1
    assert run() == 0
    assert world.said.count("warm again") == 1


def test_a_run_that_stays_void_is_left_for_the_next_go(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.voids = 2
    assert run() == 1
    assert "the same command does what is left" in capsys.readouterr().err
    world.said.clear()
    assert run() == 0
    measured = [line for line in world.said if line.endswith((" thesis", " serial"))]
    assert len(measured) == 1


def test_another_plan_under_the_same_name_is_refused(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run() == 0
    world.said.clear()
    assert run("--seed", "5") == 1
    assert world.said == []
    assert "--experiment: trial is there with another plan" in capsys.readouterr().err


def test_a_dry_run_does_nothing(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--dry-run") == 0
    assert world.said == []
    assert not world.results.exists()
    assert "3 visits left" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["all", "nonsense"], "STACK: expected one of tf-default, "),
        (["all", "minikube"], "minikube: expected a stack of one server, got tensorflow, torchserve"),
        (["all", "--blocks", "0"], "--blocks: expected 1–100, got 0"),
        (["all", "--step", "0"], "--rate: expected 0–2000 requests/s, got 0"),
    ],
)
def test_a_wrong_command_is_one_clear_line(
    words: list[str], message: str, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 1
    told = capsys.readouterr().err
    assert message in told
    assert "Traceback" not in told
    assert world.said == []


def test_every_variant_is_in_an_experiment_the_thesis_first() -> None:
    names = everything.variants()
    assert len(names) == 12
    assert names[0] == "tf-default"
    assert names[-3:] == ["tf-batch-tuned", "tf-hpa", "torch-tuned"]


def test_steps_are_for_the_autoscaled_variants(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["all", "--step", "100", "--dry-run"]) == 0
    assert world.said == []
    assert "experiment steps: 5 blocks of 2 arms" in capsys.readouterr().err


def test_a_void_step_is_left_for_a_later_go_with_fresh_pods(world: World) -> None:
    words = ["all", "tf-hpa", "--step", "100", "--blocks", "1", "--experiment", "trial"]
    world.voids = 1
    assert main([*words, "--photos", str(payloads.FOLDER)]) == 1
    assert part_of(world.said, "tf-hpa") == ["step"]
    assert main([*words, "--photos", str(payloads.FOLDER)]) == 0
    assert part_of(world.said, "tf-hpa") == ["step", "step"]
    assert world.said.count("up tf-hpa") == 2

"""Visits and whole experiments, with the cluster and the loads replaced: order, faults, Ctrl-C, going on."""

import sys
import time
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from bench.__main__ import parser
from bench.commands import all as everything
from bench.errors import BenchError, RefusedError, StackUnavailableError
from bench.experiment.baseline import Wish
from bench.experiment.hands import Hands
from bench.records import store
from bench.records.baseline import Baseline, ServiceTime
from bench.records.parts import CONFIRM
from bench.records.profile import Profile
from bench.records.run import Summary
from bench.subject.deployed import Deployed
from bench.subject.payloads import Photo
from bench.subject.target import Target
from bench.trial.measure import Request, Setup, Warm
from stack.outputs import Endpoint, Monitoring, StackOutputs
from tests.bench.scenes import Silent
from tests.bench.summaries import summary

OUTPUTS = StackOutputs(
    "tf-default",
    "embedded",
    "emotion-tf-default",
    (Endpoint("tensorflow", "tensorflow-serving", "image", "http://127.0.0.1:1/"),),
    Monitoring("emotion-monitoring", "prometheus", 9090),
)
COMMAND = ["tf-default", "torch-tuned", "--quick", "--experiment", "trial"]


class World:
    """What was done, in order; `broken` stacks do not come up, `stop` interrupts at a part of an arm."""

    def __init__(self, folder: Path) -> None:
        self.results, self.photos, self.said = folder / "results", folder / "photos", list[str]()
        self.broken: set[str] = set()
        self.stop = ""
        self.voids = 0
        self.kept = 0
        self.settles = True
        self.refuses = False
        self.foreseen = list[int]()  # forecasts that were there when a search began
        self.wrong = list[tuple[str, ...]]()
        self.slow = 0.0  # s that a stack takes to go

    def run(self, *words: str) -> int:
        """The command `all` in this world."""
        hands = Hands(
            locate=lambda: "k6",
            initialised=lambda _: nullcontext(),
            clean=lambda name: self.said.append(f"clean {name}"),
            up=self.up,
            destroy=self.destroy,
            connect=lambda name: Deployed(replace(OUTPUTS, stack=name), Silent()),
            aim=self.aim,
            forwarded=lambda _, endpoint: nullcontext(endpoint),
            mismatches=lambda _: self.wrong.pop() if self.wrong else (),
            pause=lambda seconds: self.said.append(f"pause {seconds:g}"),
            warm_up=self.warm_up,
            measure=self.measure,
            search=self.search,
            baseline=self.baseline,
        )
        try:
            options = parser().parse_args(["all", *words, "--photos", str(self.photos)])
            return everything.run(options, everything.World(self.results, hands))
        except BenchError as error:
            print(error, file=sys.stderr)
            return 1

    def destroy(self, name: str) -> None:
        time.sleep(self.slow)
        self.said.append(f"destroy {name}")

    def up(self, name: str) -> None:
        self.said.append(f"up {name}")
        if name in self.broken:
            raise StackUnavailableError("pulumi up failed")

    def aim(self, stack: Deployed, endpoint: Endpoint, photos: tuple[Photo, ...], route: str) -> Target:
        if self.refuses:
            raise RefusedError([f"a.jpg: {endpoint.server}: got HEIC"])
        return Target(stack, endpoint, "", photos, (), "", route)

    def warm_up(self, _: Target, __: Profile, seed: int) -> Warm:
        if seed % 100:  # not the block's own
            self.said.append("warm again")
            return Warm(16.0, True, 5.0)
        return Warm(16.0, self.settles, 5.0)

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
        self.foreseen.append(len(store.read(self.results / "trial").expected))
        return (self.keep(summary(CONFIRM, 200, arm=request.arm, block=request.block)),)

    def baseline(self, stack: Deployed, endpoint: Endpoint, _: object, wish: Wish) -> Baseline:
        self.said.append("baseline")
        name, times = stack.outputs.stack, (ServiceTime(1, 60, 5.0),)
        return Baseline(
            1, wish.experiment, wish.arm, name, endpoint.server, wish.block, "x", 1, "here", times
        )

    def keep(self, made: Summary) -> Summary:
        self.kept += 1
        store.keep(store.create(self.results, "trial", made.arm, f"{self.kept}"), store.SUMMARY, made)
        return made


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.photos.mkdir()
    (made.photos / "a.jpg").write_bytes(b"\xff\xd8\xff a photo")
    return made


def part_of(said: list[str], arm: str) -> list[str]:
    return [line.removeprefix(f"{arm} ") for line in said if line.startswith(f"{arm} ")]


def test_every_stack_comes_up_fresh_is_measured_and_goes_one_at_a_time(world: World) -> None:
    assert world.run(*COMMAND) == 0
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
    assert world.run(*COMMAND) == 0
    world.said.clear()
    assert world.run(*COMMAND) == 0
    assert world.said == []


def test_ctrl_c_takes_the_stack_down_and_the_same_command_goes_on(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.stop = "tf-default serial"
    assert world.run(*COMMAND) == 130
    assert world.said[-1] == "destroy tf-default"
    assert "the same command goes on from here" in capsys.readouterr().err
    finished = part_of(world.said, "tf-default")
    assert finished == ["thesis", "serial"]
    world.stop = ""
    world.said.clear()
    assert world.run(*COMMAND) == 0
    assert part_of(world.said, "tf-default") == ["serial", "capacity"], "its thesis run is not repeated"


def test_a_stack_that_does_not_come_up_fails_alone(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.broken = {"torch-tuned"}
    assert world.run(*COMMAND) == 1
    told = capsys.readouterr().err
    assert "failed: torch-tuned, block 1: pulumi up failed" in told
    assert "left: torch-tuned, block 1: serial, baseline, capacity" in told
    assert "destroy torch-tuned" in world.said
    assert part_of(world.said, "tf-default") == ["thesis", "serial", "capacity"]


def test_three_failures_in_a_row_end_the_experiment(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.broken = {"torch-tuned", "tf-default"}
    assert world.run(*COMMAND) == 1
    assert "3 visits failed one after another" in capsys.readouterr().err


def test_refused_photos_end_the_experiment_before_any_load(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.refuses = True
    assert world.run(*COMMAND) == 1
    assert "a.jpg: tensorflow: got HEIC" in capsys.readouterr().err
    assert [line.split()[0] for line in world.said] == ["clean", "up", "destroy"], "one visit, without a load"


def test_a_void_run_is_made_once_more(world: World) -> None:
    world.voids = 1
    assert world.run(*COMMAND) == 0
    loads = [line for line in world.said if line.endswith((" thesis", " serial"))]
    assert len(loads) == len(set(loads)) + 1


def test_a_warm_up_that_did_not_settle_is_repeated_before_the_second_try(world: World) -> None:
    world.settles, world.voids = False, 1
    assert world.run(*COMMAND) == 0
    assert world.said.count("warm again") == 1


def test_a_run_that_stays_void_is_left_for_the_next_go(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.voids = 2
    assert world.run(*COMMAND) == 1
    assert "the same command does what is left" in capsys.readouterr().err
    world.said.clear()
    assert world.run(*COMMAND) == 0
    measured = [line for line in world.said if line.endswith((" thesis", " serial"))]
    assert len(measured) == 1


def test_another_plan_under_the_same_name_is_refused(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.run(*COMMAND) == 0
    world.said.clear()
    assert world.run(*COMMAND, "--seed", "5") == 1
    assert world.said == []
    assert "--experiment: trial is there with another plan" in capsys.readouterr().err


def test_a_dry_run_does_nothing(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert world.run(*COMMAND, "--dry-run") == 0
    assert world.said == []
    assert not world.results.exists()
    assert "3 visits left" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nonsense"], "STACK: expected one of tf-default, "),
        (["minikube"], "minikube: expected a stack of one server, got tensorflow, torchserve"),
        (["tf-default", "--experiment", ""], "--experiment: expected a folder's name, got ''"),
        (["--blocks", "0"], "--blocks: expected a whole number, 1 to 100, got 0"),
        (["--step", "0"], "--step: expected more than 0, at most 2000 requests/s, got 0"),
        (["--after", "90"], "--after: only for --step; leave it out"),
        (["--quick", "--measured", "x"], "--measured: only for --step; leave it out"),
    ],
)
def test_a_wrong_command_is_one_clear_line(
    words: list[str], message: str, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.run(*words) == 1
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
    assert world.run("--step", "100", "--dry-run") == 0
    assert world.said == []
    assert "experiment steps: 5 blocks of 2 arms" in capsys.readouterr().err


def test_a_void_step_is_left_for_a_later_go_with_fresh_pods(world: World) -> None:
    words = ["tf-hpa", "--step", "100", "--blocks", "1", "--experiment", "trial"]
    world.voids = 1
    assert world.run(*words) == 1
    assert part_of(world.said, "tf-hpa") == ["step"]
    assert world.run(*words) == 0
    assert part_of(world.said, "tf-hpa") == ["step", "step"]
    assert world.said.count("up tf-hpa") == 2


def test_what_is_expected_is_written_down_before_a_search_and_never_again(world: World) -> None:
    world.stop = "torch-tuned serial"
    assert world.run(*COMMAND) == 130
    before = {each.arm: each for each in store.read(world.results / "trial").expected}
    world.stop = ""
    assert world.run(*COMMAND) == 0
    assert world.foreseen == [1, 2, 3]
    found = store.read(world.results / "trial").expected
    assert sorted(each.arm for each in found) == ["tf-default", "tf-default@twin", "torch-tuned"]
    assert before.items() <= {each.arm: each for each in found}.items()
    assert all(each.rate > 0 and each.serials == 1 for each in found)


# neither can be played, which takes no time
STEPS = ("triton-hpa", "torch-keda", "--step", "100", "--blocks", "1", "--experiment", "trial")


def test_a_step_is_foretold_before_its_first_visit_and_never_again(world: World) -> None:
    world.stop = "torch-keda step"
    assert world.run(*STEPS) == 130
    file = world.results / "trial" / store.FORECAST
    first = file.read_bytes()
    told = store.read(file.parent).forecast
    assert told
    assert [each.arm for each in told.left] == ["triton-hpa", "torch-keda"]
    assert told.sources[0].startswith("docs/results/full, measured 2026-11-25")
    world.stop = ""
    assert world.run(*STEPS, "--measured", str(world.results / "trial")) == 0
    assert file.read_bytes() == first


def test_what_began_without_a_forecast_gets_none(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.stop = "torch-keda step"
    assert world.run(*STEPS) == 130
    (world.results / "trial" / store.FORECAST).unlink()
    world.stop = ""
    assert world.run(*STEPS) == 0
    assert "what is made now would be no forecast" in capsys.readouterr().err
    assert store.read(world.results / "trial").forecast is None


def test_the_rule_is_in_the_plan_and_in_what_a_dry_run_prints(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.run(*STEPS, "--before", "30", "--after", "40", "--dry-run") == 0
    said = capsys.readouterr().err
    assert "step: 20 → 100 → 20 requests/s (30 + 90 + 40 s)" in said
    assert "no 2 in a row are beyond" in said
    assert "at most 25 % of the requests beyond the objective that triton-hpa has" in said
    assert "forecast: made before the first visit, by the figures of docs/results/full" in said
    assert world.run(*STEPS) == 0
    plan = store.read(world.results / "trial").experiment
    assert plan and plan.rule and plan.rule.default == "triton-hpa"


def test_an_experiment_of_before_rules_were_kept_goes_on_without_one(world: World) -> None:
    world.stop = "torch-keda step"
    assert world.run(*STEPS) == 130
    folder = world.results / "trial"
    kept = store.read(folder).experiment
    assert kept
    store.keep(folder, store.EXPERIMENT, replace(kept, rule=None))
    world.stop = ""
    assert world.run(*STEPS) == 0
    again = store.read(folder).experiment
    assert again and again.rule is None


def test_a_step_begins_when_the_former_stack_is_gone(world: World) -> None:
    world.slow = 0.3
    assert world.run(*STEPS) == 0
    order = [line.split()[0] for line in world.said if line.startswith(("up ", "destroy "))]
    assert order == ["up", "destroy", "up", "destroy"]


def test_settings_may_take_a_moment_to_be_effective(world: World) -> None:
    world.wrong = [("autoscaling: expected True, found False",)] * 3
    assert world.run(*COMMAND) == 0
    assert world.said.count("pause 2") == 3


def test_settings_that_stay_ineffective_fail_a_visit(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.wrong = [("replicas: expected 2, found 1",)] * 11
    assert world.run(*COMMAND) == 1
    assert "settings are not effective: replicas: expected 2, found 1" in capsys.readouterr().err

"""One run from a stack's outputs to its folder, with the cluster replaced and a real generator."""

import gzip
import json
import re
import shutil
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bench.__main__ import main, parser
from bench.commands import run
from bench.commands.run import World
from bench.errors import GeneratorError, LoadError, OptionError, RefusedError, StackUnavailableError
from bench.load.profiles import NAMES
from bench.records import store
from bench.records.profile import Trace
from bench.records.run import SCHEMA
from bench.records.series import Drawn, Line
from bench.subject.deployed import Deployed
from bench.subject.target import Target, aim, chosen, require_near
from bench.trial import capacity
from bench.trial.measure import MARGIN_SECONDS, Around
from bench.trial.search import Bounds
from stack.outputs import Monitoring, StackOutputs
from tests.bench.double import double
from tests.bench.scenes import SPACE, Silent, endpoint
from tests.bench.still import Still

OUTPUTS = StackOutputs(
    "demo",
    "embedded",
    SPACE,
    (endpoint("tensorflow"), endpoint("torchserve")),
    Monitoring("emotion-monitoring", "prometheus", 9090),
)


DRAWN = (Drawn("CPU used", "cores", "up", (Line("pod-1", ((MARGIN_SECONDS, 1.5),)),)),)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(b"\xff\xd8\xff a photo")
    return folder


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A stack whose servers are doubles that tell the truth."""
    with double() as server:
        yield around(tmp_path / "results", server.port)


def around(results: Path, *ports: int) -> World:
    """A world whose servers, in this order or all at once, are at ports of this machine."""
    each = ports if len(ports) > 1 else ports * len(OUTPUTS.endpoints)
    urls = [f"http://127.0.0.1:{port}/" for port in each]
    ends = (replace(end, url=url) for end, url in zip(OUTPUTS.endpoints, urls, strict=True))
    there = Deployed(replace(OUTPUTS, endpoints=tuple(ends)), Silent())
    return World(
        results=results,
        connect=lambda _: there,
        around=Around(lambda _: (), lambda _: {"pod-1": 0}, Still, lambda *_: DRAWN),
        warm_up_seconds=2.0,
        bounds=Bounds(1, 1, trials=2),
        obtain=lambda: "k6",
    )


def carry_out(world: World, photos: Path, *words: str) -> int:
    options = parser().parse_args(["run", "demo", *words, "--photos", str(photos), "--experiment", "trial"])
    return run.run(options, world)


SHORT = ("--rate", "30", "--seconds", "2", "--server", "torchserve")


@pytest.mark.skipif(shutil.which("k6") is None, reason="k6 is not on PATH")
@pytest.mark.slow
def test_a_run_leaves_raw_samples_and_a_summary(world: World, photos: Path) -> None:
    assert carry_out(world, photos, *SHORT) == 1, "its warm-up is too short to settle"
    (folder,) = (world.results / "trial" / "demo").iterdir()
    made = json.loads((folder / "summary.json").read_text())
    lines = gzip.decompress((folder / "samples.csv.gz").read_bytes()).decode().splitlines()
    assert (made["schema"], made["stack"], made["server"]) == (SCHEMA, "demo", "torchserve")
    assert 0 < made["total"]["goodput"] <= made["total"]["requests"] / made["total"]["seconds"]
    assert (made["arm"], made["part"], made["block"]) == ("demo", "rate", 0)
    assert made["total"]["requests"] == len(lines) - 1 > 0
    assert made["obtained"]["load"].startswith("open")
    assert any("not stationary" in reason for reason in made["void"])
    assert (folder / "warm-up.csv.gz").exists()


@pytest.mark.skipif(shutil.which("k6") is None, reason="k6 is not on PATH")
@pytest.mark.slow
def test_what_pods_machine_and_prometheus_told_is_kept_with_a_run(world: World, photos: Path) -> None:
    carry_out(world, photos, *SHORT)
    (kept,) = store.read(world.results / "trial").runs
    (pod,) = kept.summary.pods
    assert (pod.requests, pod.cpu_seconds) == (60, 1.5)
    assert kept.summary.machine is not None
    assert kept.summary.machine.serving == 1.5
    assert [event.what for event in kept.summary.events] == ["pod ready"]
    (line,) = kept.series()[0].lines
    assert line.points == ((0.0, 1.5),), "times are since the load's start"
    assert len(kept.samples()) == kept.summary.total.requests


@pytest.mark.skipif(shutil.which("k6") is None, reason="k6 is not on PATH")
@pytest.mark.slow
def test_a_capacity_search_keeps_every_trial(
    world: World, photos: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(capacity, "MOST_RATE", 60.0)
    words = ["--profile", "capacity", "--rate", "40", "--seconds", "1", "--server", "tensorflow"]
    carry_out(world, photos, *words)
    parts = [kept.summary.part for kept in store.read(world.results / "trial").runs]
    assert parts == re.findall(r"^tensorflow: (search|confirm) at", capsys.readouterr().err, re.MULTILINE)
    assert parts[:2] == ["search", "search"]


def test_a_server_that_the_stack_lacks_is_refused() -> None:
    only = replace(OUTPUTS, endpoints=OUTPUTS.endpoints[:1])
    assert [each.server for each in chosen(OUTPUTS, None)] == ["tensorflow", "torchserve"]
    with pytest.raises(OptionError, match="--server: expected one of tensorflow, got torchserve"):
        chosen(only, "torchserve")


def test_load_stays_near() -> None:
    require_near("http://127.0.0.1:80/")
    require_near("http://10.1.2.3/")
    with pytest.raises(LoadError, match=r"expected a loopback or private address, got 8\.8\.8\.8"):
        require_near("http://8.8.8.8/predict")


def test_a_server_without_an_address_says_what_to_set() -> None:
    inside = replace(OUTPUTS.endpoints[0], url=None)
    with pytest.raises(LoadError, match=r"tensorflow: .*set service\.type"):
        aim(Deployed(OUTPUTS, Silent()), inside, ())


def test_it_is_said_when_generator_and_server_share_a_machine() -> None:
    made = Target(Deployed(OUTPUTS, Silent()), OUTPUTS.endpoints[0], "http://127.0.0.1:1/", (), (), "none")
    assert made.same_machine
    assert not replace(made, url="http://10.1.2.3/").same_machine


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--profile", "trace"], "--profile trace: expected --trace FILE, got none"),
        (["--profile", "trace", "--rate", "3"], "--rate: expected none with --profile trace"),
        (["--rate", "3", "--trace", "x.csv"], "--trace: only for --profile trace"),
        (["--profile", "capacity", "--scale-time", "2"], "--scale-time: only for --profile trace"),
    ],
)
def test_a_trace_and_its_profile_belong_together(
    world: World, photos: Path, words: list[str], message: str
) -> None:
    with pytest.raises(LoadError, match=message):
        carry_out(world, photos, *words)


@pytest.mark.skipif(shutil.which("k6") is None, reason="k6 is not on PATH")
@pytest.mark.slow
def test_every_request_of_a_trace_is_sent(world: World, photos: Path, tmp_path: Path) -> None:
    file = tmp_path / "two.csv"
    file.write_text("seconds\n" + "0.5\n" * 30 + "1.5\n" * 60)
    words = ["--profile", "trace", "--trace", str(file), "--scale-rate", "0.5", "--server", "torchserve"]
    carry_out(world, photos, *words)
    (kept,) = store.read(world.results / "trial").runs
    assert kept.summary.profile == Trace("two.csv", 1.0, (15, 30))
    assert (kept.summary.part, kept.summary.total.requests, len(kept.samples())) == ("trace", 45, 45)


@pytest.mark.parametrize("name", ["../away", "a/b", "", ".hidden"])
def test_an_experiment_is_a_plain_name(world: World, photos: Path, name: str) -> None:
    words = ["run", "demo", "--rate", "30", "--photos", str(photos), "--experiment", name]
    with pytest.raises(OptionError, match="--experiment: expected a folder's name"):
        run.run(parser().parse_args(words), world)
    assert not world.results.exists()


def test_refused_photos_are_named_by_every_server_before_any_load(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(50):
        word = b"good" if number < 10 else b"bad!"  # whole triples, so that base64 shows them alike
        (folder / f"{number:02}.jpg").write_bytes(b"\xff\xd8\xff" + word * 3)
    with double(b64encode(b"bad!" * 3)) as one, double(b64encode(b"bad!" * 3)) as other:
        world = around(tmp_path / "results", one.port, other.port)
        with pytest.raises(RefusedError) as raised:
            carry_out(world, folder, "--rate", "30", "--seconds", "2")
        assert (one.asked, other.asked) == (50, 50), "each photo once, and no load"
    lines = str(raised.value).splitlines()
    named = sorted(line.split(":")[0].strip() for line in lines if ": torchserve: got HEIC" in line)
    assert named == [f"{number:02}.jpg" for number in range(10, 50)]
    assert len(lines) == 1 + 2 * 40, "both servers"
    assert not world.results.exists()


def test_a_wrong_stack_or_server_is_told_before_a_missing_k6(world: World, photos: Path) -> None:
    def missing() -> str:
        raise GeneratorError("k6 is not on PATH")

    def nowhere(name: str) -> Deployed:
        raise StackUnavailableError(f"{name} is not deployed")

    there = replace(OUTPUTS, endpoints=OUTPUTS.endpoints[:1])
    without = replace(world, obtain=missing)
    with pytest.raises(StackUnavailableError, match="demo is not deployed"):
        carry_out(replace(without, connect=nowhere), photos, *SHORT)
    with pytest.raises(OptionError, match="--server: expected one of tensorflow"):
        carry_out(replace(without, connect=lambda _: Deployed(there, Silent())), photos, *SHORT)
    with pytest.raises(GeneratorError):
        carry_out(without, photos, *SHORT)


def test_a_confirmation_of_a_search_has_room_within_the_longest_load(world: World, photos: Path) -> None:
    with pytest.raises(LoadError, match=r"--profile capacity: --seconds: .*at most 21600 s, got 30000"):
        carry_out(world, photos, "--profile", "capacity", "--seconds", "30000")


@pytest.mark.parametrize(
    ("command", "words", "examples"),
    [("run", NAMES, 5), ("all", ("--short", "--quick", "--step RATE"), 3)],
)
def test_the_help_explains_every_kind_of_load_with_examples(
    command: str, words: tuple[str, ...], examples: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    said = capsys.readouterr().out
    explained = [line.strip() for line in said.splitlines() if line.startswith("  ")]
    for word in words:
        assert any(line.startswith(f"{word} ") for line in explained), word
    assert said.count(f"\n  python -m bench {command} ") == examples


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--generators", "0"), "expected a whole number, 1 to 20 generators, got 0"),
        (("--generators", "-1"), "expected a whole number, 1 to 20 generators, got -1"),
        (("--generators", "21"), "expected a whole number, 1 to 20 generators, got 21"),
        (("--generators", "2.5"), "expected a whole number, 1 to 20 generators, got 2.5"),
        (
            ("--generators", "9", "--rate", "2", "--seconds", "2"),
            "expected at most 3, as the load has no more",
        ),
        (("--generators", "2", "--profile", "thesis"), "expected an open load, got 25 users who wait"),
        (
            ("--generators", "2", "--rate", "9", "--through-port-forward"),
            "expected no --through-port-forward",
        ),
    ],
)
def test_generators_that_cannot_be_had_are_refused_before_anything_is_asked(
    world: World, photos: Path, words: tuple[str, ...], told: str
) -> None:
    with pytest.raises(OptionError, match=f"--generators: {told}"):
        carry_out(replace(world, connect=lambda _: pytest.fail("asked")), photos, *words)


def test_generators_are_for_stacks(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", "--url", "http://127.0.0.1:9/", "--body", __file__, "--rate", "5", "--generators", "2"]
    assert main(words) == 1
    assert "--generators: only for a stack; leave it out" in capsys.readouterr().err

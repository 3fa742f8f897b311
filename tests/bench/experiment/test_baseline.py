"""Service times in process, with the cluster replaced; one test with a real runtime."""

import ast
import itertools
import json
import sys
import time
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bench.__main__ import main, parser
from bench.commands import baseline
from bench.commands.baseline import World
from bench.errors import ClusterError, CommandError, TargetError
from bench.experiment import inprocess
from bench.experiment.baseline import Wish, job, measure
from bench.experiment.timing import ABSENT, HAS_MODULE, SCRIPT
from bench.records import store
from bench.records.baseline import ServiceTime
from bench.subject.cluster import Cluster
from bench.subject.deployed import Deployed
from bench.subject.payloads import Photo
from stack.servers import SERVERS
from stack.settings import Settings, TensorFlow, TorchServe
from tests.bench.scenes import COMPONENTS, SPACE, endpoint, outputs

PHOTOS = (Photo("a.jpg", "JPEG", b"\xff\xd8\xff one"), Photo("b.jpg", "JPEG", b"\xff\xd8\xff two"))
REPORT = {
    "runtime": "PyTorch 2",
    "threads": 1,
    "resident_mebibytes": 300,
    "times": [{"rows": 1, "calls": 60, "p50_millis": 2.5}, {"rows": 8, "calls": 9, "p50_millis": 12.0}],
}
WISH = Wish("trial", "demo@twin", block=2, rows=(1, 8), seconds=0.2)
HANDLER = """
import os
class Handler:
    def initialize(self, context):
        self.threads = os.environ["OMP_NUM_THREADS"]
    def preprocess(self, rows):
        assert all(row["body"].startswith(b"\\xff\\xd8\\xff") for row in rows)
        return rows, [""] * len(rows)
    def inference(self, tensors):
        assert self.threads == "1"
"""


SAID = f"a library's chatter\n{json.dumps(REPORT)}\n"


class FakeCluster(Cluster):
    """One ready pod of each server; its container answers as it is told to."""

    def __init__(self, said: str = SAID, code: int = 0, ready: str = "True") -> None:
        self.answers, self.code, self.ready = ("", said), code, ready
        self.commands: list[Sequence[str]] = []

    def get(self, path: str) -> object:
        name = path.rpartition("/name%3D")[2]
        condition = {"type": "Ready", "status": self.ready, "lastTransitionTime": "2026-11-24T13:00:00Z"}
        labels = {"app.kubernetes.io/name": name}
        pod = {
            "metadata": {"namespace": SPACE, "name": f"{name}-1", "labels": labels},
            "status": {"conditions": [condition]},
        }
        return {"items": [pod]}

    def execute(
        self,
        namespace: str,
        pod: str,
        container: str,
        command: Sequence[str],
        *,
        stdin: str = "",
        seconds: float = 10,
    ) -> str:
        assert (namespace, pod) == (SPACE, f"{container}-1")
        self.commands.append(command)
        if self.code:
            raise CommandError(f"{pod}: its command failed ({self.code}): not found", self.code)
        if stdin:
            told = inprocess.Job(**json.loads(stdin))
            assert told.most_seconds == seconds > told.seconds * len(told.rows)
        return self.answers[bool(stdin)]


def deployed(said: str = SAID, code: int = 0, ready: str = "True") -> Deployed:
    return Deployed(outputs(), FakeCluster(said, code, ready))


def archive(folder: Path) -> Path:
    """A model archive whose handler needs no model."""
    file = folder / "torchserve" / "emotions.mar"
    file.parent.mkdir()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("MAR-INF/MANIFEST.json", json.dumps({"model": {"handler": "tiny_handler.py"}}))
        made.writestr("tiny_handler.py", HANDLER)
    return file


def test_a_record_says_what_was_timed_where_and_for_whom() -> None:
    made = measure(deployed(), endpoint("torchserve"), PHOTOS, WISH)
    assert made.where == "container torchserve of pod torchserve-1"
    assert (made.experiment, made.arm, made.stack, made.block) == ("trial", "demo@twin", "demo", 2)
    assert (made.server, made.runtime, made.threads) == ("torchserve", "PyTorch 2", 1)
    assert made.times == (ServiceTime(1, 60, 2.5), ServiceTime(8, 9, 12.0))


@pytest.mark.parametrize(
    ("limit", "kept"),
    [("500m", [1, 8]), ("200m", [1]), ("40m", [1]), ("1", [1, 8, 32]), ("2", [1, 8, 32])],
)
def test_calls_that_a_cpu_limit_interrupts_more_often_than_not_tell_nothing(
    limit: str, kept: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    times = [{"rows": rows, "calls": 9, "p50_millis": millis} for rows, millis in ((1, 3), (8, 12), (32, 94))]
    told = replace(outputs(), settings={"resources": {"cpuRequest": "10m", "cpuLimit": limit}})
    stack = Deployed(told, FakeCluster(json.dumps(REPORT | {"times": times})))
    made = measure(stack, endpoint("torchserve"), PHOTOS, WISH)
    assert [each.rows for each in made.times] == kept
    left = ", ".join(str(rows) for rows in (1, 8, 32) if rows not in kept)
    assert (f"{left} photos at once" in capsys.readouterr().err) == bool(left)


def test_a_container_without_the_runtime_is_measured_in_this_environment(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    archive(tmp_path)
    told = replace(outputs(), settings={"torchserve": {"threadsPerWorker": 1}})
    stack = Deployed(told, FakeCluster(code=ABSENT))
    made = measure(stack, endpoint("torchserve"), PHOTOS, WISH, tmp_path)
    assert made.where.startswith("the bench's own environment: container torchserve has no Python with torch")
    assert made.where in capsys.readouterr().err
    assert (made.runtime.split()[0], made.threads) == ("PyTorch", 1)
    assert [time.rows for time in made.times] == [1, 8]
    assert all(each.calls >= 6 and each.p50_millis > 0 for each in made.times)


def test_a_model_that_this_environment_cannot_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        TargetError, match=r"emotions\.mar: expected a model .* got FileNotFoundError.*; run: make up$"
    ):
        measure(deployed(code=ABSENT), endpoint("torchserve"), PHOTOS, WISH, tmp_path)


def test_a_command_that_fails_otherwise_is_no_missing_runtime() -> None:
    with pytest.raises(ClusterError, match="failed \\(137\\)"):
        measure(deployed(code=137), endpoint("tensorflow"), PHOTOS, WISH)


@pytest.mark.parametrize("answer", ["", "Killed", "[1]", '{"runtime": "x"}'])
def test_an_answer_that_is_no_report_is_an_error(answer: str) -> None:
    with pytest.raises(
        ClusterError, match=r"^container torchserve of pod torchserve-1: expected a report, got"
    ):
        measure(deployed(answer), endpoint("torchserve"), PHOTOS, WISH)


def test_a_server_without_a_ready_pod_is_not_measured() -> None:
    with pytest.raises(TargetError, match=r"^tensorflow: expected a ready pod, got none; run: make status$"):
        measure(deployed(ready="False"), endpoint("tensorflow"), PHOTOS, WISH)


def test_the_process_gets_the_threads_and_the_model_of_the_server() -> None:
    settings = Settings(
        tensorflow=TensorFlow(intra_op_threads=3, inter_op_threads=2),
        torchserve=TorchServe(threads_per_worker=4),
    )
    tensorflow, torch = (job(settings, SERVERS[server], PHOTOS, WISH) for server in COMPONENTS)
    assert (tensorflow.model, tensorflow.intra_threads, tensorflow.inter_threads) == (
        "/models/emotions",
        3,
        2,
    )
    assert (torch.model, torch.intra_threads) == ("/home/model-server/model-store/emotions.mar", 4)
    assert tensorflow.seconds * len(tensorflow.rows) == pytest.approx(WISH.seconds)


def test_every_size_takes_its_turn_with_the_next_photos() -> None:
    calls: list[list[bytes]] = []

    def call(photos: Sequence[bytes]) -> object:
        calls.append(list(photos))
        time.sleep(0.001 * len(photos))
        return None

    small, large = inprocess.timed(call, [b"a", b"b", b"c"], [1, 4], seconds=0.2)
    assert (small.rows, large.rows) == (1, 4)
    assert 1 <= small.p50_millis < large.p50_millis
    assert large.p50_millis >= 4
    switches = sum(len(one) != len(other) for one, other in itertools.pairwise(calls))
    assert switches == 2 * inprocess.ROUNDS - 1, "sizes alternate, round by round"
    assert small.calls + large.calls < len(calls), "the first round does not count"
    assert b"".join(itertools.chain(*calls)).startswith(b"abcabcabc")


def test_a_slow_call_is_made_a_few_times_all_the_same() -> None:
    (slow,) = inprocess.timed(lambda _: time.sleep(0.01), [b"a"], [32], seconds=0.001)
    assert slow.calls == inprocess.LEAST_CALLS * (inprocess.ROUNDS - 1)


def test_the_script_runs_on_an_old_python_without_the_product() -> None:
    tree = ast.parse(SCRIPT.read_text(), feature_version=(3, 9))
    modules = [each.module or "" for each in tree.body if isinstance(each, ast.ImportFrom)]
    modules += [name.name for each in tree.body if isinstance(each, ast.Import) for name in each.names]
    assert {module.partition(".")[0] for module in modules} <= sys.stdlib_module_names
    assert HAS_MODULE.endswith(f"else {ABSENT})")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--experiment", "../x"],
            "--experiment: expected a folder's name, got '../x'; use letters and digits",
        ),
        (["--arm", ""], "--arm: expected a stack or its twin, got ''; leave it out"),
        (["--arm", "../x"], "--arm: expected a stack or its twin, got '../x'; leave it out"),
        (["--block", "-1"], "--block: expected a whole number, 0 to 100, got -1; choose another"),
        (["--rows", "0,4"], "--rows: expected numbers 1–256, got 0,4; use 1,2,4,8,16,32"),
        (["--rows", "1,x"], "--rows: expected numbers 1–256, got 1,x; use 1,2,4,8,16,32"),
        (["--rows", "512"], "--rows: expected numbers 1–256, got 512; use 1,2,4,8,16,32"),
        (["--seconds", "0"], "--seconds: expected more than 0, at most 300 s, got 0; choose another"),
        (["--seconds", "nan"], "--seconds: expected more than 0, at most 300 s, got nan; choose another"),
    ],
)
def test_bad_options_are_refused_in_one_line(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["baseline", "demo", *words]) == 1
    assert capsys.readouterr().err == f"baseline: {message}\n"


def test_records_are_kept_with_the_runs_and_read_again(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "a.jpg").write_bytes(PHOTOS[0].content)
    words = ["--experiment", "trial", "--arm", "twin", "--block", "3", "--json"]
    world = World(tmp_path, lambda _: deployed(), tmp_path)
    assert baseline.run(parser().parse_args(["baseline", "demo", *words]), world) == 0
    printed = json.loads(capsys.readouterr().out)
    kept = store.read(tmp_path / "trial").baselines
    assert [(each.server, each.arm, each.block) for each in kept] == [
        ("tensorflow", "twin", 3),
        ("torchserve", "twin", 3),
    ]
    assert [each["times"][1]["p50_millis"] for each in printed] == [12.0, 12.0]


def test_people_see_what_a_row_costs() -> None:
    text = baseline.shown([measure(deployed(), endpoint("torchserve"), PHOTOS, WISH)])
    assert text.splitlines()[0].startswith("demo / torchserve: PyTorch 2, 1 threads, in container torchserve")
    assert text.splitlines()[2] == "    8 at once:   12.00 ms,  1.50 ms each, 9 calls"

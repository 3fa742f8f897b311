"""The whole report of a simulated experiment, and of those that lack something."""

import json
import re
import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest

from bench.analysis import cost
from bench.analysis.analysis import analyse
from bench.analysis.cells import cells
from bench.commands.report import files as report
from bench.errors import OptionError
from bench.records import store
from bench.records.events import IN
from bench.records.parts import SERIAL, STEP, THESIS, TRIALS
from bench.records.samples import LEAD_SECONDS
from bench.records.store import Evidence, Run
from bench.report import compose
from bench.report.sections.material import Material
from tests.bench.evidence import make
from tests.bench.specs import FEW, Size

pytestmark = pytest.mark.slow

P = ParamSpec("P")
T = TypeVar("T")
PRICES = cost.read(cost.DEFAULT)
HEADINGS = (
    "Every stack beside the others",
    "What each stack holds",
    "Latency",
    "Latency against rate",
    "Batch size",
    "Over time, in the thesis's form",
    "Autoscaling: a step of the load",
    "CPU and throttling",
    "Requests by pod",
    "Predicted and measured",
    "Noise: two identical stacks",
    "What serving adds to the model",
    "How the figures were obtained",
    "Void runs",
)


@pytest.fixture(scope="module")
def evidence(results: Path) -> Evidence:
    return store.read(results / "made")


@pytest.fixture(scope="module")
def files(evidence: Evidence) -> Mapping[str, bytes]:
    return report(evidence, PRICES)


def only(evidence: Evidence, *parts: str) -> Evidence:
    """Without its plan, journal, twins and all other parts: an experiment that has hardly begun."""
    runs = (run for run in evidence.runs if run.summary.part in parts and run.summary.arm == "tf-default")
    return Evidence(None, (), tuple(runs)[:1], ())


class Serially(Executor):
    """Draws in this process: a few runs are not worth others."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        done: Future[T] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


def markdown(evidence: Evidence) -> str:
    material = Material(analyse(evidence, PRICES), cells(evidence))
    return compose.files(material, Serially())["report.md"].decode()


def test_two_reports_of_the_same_evidence_are_byte_identical(
    evidence: Evidence, files: Mapping[str, bytes]
) -> None:
    assert report(evidence, PRICES) == files


def test_the_page_is_one_file_that_asks_for_nothing(files: Mapping[str, bytes]) -> None:
    for name in ("report.html", "thesis.html"):
        text = files[name].decode()
        text = re.sub(r' xmlns(:xlink)?="[^"]*"', "", text)
        assert not re.search(r"https?://|url\((?!#)|@import|<link|<img|<script src", text), name
        assert not re.search(r'(?:src|href)="(?!#|thesis\.html|report\.html)', text), name


def test_every_section_is_there_in_order_after_the_verdict(files: Mapping[str, bytes]) -> None:
    text = files["report.html"].decode()
    assert "<strong>Run </strong>" in text or "<strong>Run <code>tf-batch-tuned</code>" in text
    assert re.findall(r"<h2>(.*?)</h2>", text) == [each.replace("'", "&#39;") for each in HEADINGS]
    assert re.findall(r"^## (.*)$", files["report.md"].decode(), re.MULTILINE) == ["Verdict", *HEADINGS]


def test_every_plot_of_the_pages_is_there_as_svg_and_png(files: Mapping[str, bytes]) -> None:
    shown = re.findall(r'id="plot-([^"]+)"', files["report.html"].decode())
    assert len(shown) >= 13
    for name in shown:
        assert files[f"plots/{name}.png"].startswith(b"\x89PNG")
        svg = files[f"plots/{name}.svg"].decode()
        assert "prefers-color-scheme: dark" in svg
        assert "var(--ink)" in svg
        assert not re.search(r"(?:fill|stroke): #(?!000000|ffffff)", svg), name
    for name in re.findall(r"\(plots/([^)]+)\)", files["report.md"].decode() + files["thesis.md"].decode()):
        assert f"plots/{name}" in files


def test_text_in_drawings_stays_text(files: Mapping[str, bytes]) -> None:
    assert ">tf-batch-tuned</text>" in files["plots/capacity.svg"].decode()


def test_the_reader_is_told_which_server_is_a_stand_in_and_how_figures_came_about(
    files: Mapping[str, bytes],
) -> None:
    text = files["report.md"].decode()
    assert "**The server `tensorflow` is a stand-in** by its own word" in text
    for word in (
        "kubectl port-forward",
        "closed:",
        "open:",
        "shared its cores",
        "k6 v1.8.1",
        "Two identical",
    ):
        assert word in text
    assert "the generator sent late: lag p99 3.1 ms > 1 ms" in text


def test_the_json_holds_the_verdict_and_every_row(files: Mapping[str, bytes]) -> None:
    data = json.loads(files["report.json"])
    assert data["verdict"]["winner"] == "tf-batch-tuned"
    assert {row["cell"] for row in data["rows"]} >= {"tf-default", "tf-default@twin", "torch-hpa"}


def test_an_experiment_of_one_run_makes_a_report_that_says_what_it_lacks(evidence: Evidence) -> None:
    text = markdown(only(evidence, THESIS))
    for said in (
        "No stack can be recommended:** no capacity was searched",
        "No capacity was searched.",
        "No trials at several rates were made",
        "No stack here collects batches",
        "No step of the load was made",
        "No run had more than one pod",
        "The model was not timed in process",
        "the experiment has no twin",
        "Decoding and the model were not timed",
        "There is no journal",
        "No run was void.",
    ):
        assert said.lower() in text.lower(), said


@pytest.mark.parametrize("parts", [(SERIAL,), TRIALS[:1], (STEP,)])
def test_one_run_of_any_kind_makes_a_report(evidence: Evidence, parts: tuple[str, ...]) -> None:
    runs = tuple(run for run in evidence.runs if run.summary.part in parts)[:1]
    assert "Verdict" in markdown(Evidence(None, (), runs, ()))


def test_runs_that_are_all_void_make_a_report_that_lists_them(evidence: Evidence) -> None:
    chosen = [run for run in evidence.runs if run.summary.part in TRIALS][:3]
    runs = tuple(Run(each.folder, replace(each.summary, void=("late",))) for each in chosen)
    text = markdown(Evidence(None, (), runs, ()))
    assert "every trial of the search was void" in text
    assert "| all trials void |" in text
    assert "There is no good run to take latencies from." in text
    assert text.count("| late |") == 3


def test_without_prometheus_there_is_nothing_over_time(results: Path, tmp_path: Path) -> None:
    ignored = shutil.ignore_patterns(store.SERIES)
    shutil.copytree(results / "made" / "torch-hpa", tmp_path / "made" / "torch-hpa", ignore=ignored)
    text = markdown(store.read(tmp_path / "made"))
    assert "Prometheus had no series of these runs" in text
    assert "autoscaling-torch-hpa.png" in text


def test_failures_since_a_scale_in_are_told_of_the_requests_due_since(
    evidence: Evidence, files: Mapping[str, bytes]
) -> None:
    runs = [run for run in evidence.runs if run.summary.part == STEP]
    scaled = [(run, event.seconds) for run in runs for event in run.summary.events if event.what == IN]
    since = [
        sample
        for run, start in scaled
        for sample in run.samples()
        if sample.due >= 1000 * (start + LEAD_SECONDS)
    ]
    assert scaled and since
    told = f"scaled in {len(scaled)} times: 0 of {len(since):,} requests failed since the decision to."
    assert told in files["report.md"].decode()


def test_one_block_claims_no_difference(tmp_path: Path) -> None:
    size = Size(blocks=1, thesis=5.0, serial=1.0, trial=2.0, confirm=5.0, extras=False)
    text = markdown(store.read(make(tmp_path, [spec for spec in FEW if not spec.scaled], size)))
    assert "a quick experiment: no difference may be claimed" in text
    assert "How sure: not at all about differences." in text
    assert "Nothing may be said of" in text
    assert "beyond the noise." not in text.split("## Every stack")[0]


def test_an_unknown_baseline_is_an_error(evidence: Evidence) -> None:
    with pytest.raises(OptionError, match="--baseline: expected one of"):
        report(evidence, PRICES, "warp")


@pytest.mark.parametrize(
    ("stated_", "told"), [("one of 20 compared", "one of 20 compared"), ("", "by their status alone")]
)
def test_it_is_said_how_answers_were_judged(evidence: Evidence, stated_: str, told: str) -> None:
    (run,) = only(evidence, THESIS).runs
    obtained = replace(run.summary.obtained, answers=stated_)
    found = Evidence(None, (), (replace(run, summary=replace(run.summary, obtained=obtained)),), ())
    assert f"| answers | {told} |" in markdown(found)

"""The report of runs that belong to no experiment."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from bench.analysis import cost
from bench.analysis.stored import read
from bench.commands.report import files as report
from bench.records import store
from bench.records.parts import CONFIRM, RATE, SEARCH, SERIAL, STEP, THESIS, TRACE, TRIALS
from bench.records.profile import Open, Phase, Trace
from bench.records.store import Evidence, Run
from tests.bench.specs import FEW
from tests.bench.visits import Visit
from tests.embedded.standins.grafana.browser import chromium

pytestmark = pytest.mark.slow

PRICES = cost.read(cost.DEFAULT)
UNREACHABLE = """
return [...document.querySelectorAll("td")].filter((cell) => {
  const box = cell.closest(".scroll");
  box.scrollLeft = 0;
  cell.scrollIntoView({inline: "nearest"});
  const [own, all] = [cell.getBoundingClientRect(), box.getBoundingClientRect()];
  return own.left < -1 || own.right > innerWidth + 1 && own.right > all.right + 1;
}).map((cell) => cell.innerText);
"""
LATENCY_SHOWN = """
const table = document.querySelector(".wide"), box = table.closest(".scroll").getBoundingClientRect();
const place = [...table.querySelectorAll("th")].findIndex((head) => head.innerText.startsWith("p95"));
return table.querySelectorAll("tbody td")[place].getBoundingClientRect().right <= box.right + 1;
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """The report of one run of two rates, as `bench run` leaves it."""
    visit = Visit(tmp_path_factory.mktemp("results") / "single", FEW[0], 0, 1.0, True)
    visit.run(RATE, Open((Phase(60.0, 10.0), Phase(120.0, 10.5))))
    return report(replace(store.read(visit.folder), journal=()), PRICES)


def unplanned(results: Path, *parts: str) -> Evidence:
    """The runs of some parts of one stack, without a plan."""
    found = store.read(results / "made").runs
    runs = (run for run in found if run.summary.part in parts and run.summary.arm == "tf-default")
    return Evidence(None, (), tuple(runs), ())


def markdown(evidence: Evidence) -> str:
    return report(evidence, PRICES)["report.md"].decode()


def test_one_run_has_a_page_without_the_thesis_and_without_empty_tables(files: Mapping[str, bytes]) -> None:
    assert "thesis.html" not in files
    text = files["report.md"].decode()
    assert "thesis" not in text.lower().split("## in the server")[0]
    assert "Every stack" not in text
    assert "| – |" not in text


def test_its_answer_stands_first_and_its_figures_below_their_heads(files: Mapping[str, bytes]) -> None:
    text = files["report.md"].decode()
    assert text.split("## Answer\n\n")[1].startswith("**The objective is met at 60.0 requests/s offered:**")
    head = next(line for line in text.splitlines() if line.startswith("| offered/s"))
    row = next(line for line in text.splitlines() if line.startswith("| 60.0 |"))
    told = dict(zip(head.split(" | "), row.split(" | "), strict=True))
    assert told["objective"] == "met"
    assert 0.95 * 60 < float(told["goodput/s"]) <= float(told["answered/s"]) * 1.05
    assert told["failed |"] == "0 |"
    assert f"p95 {told['p95, ms'].split('<')[0]} ms" in text


def test_its_period_is_told_and_drawn_to_the_last_second(files: Mapping[str, bytes]) -> None:
    assert "10:00:00 to 10:00:20 UTC, 20.5 s of load" in files["report.md"].decode()
    assert "plots/run.svg" in files


def test_its_json_is_read_as_a_baseline(files: Mapping[str, bytes], tmp_path: Path) -> None:
    (tmp_path / "report.json").write_bytes(files["report.json"])
    assert [row.runs for row in read(tmp_path / "report.json").rows] == [1]


def test_several_runs_stand_below_each_other_the_newest_first(results: Path) -> None:
    text = markdown(unplanned(results, THESIS))
    assert "The newest of 4 runs" in text
    assert (
        text.index("2026-11-23 10:00:00") < text.index("2026-11-22 10:00:00") < text.index("2026-11-21 10:")
    )


def test_several_runs_stand_in_one_table_where_void_ones_are_called_so(results: Path) -> None:
    table = markdown(unplanned(results, THESIS)).split("## Every run")[1].split("##")[0]
    assert table.count("| met |") == 3
    assert table.count("| void |") == 1


def test_what_a_baseline_adds_is_told(results: Path) -> None:
    seen = replace(unplanned(results, SERIAL), baselines=store.read(results / "made").baselines)
    assert "## What serving adds to the model" in markdown(seen)


def test_a_search_tells_what_is_held_and_its_trials(results: Path) -> None:
    text = markdown(unplanned(results, *TRIALS))
    assert "**`tf-default` holds " in text
    assert f"| {SEARCH} |" in text
    assert f"| {CONFIRM} |" in text


def test_trials_that_are_all_void_are_told_with_their_reason(results: Path) -> None:
    seen = unplanned(results, SEARCH)
    runs = tuple(Run(run.folder, replace(run.summary, void=("late",))) for run in seen.runs)
    assert "**`tf-default`: every trial is void:** late." in markdown(replace(seen, runs=runs))


def test_a_step_keeps_its_timeline(results: Path) -> None:
    found = store.read(results / "made").runs
    runs = tuple(run for run in found if run.summary.part == STEP)[:1]
    assert "(plots/autoscaling-torch-hpa.png)" in markdown(Evidence(None, (), runs, ()))


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """The report of two runs, each of many rates: long names of what was offered, links to both."""
    visit = Visit(tmp_path_factory.mktemp("results") / "single", FEW[0], 0, 1.0, True)
    for _ in range(2):
        visit.run(RATE, Open(tuple(Phase(rate, 5.0) for rate in (15.0, 30.0, 60.0, 120.0, 240.0))))
    return report(replace(store.read(visit.folder), journal=()), PRICES)


@pytest.mark.parametrize("runs", ["files", "two"])
def test_on_a_phone_every_cell_can_be_reached_and_nothing_is_cut(
    runs: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    page = tmp_path / "report.html"
    page.write_bytes(request.getfixturevalue(runs)["report.html"])
    with chromium(tmp_path / "profile") as browser:
        size = {"width": 400, "height": 900, "deviceScaleFactor": 1, "mobile": True}
        browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        browser.driver.get(page.as_uri())
        assert browser.script("return document.documentElement.scrollWidth") == 400
        assert browser.script(LATENCY_SHOWN) is True
        assert browser.script(UNREACHABLE) == []
        drawn = (
            "return [...document.querySelectorAll('figure svg')].filter((it) => it.checkVisibility()).length"
        )
        assert browser.script(drawn) == browser.script("return document.querySelectorAll('figure').length")


def test_a_replayed_trace_says_what_it_was_and_what_came_of_it_as_a_whole(tmp_path: Path) -> None:
    visit = Visit(tmp_path / "single", FEW[0], 0, 1.0, False)
    visit.run(TRACE, Trace("crowd.csv", 1.0, (20,) * 30 + (90,) * 5 + (20,) * 10))
    text = markdown(replace(store.read(visit.folder), journal=()))
    assert "crowd.csv, 1,250 requests in 45 s, 90.0 requests/s at its peak" in text
    assert "**The objective is met by crowd.csv" in text
    assert "27.8 (mean)" in text
    assert "run 1" not in text.split("## ")[1], "a trace cannot be made longer"

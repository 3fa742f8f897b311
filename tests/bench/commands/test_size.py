"""From a rate to a stack file: what is chosen, told, written and refused."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import embedded.fleet
from bench.__main__ import main
from bench.commands import fleet
from bench.commands.size import rates_of
from infra import program
from stack import files, settings
from stack.files import stack_settings
from stack.kube import KubeObject, name_of
from tests.infra import example

FULL = str(files.ROOT / "docs" / "results" / "full")


def size(*words: str) -> int:
    return main(["size", FULL, *words])


def answered(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    assert size("--json", *words) == 0
    return cast("dict[str, object]", json.loads(capsys.readouterr().out))


def rendered(file: Path) -> Sequence[KubeObject]:
    """As `pulumi preview` would read it: by the loader and the program of the stack."""
    return program.render(example.inputs(settings.read(stack_settings(file))))


def test_the_table_has_the_cheapest_first_and_marks_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert size("--rate", "2000") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "2,000 requests/s, with p95 ≤ 50 ms, p99 ≤ 100 ms, errors < 0.1 %"
    rows = lines[4:15]
    assert [row[0] for row in rows] == ["→", *" " * 10]
    month = lines[3].index("USD/month")
    prices = [float(row[month:].split()[0].replace(",", "")) for row in rows]
    assert prices == sorted(prices)


def test_a_plan_says_what_pods_may_request_of_a_node(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By that, simulated nodes are as large as the planned ones."""
    assert size("--json", "--rate", "50000") == 0
    plan = tmp_path / "plan.json"
    plan.write_text(capsys.readouterr().out)
    found, planned = embedded.fleet.read(plan), fleet.read(plan)
    assert (found.name, found.hour) == ("m6i.2xlarge", 0.384)
    assert found.cores == pytest.approx(7.91)
    assert (planned.kind, planned.hour) == (found.name, found.hour)
    assert planned.nodes * 730 * planned.hour == pytest.approx(planned.month)


def test_a_stack_that_was_not_measured_is_told_with_the_command_that_would(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert size("--rate", "20", "--stack", "triton-int8") == 1
    told = capsys.readouterr().out
    assert "Nothing can be sized." in told
    assert "not measured: no experiment has it; python -m bench all triton-int8 --experiment" in told


def test_an_experiment_below_results_is_sized_as_a_report_is(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["size", "made", "--results", str(results), "--rate", "900", "--json"]) == 0
    named = answered_names(json.loads(capsys.readouterr().out))
    assert main(["size", "--results", str(results), "--rate", "900", "--json"]) == 0
    assert answered_names(json.loads(capsys.readouterr().out)) == named
    assert named[0] == "tf-batch-tuned"


def answered_names(answer: dict[str, list[dict[str, dict[str, str]]]]) -> list[str]:
    return [each["candidate"]["stack"] for each in answer["sized"]]


def test_without_any_experiment_this_projects_own_is_taken_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["size", "--results", str(tmp_path), "--rate", "100"]) == 0
    assert "not your machine" in capsys.readouterr().err


def test_fifty_thousand_requests_a_second_are_hundreds_of_pods_on_nodes_that_hold_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "Pulumi.sized.yaml"
    found = answered(capsys, "--rate", "50000", "--stack", "torch-tuned", "--write", str(file))
    (only,) = cast("list[dict[str, float]]", found["sized"])
    assert only["pods"] > 400
    assert only["nodes"] * only["per_node"] > only["pods"]
    (deployment,) = (item for item in rendered(file) if item["kind"] == "Deployment")
    assert cast("KubeObject", deployment["spec"])["replicas"] == only["pods"]


def test_a_written_autoscaler_and_its_requests_are_what_the_stack_renders(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "Pulumi.sized.yaml"
    found = answered(capsys, "--rate", "2000", "--stack", "tf-hpa", "--write", str(file))
    (only,) = cast("list[dict[str, object]]", found["sized"])
    (scaler,) = (item for item in rendered(file) if item["kind"] == "HorizontalPodAutoscaler")
    spec = cast("KubeObject", scaler["spec"])
    assert (spec["minReplicas"], spec["maxReplicas"]) == (only["least"], only["pods"])
    (serving,) = (item for item in rendered(file) if item["kind"] == "Deployment")
    assert name_of(serving) == name_of(scaler)
    assert "'cpu': '930m'" in str(serving)


def test_the_file_says_for_what_it_was_sized_and_from_what(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.sized.yaml"
    assert size("--rate", "700", "--p95", "80", "--write", str(file)) == 0
    said = " ".join(line.removeprefix("# ") for line in file.read_text().splitlines() if line.startswith("#"))
    for part in ("700 requests/s", "p95 ≤ 80 ms", "experiment all (2026-11-25, on 2 cores)", "stand-in"):
        assert part in said
    assert yaml.safe_load(file.read_text())["config"]["emotion-serving:slo"] == {"p95Millis": 80}


def test_a_file_that_is_there_is_kept_unless_forced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("mine")
    assert size("--rate", "10", "--write", str(file)) == 1
    assert (
        f"--write: expected a new file, got {file}; name another, or add --force" in capsys.readouterr().err
    )
    assert file.read_text() == "mine"
    assert size("--rate", "10", "--write", str(file), "--force") == 0
    assert "emotion-serving:servers" in file.read_text()


def test_a_folder_that_cannot_be_written_names_the_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert size("--rate", "10", "--write", "/proc/none/Pulumi.x.yaml") == 1
    assert "--write: expected a folder to write to" in capsys.readouterr().err


def test_a_node_by_size_costs_its_cores_and_its_memory(capsys: pytest.CaptureFixture[str]) -> None:
    found = answered(capsys, "--rate", "100", "--node-cpu", "4", "--node-memory", "16Gi")
    node = cast("dict[str, float]", found["node"])
    assert (node["cores"], node["gib"]) == (4.0, 16.0)
    assert node["hour"] == pytest.approx(4 * 0.04048 + 16 * 0.004445)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--rate", "0"], "--rate: expected more than 0, at most 10000000 requests/s, got 0"),
        (["--rate", "fast"], "--rate: expected more than 0, at most 10000000 requests/s, got fast"),
        (
            ["--rate", "1", "--node-cpu", "x"],
            "--node-cpu: expected a CPU quantity such as 500m or 1.5, got x",
        ),
        (["--rate", "1", "--node-memory", "8"], "--node-memory: expected a memory quantity with a unit"),
        (["--rate", "1", "--stack", "warp"], "--stack: expected one of "),
        (["--rate", "1", "--p95", "80", "--p99", "60"], "--p99: expected --p95 (80) or more, got 60"),
    ],
)
def test_bad_options_are_one_clear_line(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert size(*words) == 1
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1


def test_an_experiment_that_is_not_there_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["size", "nothing-here", "--rate", "1"]) == 1
    assert "EXPERIMENT: expected a folder of " in capsys.readouterr().err


def test_a_price_file_without_a_node_asks_for_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "prices.yaml"
    file.write_text("{currency: EUR, coreHour: 0.03, gibHour: 0.004, source: mine}")
    assert size("--rate", "10", "--prices", str(file)) == 1
    assert f"--node-cpu, --node-memory: expected both, as {file} has no node" in capsys.readouterr().err
    assert size("--rate", "10", "--prices", str(file), "--node-cpu", "8", "--node-memory", "16Gi") == 0
    assert "EUR/month" in capsys.readouterr().out


def test_a_traces_peak_and_trough_are_an_autoscalers_most_and_least(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "trace.csv"
    quiet, busy = [at / 20 for at in range(200)], [10 + at / 300 for at in range(3000)]
    file.write_text("\n".join(["seconds", *map(str, [*quiet, *busy, 20.0])]))
    found = answered(capsys, "--trace", str(file))
    assert found["demand"] == {
        "peak": 300.0,
        "trough": 20.0,
        "slo": {"p95_millis": 50, "p99_millis": 100, "error_percent": 0.1},
    }
    by_name = {each["candidate"]["stack"]: each for each in cast("list[dict[str, Any]]", found["sized"])}
    assert by_name["tf-hpa"]["least"] < by_name["tf-hpa"]["pods"]
    assert by_name["torch-tuned"]["least"] == by_name["torch-tuned"]["pods"]


@given(st.lists(st.floats(0, 1000), min_size=1).map(sorted), st.floats(1, 100))
def test_no_arrival_of_a_trace_is_lost(times: list[float], seconds: float) -> None:
    rates = rates_of(times, seconds)
    assert sum(rates) * seconds == pytest.approx(len(times))
    assert rates[-1] > 0


def test_a_damaged_trace_names_file_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "trace.csv"
    file.write_text("seconds\n1\nsoon\n")
    assert size("--trace", str(file)) == 1
    assert f"--trace: {file}: line 3: expected a number of seconds, got 'soon'" in capsys.readouterr().err

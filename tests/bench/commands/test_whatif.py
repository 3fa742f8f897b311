"""The command as a user types it, on the results that are kept here."""

import json
from pathlib import Path

import pytest

from bench.__main__ import main
from stack import settings
from stack.files import stack_settings

SHORT = ("--step", "240", "--seconds", "60", "--repeats", "2")


def whatif(*words: str) -> int:
    return main(["whatif", *words])


def test_the_ranking_says_what_it_stands_on_and_by_which_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert whatif("tf-hpa-plain", *SHORT, "--set", "autoscaling.targetCpuUtilization=25,80") == 0
    said = capsys.readouterr().out
    assert "tf-hpa-plain (tensorflow): a step of 48.0 → 240 → 48.0 requests/s (60 + 60 + 360 s)" in said
    assert "2 playings, seeds 0 to 1" in said
    assert "request's CPU" in said
    assert "tf-hpa in docs/results/full, at the SLO capacity" in said
    assert "First what keeps the objective over the whole load in every playing" in said
    assert said.index("targetCpuUtilization=25") < said.index("targetCpuUtilization=80")
    assert "if a request takes +12 % CPU" in said


def test_json_holds_all_of_it_and_is_the_same_for_the_same_seed(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("torch-hpa", *SHORT, "--set", "scaler=hpa,keda", "--set", "keda.target=3", "--json")
    assert whatif(*words) == 0
    first = capsys.readouterr().out
    assert whatif(*words) == 0
    assert capsys.readouterr().out == first
    assert whatif(*words, "--seed", "9") == 0
    assert capsys.readouterr().out != first
    made = json.loads(first)
    assert {each["scaler"] for each in made["candidates"]} == {"HPA", "KEDA"}
    assert len(made["over_time"]) == 480
    assert sum(each["offered"] for each in made["over_time"]) == sum(
        each["requests"] for each in made["windows"]
    )
    assert made["figures"]["pod_start_seconds"] == [6.1]


def test_a_trace_is_played_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "crowd.csv"
    assert main(["trace", "flash-crowd", "--rate", "20", "--seconds", "120", "--out", str(file)]) == 0
    assert whatif("tf-hpa", "--trace", str(file), "--scale-time", "2", "--repeats", "1") == 0
    said = capsys.readouterr().out
    assert "crowd.csv: " in said
    assert "in 240 s" in said


def test_plots_and_a_stack_file_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = tmp_path / "Pulumi.best.yaml", tmp_path / "plots"
    words = ("tf-hpa-plain", *SHORT, "--set", "autoscaling.targetCpuUtilization=25,80")
    assert whatif(*words, "--out", str(out), "--write", str(file)) == 0
    assert {each.name for each in out.iterdir()} == {"whatif.png", "candidates.png"}
    assert all(each.read_bytes().startswith(b"\x89PNG") for each in out.iterdir())
    made = settings.read(stack_settings(file))
    assert made.autoscaling is not None
    assert made.autoscaling.target_cpu_utilization == 25
    assert made.resources.cpu_limit == "700m"
    assert "predicted, not measured" in file.read_text()
    assert "place 1 of 2" in capsys.readouterr().err
    assert whatif(*words, "--write", str(file)) == 1
    assert f"--write: expected a new file, got {file}" in capsys.readouterr().err


def test_of_the_best_by_keda_the_first_that_a_stack_can_hold_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "Pulumi.best.yaml"
    assert whatif("tf-hpa-plain", *SHORT, "--set", "keda.target=1", "--write", str(file)) == 1
    assert "--write: expected a candidate that a stack file can hold" in capsys.readouterr().err
    assert not file.exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nothing", *SHORT), "STACK: expected one of "),
        (("../etc", *SHORT), "STACK: expected one of "),
        (("minikube", *SHORT), "--server: expected one of tensorflow, torchserve, got none; name it"),
        (
            ("tf-hpa", *SHORT, "--server", "torchserve"),
            "--server: expected one of tensorflow, got torchserve",
        ),
        (("tf-hpa", *SHORT, "--bin", "2"), "--bin: only for --trace"),
        (("tf-hpa", "--step", "2000", "--seconds", "80000"), "--step, over its --seconds: expected a whole"),
        (("tf-hpa", "--trace", "none.csv"), "--trace: expected a text file, got none.csv: No such file"),
        (("tf-hpa", "--trace", "x.csv", "--seconds", "9"), "--seconds: only for --step"),
        (("tf-hpa", *SHORT, "--measured", "none"), "--measured: expected a folder of results"),
        (("tf-hpa", *SHORT, "--set", "replicas=3"), "replicas: expected nothing beside autoscaling"),
        (("tf-hpa", *SHORT, "--set", "nonsense"), "--set: expected KEY=VALUE"),
        (("triton-default", *SHORT), "triton: not measured in "),
        (("tf-hpa", *SHORT, "--prices", "none.yaml"), "--prices: expected a YAML file"),
    ],
)
def test_what_cannot_be_predicted_is_refused_in_a_sentence(
    words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert whatif(*words) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"whatif: {message}")
    assert said.count("\n") == 1


def test_the_help_explains_its_keys_with_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        whatif("--help")
    said = capsys.readouterr().out
    for key in ("scaler", "hpa.syncSeconds", "keda.target", "keda.cooldownSeconds"):
        assert key in said
    assert said.count("\n  python -m bench whatif ") == 2

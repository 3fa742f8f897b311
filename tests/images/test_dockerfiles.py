"""The images: upstream base by tag, the model copied in, one class of TorchServe's changed."""

import json
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
BASES = {
    "tf_serving": "tensorflow/serving",
    "torchserve": "pytorch/torchserve",
    "triton": "nvcr.io/nvidia/tritonserver",
}


def instructions(server: str) -> list[tuple[str, str]]:
    """(instruction, arguments) of each line, continuation lines joined, comments left out."""
    text = (ROOT / "images" / server / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines]


@pytest.mark.parametrize("server", BASES)
def test_the_base_is_the_tag_of_versions_json(server: str) -> None:
    tag = json.loads((ROOT / "versions.json").read_text())["images"][BASES[server]]
    assert instructions(server)[:2] == [("ARG", f"BASE={BASES[server]}:{tag}"), ("FROM", "${BASE}")]
    assert tag != "latest"


@pytest.mark.parametrize(("server", "steps"), [("tf_serving", 0), ("torchserve", 1), ("triton", 1)])
def test_what_is_run_in_the_build_is_counted(server: str, steps: int) -> None:
    names = [name for name, _ in instructions(server)]
    assert set(names) <= {"ARG", "FROM", "LABEL", "COPY", "ENV", "RUN"}
    assert names.count("RUN") == steps


def test_torchserve_takes_no_body_for_a_form_because_curl_calls_it_one(tmp_path: Path) -> None:
    """The step of the build, on an archive that has no more than the one class."""
    frontend = tmp_path / "ts" / "frontend"
    frontend.mkdir(parents=True)
    (tmp_path / "ts" / "__init__.py").touch()
    name = "org/pytorch/serve/http/api/rest/InferenceRequestHandler.class"
    with zipfile.ZipFile(frontend / "model-server.jar", "w") as archive:
        archive.writestr(name, b"\x01\x00\x21APPLICATION_X_WWW_FORM_URLENCODED\x01\x00\x01X")
    (step,) = (arguments for instruction, arguments in instructions("torchserve") if instruction == "RUN")
    command = [word.replace("/home/model-server", str(tmp_path)) for word in shlex.split(step)]
    subprocess.run([sys.executable, *command[1:]], cwd=tmp_path, check=True)
    assert (tmp_path / name).read_bytes() == b"\x01\x00\x08NO_CACHE\x01\x00\x01X"


def test_tritons_image_gets_pinned_packages_where_its_base_lacks_them() -> None:
    (run,) = (arguments for name, arguments in instructions("triton") if name == "RUN")
    tried, _, install = run.partition("||")
    assert tried.strip() == 'python3 -c "import onnxruntime, PIL"'
    assert {"--no-deps", "--require-hashes"} < {*install.split()}


@pytest.mark.parametrize("server", BASES)
def test_the_image_says_what_it_is(server: str) -> None:
    labels = " ".join(arguments for name, arguments in instructions(server) if name == "LABEL")
    for key in ("title", "description", "version", "revision"):
        assert f"org.opencontainers.image.{key}=" in labels


@pytest.mark.parametrize(
    ("server", "copies"),
    [
        ("tf_serving", {"${MODEL} /models/${MODEL}"}),
        (
            "torchserve",
            {
                "${MODEL}.mar /home/model-server/model-store/${MODEL}.mar",
                "metrics.yaml /home/model-server/metrics.yaml",
            },
        ),
        (
            "triton",
            {"requirements.txt /opt/tritonserver/onnxruntime.txt", "${MODEL} /models/${MODEL}"},
        ),
    ],
)
def test_the_model_is_where_the_server_looks(server: str, copies: set[str]) -> None:
    assert {arguments for name, arguments in instructions(server) if name == "COPY"} == copies


def test_torchserves_own_metrics_are_all_kept() -> None:
    """Our metrics.yaml replaces the server's: what it leaves out is no longer measured."""
    metrics = yaml.safe_load((ROOT / "images" / "torchserve" / "metrics.yaml").read_text())
    counters = {metric["name"] for metric in metrics["ts_metrics"]["counter"]}
    assert counters == {
        "Requests2XX",
        "Requests4XX",
        "Requests5XX",
        "ts_inference_requests_total",
        "ts_inference_latency_microseconds",
        "ts_queue_latency_microseconds",
    }
    assert len(metrics["ts_metrics"]["gauge"]) == 13
    assert {metric["name"] for metric in metrics["model_metrics"]["gauge"]} == {
        "HandlerTime",
        "PredictionTime",
    }

"""The model archive, unpacked and driven as a TorchServe worker drives it."""

import ast
import base64
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from model_build import freshness
from model_build.in_archive import request_texts
from tests.model_build import example_photos as photos
from tests.model_build.conftest import CLASSES, Built
from tests.model_build.example_photos import ASTRONAUT
from tests.model_build.refused import refused

pytestmark = pytest.mark.slow

MODEL_BUILD = Path(freshness.__file__).parent
CARRIED = [
    "__init__.py",
    *(f"in_archive/{file.name}" for file in sorted((MODEL_BUILD / "in_archive").glob("*.py"))),
]
EXPLANATION = {"explain": "True"}


@dataclass(frozen=True)
class Reply:
    """One batch's answers, the status of every row that got another than 200, each row's Content-Type."""

    rows: list[dict[str, str | float]]
    statuses: dict[str, list[int | str]]
    types: list[list[int | str]]


@dataclass(frozen=True)
class Day:
    """What the worker answered and counted."""

    alone: Reply
    astronaut: Reply
    mixed: Reply
    explained: Reply
    without_headers: list[str]
    counters: dict[str, list[list[object]]]
    threads: int


@pytest.fixture(scope="module")
def unpacked(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    with zipfile.ZipFile(built.archive) as packed:
        packed.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def day(unpacked: Path, tmp_path_factory: pytest.TempPathFactory) -> Day:
    folder = tmp_path_factory.mktemp("worker")
    good = _question(photos.jpeg())
    broken = [*(_question(data) for data, _ in refused().values()), {"body": {"data": "*"}, "headers": {}}]
    explain = {"body": good["body"], "headers": EXPLANATION}
    batches = [[good], [_question(ASTRONAUT.read_bytes())], [good, *broken, good], [explain, good]]
    (folder / "questions").write_text(json.dumps(batches))
    script = Path(__file__).with_name("handler_session.py")
    environment = os.environ | {"PYTHONPATH": str(unpacked), "OMP_NUM_THREADS": "2", "TORCH_NUM_THREADS": "1"}
    files = [script, unpacked, folder / "questions", folder / "answers"]
    command = [sys.executable, "-P", *map(str, files)]
    subprocess.run(command, env=environment, cwd=unpacked, check=True)
    report = json.loads((folder / "answers").read_text())
    alone, astronaut, mixed, explained = (Reply(**reply) for reply in report.pop("replies"))
    return Day(alone, astronaut, mixed, explained, **report)


def test_a_photo_gets_five_probabilities_and_the_likeliest_class(day: Day) -> None:
    for photo in (day.alone, day.astronaut):
        (row,) = photo.rows
        assert list(row) == [*CLASSES, "label"]
        values = [float(row[name]) for name in CLASSES]
        assert sum(values) == pytest.approx(1, abs=1e-5)
        assert len(set(values)) == len(CLASSES)
        assert row["label"] == CLASSES[values.index(max(values))]


def test_each_broken_image_of_a_batch_gets_its_own_400(day: Day) -> None:
    wanted = [words for _, words in refused().values()] + [request_texts.not_base64("*")]
    broken = day.mixed.rows[1:-1]
    assert broken == [{"code": 400, "type": "InvalidImage", "message": words} for words in wanted]
    assert day.mixed.statuses == {str(1 + index): [400, "Bad Request"] for index in range(len(wanted))}


def test_good_photos_of_that_batch_get_the_answer_they_get_alone(day: Day) -> None:
    for row in (day.mixed.rows[0], day.mixed.rows[-1]):
        assert row["label"] == day.alone.rows[0]["label"]
        values = [float(row[name]) for name in CLASSES]
        assert values == pytest.approx([float(day.alone.rows[0][name]) for name in CLASSES], abs=1e-5)


def test_every_answer_is_json_by_its_content_type(day: Day) -> None:
    for reply in (day.alone, day.astronaut, day.mixed, day.explained):
        assert reply.types == [[index, "application/json"] for index in range(len(reply.rows))]


def test_a_prediction_is_not_passed_off_as_an_explanation(day: Day) -> None:
    refusal, answer = day.explained.rows
    assert refusal == {"code": 400, "type": "InvalidImage", "message": request_texts.NO_EXPLANATION}
    assert day.explained.statuses == {"0": [400, "Bad Request"]}
    assert answer["label"] == day.alone.rows[0]["label"], "its neighbour in the batch asked for a prediction"


def test_photos_are_preprocessed_without_a_request_too(day: Day) -> None:
    """As the bench does, which times the archive without its server."""
    assert day.without_headers == [""]


def test_batch_sizes_are_counted_for_the_mean(day: Day) -> None:
    sizes = [1, 1, len(day.mixed.rows), 2]
    assert day.counters == {
        "RequestBatchSizeSum": [[size, ["emotions"]] for size in sizes],
        "RequestBatchSizeCount": [[1, ["emotions"]] for _ in sizes],
    }


def test_threads_of_a_worker_come_from_the_environment(day: Day) -> None:
    assert day.threads == 1, "TORCH_NUM_THREADS wins over OMP_NUM_THREADS"


def test_the_counters_are_declared_with_the_dimension_the_handler_gives(built: Built) -> None:
    """TorchServe raises for an undeclared metric and for a wrong number of dimensions."""
    declared = yaml.safe_load((built.archive.parent / "metrics.yaml").read_text())["model_metrics"]["counter"]
    assert {(counter["name"], *counter["dimensions"]) for counter in declared} == {
        ("RequestBatchSizeSum", "ModelName"),
        ("RequestBatchSizeCount", "ModelName"),
    }


def test_the_archive_names_its_parts(unpacked: Path) -> None:
    manifest = json.loads((unpacked / "MAR-INF" / "MANIFEST.json").read_text())
    assert manifest["model"] == {
        "modelName": "emotions",
        "serializedFile": "model.pt",
        "handler": "handler.py",
        "modelFile": "model.py",
        "modelVersion": "1.0",
    }


def test_the_archive_carries_the_contract_that_training_used_and_nothing_else_of_us(unpacked: Path) -> None:
    package = unpacked / "model_build"
    assert sorted(str(path.relative_to(package)) for path in package.rglob("*.py")) == CARRIED
    for name in CARRIED:
        assert (package / name).read_bytes() == (MODEL_BUILD / name).read_bytes(), name


def test_everything_in_the_archive_is_python_3_9(unpacked: Path) -> None:
    for path in unpacked.rglob("*.py"):
        ast.parse(path.read_text(), feature_version=(3, 9))


def test_torchserve_finds_exactly_one_class_in_each_file(unpacked: Path) -> None:
    for name in ("handler.py", "model.py"):
        body = ast.parse((unpacked / name).read_text()).body
        assert sum(isinstance(statement, ast.ClassDef) for statement in body) == 1, name


def _question(data: bytes) -> dict[str, dict[str, str]]:
    return {"body": {"data": base64.b64encode(data).decode()}, "headers": {}}

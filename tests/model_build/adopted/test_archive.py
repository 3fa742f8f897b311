"""A model archive that is not ours: its handler is asked in a fresh process."""

import json
import zipfile
from pathlib import Path

import pytest

from model_build import manifest
from tests.model_build.conftest import command

pytestmark = pytest.mark.slow

CLASS = """
from pathlib import Path

class Doubler:
    def initialize(self, context):
        self.factor = int(Path(context.system_properties["model_dir"], "two").read_text())

    def handle(self, data, context):
        if "x" not in data[0]["body"]:
            context.set_response_status(400, "Bad Request", 0)
            return ["no x"]
        return [{"y": self.factor * data[0]["body"]["x"]}]
"""
FUNCTION = """
def handle(data, context):
    return [{"length": len(data[0]["body"])}]
"""


def adopt(handler: str, tmp_path: Path, **bodies: str) -> str:
    folder, archive = tmp_path / "requests", tmp_path / "model.mar"
    folder.mkdir()
    for name, body in bodies.items():
        (folder / f"{name}.json").write_text(body)
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("MAR-INF/MANIFEST.json", json.dumps({"model": {"handler": "own.py"}}))
        packed.writestr("own.py", handler)
        packed.writestr("two", "2")
    words = ("adopt", "--name", "doubler", "--mar", archive, "--requests", folder, "--out", tmp_path / "out")
    done = command(*words)
    assert "Traceback" not in done.stderr
    return done.stdout if done.returncode == 0 else done.stderr


@pytest.mark.parametrize(("handler", "answer"), [(CLASS, {"y": 42}), (FUNCTION, {"length": 1})])
def test_its_handler_answers_every_request(handler: str, answer: object, tmp_path: Path) -> None:
    adopt(handler, tmp_path, a='{"x": 21}')
    kept = (tmp_path / "out" / "answers" / "torchserve" / "a.json.json").read_text()
    assert json.loads(kept) == answer
    made = manifest.load(tmp_path / "out" / manifest.FILE)
    assert [file.path for file in made.exports["torchserve"].files] == [
        "torchserve/doubler.mar",
        "torchserve/metrics.yaml",
    ]


@pytest.mark.parametrize(
    ("handler", "body", "says"),
    [
        (CLASS, "{}", "--requests: a.json: its handler gave no answer: HTTP 400: no x"),
        (FUNCTION.replace("len", "int"), "{}", "a.json: its handler gave no answer: TypeError: "),
        ("import ts", "{}", "No module named 'ts'; install TorchServe's Python package beside this project"),
        ("raise ValueError('broken')", "{}", "--mar: its handler does not start here: ValueError: broken"),
    ],
)
def test_what_a_handler_refuses_or_lacks_is_told(handler: str, body: str, says: str, tmp_path: Path) -> None:
    assert says in adopt(handler, tmp_path, a=body)
    assert not (tmp_path / "out").exists()


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "requests").mkdir()
    (tmp_path / "requests" / "a.json").write_text("{}")
    (tmp_path / "no.mar").write_bytes(b"no zip")
    words = ("--mar", tmp_path / "no.mar", "--requests", tmp_path / "requests", "--out", tmp_path / "out")
    done = command("adopt", "--name", "none", *words)
    assert "--mar: expected an archive of torch-model-archiver with a handler of its own" in done.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--name", "Ä", "--mar", "x"), "--name: expected small letters, digits, - and _"),
        (("--name", "a"), "expected a model, got none; give --savedmodel, --onnx or --mar"),
        (("--name", "a", "--mar", "/nowhere"), "--mar: expected a file, got /nowhere"),
        (("--name", "a", "--savedmodel", "/dev/null"), "--savedmodel: expected a folder, got /dev/null"),
    ],
)
def test_bad_options_are_named(words: tuple[str, ...], says: str, tmp_path: Path) -> None:
    done = command("adopt", *words, "--requests", tmp_path, "--out", tmp_path / "out")
    assert says in done.stderr
    assert done.returncode == 1

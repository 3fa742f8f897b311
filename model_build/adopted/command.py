"""`python -m model_build adopt`: take exported models that this project did not train."""

import argparse
import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from base import files
from model_build import freshness, manifest
from model_build.adopted import archive, graph, saved_model
from model_build.adopted.asked import Replies
from model_build.adopted.requests import Request, Requests, read
from model_build.errors import BuildError
from model_build.in_archive.contract import MODEL_VERSION
from model_build.triton.precisions import F32
from model_build.workspace import workspace

Adopt = Callable[["Wish", Path, Requests], tuple[Replies, manifest.Export]]
NAME = re.compile(r"[a-z]([a-z0-9_-]{0,38}[a-z0-9])?")
EPILOG = """\
requests: each file of FOLDER is one request, sent as it is with a Content-Type by its extension; where FOLDER
has folders called tensorflow, triton or torchserve, each server gets its own. With --template each file is an
image, whose base64 takes the place of $IMAGE in the template.

examples:
  python -m model_build adopt --name iris --onnx iris.onnx --requests requests/
  python -m model_build adopt --name digits --savedmodel export/ --requests photos/ --template body.json
"""


@dataclass(frozen=True)
class Wish:
    """What the command line asks for."""

    name: str
    requests: Path
    template: Path | None
    savedmodel: Path | None
    onnx: Path | None
    mar: Path | None
    out: Path


def add_arguments(command: argparse.ArgumentParser, out: Path) -> None:
    """The command line of `adopt`."""
    command.formatter_class, command.epilog = argparse.RawDescriptionHelpFormatter, EPILOG
    command.add_argument("--name", required=True, help="the model's name, part of every URL")
    command.add_argument("--savedmodel", type=Path, help="folder of a SavedModel, for TensorFlow Serving")
    command.add_argument("--onnx", type=Path, help="an ONNX file, for Triton")
    command.add_argument("--mar", type=Path, help="a model archive, for TorchServe")
    command.add_argument("--requests", type=Path, required=True, help="folder of requests; see below")
    command.add_argument("--template", type=Path, help="JSON with $IMAGE; see below")
    command.add_argument("--out", type=Path, default=out, help="default: artifacts/")


def run(options: argparse.Namespace) -> None:
    """Inspect, ask, write. Raises BuildError; the artifacts are as they were then."""
    started = time.monotonic()
    wish = Wish(**{name: getattr(options, name) for name in Wish.__dataclass_fields__})
    _require(wish)
    with workspace(wish.out.resolve()) as folder:
        out = folder / "out"
        exports = dict(_exports(wish, folder))
        made = manifest.Manifest(
            wish.name, MODEL_VERSION, 0, (), None, None,
            **{name: exports.get(name) for name in ("tensorflow", "torchserve", "triton")},
            libraries=freshness.libraries(),
        )  # fmt: skip
        manifest.save(made, out / manifest.FILE)
    print(f"written: {wish.out / manifest.FILE} ({time.monotonic() - started:.0f} s)")
    print(f"next: a stack with servers: [{', '.join(exports)}], then pulumi up; docs/own-models.md")


def _require(wish: Wish) -> None:
    if not NAME.fullmatch(wish.name):
        raise BuildError(
            f"--name: expected small letters, digits, - and _, at most 40, got {files.shown(wish.name)}"
        )
    if not (wish.savedmodel or wish.onnx or wish.mar):
        raise BuildError("expected a model, got none; give --savedmodel, --onnx or --mar")
    for option in ("savedmodel", "onnx", "mar", "requests", "template"):
        path, folder = getattr(wish, option), option in ("savedmodel", "requests")
        if path and not (path.is_dir() if folder else path.is_file()):
            what = "a folder" if folder else "a file"
            raise BuildError(f"--{option}: expected {what}, got {files.shown(path)}")


def _exports(wish: Wish, folder: Path) -> Iterator[tuple[str, manifest.Export]]:
    """Of each server for which there is a model."""
    servers: dict[str, tuple[Path | None, Adopt]] = {
        "tensorflow": (wish.savedmodel, _tensorflow),
        "torchserve": (wish.mar, _torchserve),
        "triton": (wish.onnx, _triton),
    }
    for server, (model, adopt) in servers.items():
        if model:
            print(f"{server}: {files.shown(model)} ...", flush=True)
            wanted = read(wish.requests, server, wish.template)
            replies, export = adopt(wish, folder, wanted)
            _keep(folder / "out", server, wanted.each, replies)
            print(f"{server}: answered {len(replies)} of {len(wanted.each)} requests", flush=True)
            yield server, replace(export, content_type=wanted.content_type)


def _tensorflow(wish: Wish, folder: Path, wanted: Requests) -> tuple[Replies, manifest.Export]:
    assert wish.savedmodel
    base = folder / "out" / "tensorflow" / wish.name
    saved_model.inspect(saved_model.place(wish.savedmodel, base / str(MODEL_VERSION)))
    replies = saved_model.ask(wish.name, base, wanted)
    return replies, manifest.describe_export(folder / "out", "tensorflow", None, None)


def _torchserve(wish: Wish, folder: Path, wanted: Requests) -> tuple[Replies, manifest.Export]:
    assert wish.mar
    target = folder / "out" / "torchserve" / f"{wish.name}.mar"
    archive.place(wish.mar, target)
    shutil.copy(freshness.METRICS, target.parent)
    replies = archive.ask(target, wanted, folder)
    return replies, manifest.describe_export(folder / "out", "torchserve", None, None)


def _triton(wish: Wish, folder: Path, wanted: Requests) -> tuple[Replies, manifest.Export]:
    assert wish.onnx
    version = folder / "out" / "triton" / wish.name / str(MODEL_VERSION)
    graph.place(wish.onnx, version)
    told = graph.described(version)
    shutil.copy(Path(__file__).with_name("triton_model.py"), version / "model.py")
    shutil.copy(freshness.PACKAGES, folder / "out" / "triton")
    replies = graph.ask(version, told, wanted, folder)
    network = manifest.Network(F32, f"triton/{wish.name}/{MODEL_VERSION}/{F32}.onnx", None, None)
    made = manifest.describe_export(folder / "out", "triton", None, None, (network,))
    return replies, replace(made, tensors=told.text)


def _keep(out: Path, server: str, requests: tuple[Request, ...], replies: Replies) -> None:
    """The requests for loads, and the answers to compare with, beside the exports."""
    for folder in ("requests", "answers"):
        (out / folder / server).mkdir(parents=True)
    for each in requests:
        (out / "requests" / server / each.name).write_bytes(each.body)
        (out / "answers" / server / f"{each.name}.json").write_text(json.dumps(replies[each.name]))

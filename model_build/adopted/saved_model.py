"""A SavedModel that this project did not train, for TensorFlow Serving."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from base import files
from base.children import tied
from model_build.adopted.asked import Asked, Replies, ask_by_http, near
from model_build.adopted.requests import Requests
from model_build.child import ENVIRONMENT, finished
from model_build.errors import BuildError

FILE = "saved_model.pb"
START_SECONDS = 120.0


def place(source: Path, folder: Path) -> Path:
    """Copy the model into the version folder `folder`. Raises BuildError for what is none."""
    found = source if (source / FILE).is_file() else _newest(source)
    shutil.copytree(found, folder)
    return folder


def _newest(source: Path) -> Path:
    versions = [path.parent for path in source.glob(f"*/{FILE}") if path.parent.name.isdigit()]
    if not versions:
        raise BuildError(
            f"--savedmodel: expected a folder with {FILE}, or with version folders that have one, got "
            f"{files.shown(source)}; a .keras or .h5 file becomes one by model.export(FOLDER)"
        )
    return max(versions, key=lambda path: int(path.name))


def inspect(version: Path) -> None:
    """Load it in a fresh process, and print its signature's inputs and outputs. Raises BuildError."""
    command = [sys.executable, "-m", "model_build.adopted.saved_model_signature", str(version)]
    log = version.parent / "inspect.log"
    with log.open("w") as errors:
        code = finished(command, stderr=errors)
    said = [line for line in log.read_text(errors="replace").splitlines() if line.startswith("error: ")]
    log.unlink()
    if code:
        raise BuildError(f"--savedmodel: {said[-1].removeprefix('error: ') if said else f'exit code {code}'}")


def ask(name: str, base: Path, wanted: Requests) -> Replies:
    """Every request's answer, by a server of its own. Raises BuildError for one that is refused."""
    with _served(name, base) as url:
        return ask_by_http(Asked("TensorFlow Serving", f"{url}/v1/models/{name}:predict", wanted))


@contextmanager
def _served(name: str, base: Path) -> Iterator[str]:
    """A TensorFlow Serving of our own on loopback; its stand-in, which runs the same graph."""
    port = _free_port()
    command = [sys.executable, "-m", "embedded.standins.tf_serving", f"--rest_api_port={port}"]
    command += [f"--model_name={name}", f"--model_base_path={base}"]
    environment = os.environ | ENVIRONMENT | {"TF_SERVING_STANDIN_HOST": "127.0.0.1"}
    log = base.parent / f"{name}-serving.log"
    with (
        log.open("w") as output,
        subprocess.Popen(
            command, env=environment, stdout=output, stderr=output, preexec_fn=tied()
        ) as process,
    ):
        try:
            _await(process, f"http://127.0.0.1:{port}/v1/models/{name}", log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
    log.unlink()


def _await(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if "AVAILABLE" in near().get(url, timeout=2).text:
                return
        except requests.RequestException:
            time.sleep(0.2)
    told = log.read_text(errors="replace").strip().splitlines()[-3:]
    raise BuildError(f"--savedmodel: its server did not start: {' '.join(told)}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""The small programs that start the servers inside the images."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from embedded import mirror

FOLDER = Path(mirror.__file__).parent
FAKE_SERVER = """
import subprocess, sys

def start():
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    print(child.pid, flush=True)
    child.wait()
"""


@pytest.fixture
def torchserve(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """TorchServe's launcher with a server that only sleeps."""
    (tmp_path / "ts").mkdir()
    (tmp_path / "ts" / "__init__.py").touch()
    (tmp_path / "ts" / "model_server.py").write_text(FAKE_SERVER)
    process = subprocess.Popen(
        (sys.executable, str(FOLDER / "torchserve" / "torchserve")),
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    yield process
    process.kill()
    process.wait()


def test_torchserves_launcher_hands_sigterm_to_the_server_and_ends_with_it(
    torchserve: subprocess.Popen[str],
) -> None:
    assert torchserve.stdout
    child = int(torchserve.stdout.readline())
    torchserve.send_signal(signal.SIGTERM)
    assert torchserve.wait(30) == 0
    assert not psutil.pid_exists(child)


@pytest.fixture
def serving(tmp_path: Path) -> dict[str, str]:
    """An environment in which TensorFlow Serving's program prints how it was called."""
    program = tmp_path / "tensorflow_model_server"
    program.write_text('#!/bin/sh\necho "$$ $@"\n')
    program.chmod(0o755)
    return {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}


def test_the_serving_entrypoint_takes_the_model_from_its_environment_and_leaves_no_shell(
    serving: dict[str, str],
) -> None:
    entrypoint = FOLDER / "tf_serving" / "bin" / "tf_serving_entrypoint.sh"
    environment = {**serving, "MODEL_NAME": "emotions", "MODEL_BASE_PATH": "/models"}
    with subprocess.Popen(
        (str(entrypoint), "--enable_batching", "--a=b c"), stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        printed, _ = process.communicate(timeout=30)
    flags = "--port=8500 --rest_api_port=8501 --model_name=emotions --model_base_path=/models/emotions"
    assert printed == f"{process.pid} {flags} --enable_batching --a=b c\n"

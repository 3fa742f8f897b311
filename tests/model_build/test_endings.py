"""However a run ends, it is gone at once and whole, says one line, and is in nobody's way."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from model_build import room
from model_build.__main__ import FAREWELL
from model_build.workspace import workspace
from stack.files import ROOT
from tests.base.test_children import come_true, gone
from tests.base.test_stop import heard
from tests.model_build.conftest import Built

pytestmark = pytest.mark.slow

DRAWING, TRAINING = "photos ...", "TensorFlow: train and export ..."
OLD = '{"old": true}'


@dataclass
class Run:
    """A run that has come to a certain line, and all that it has started by then."""

    process: subprocess.Popen[str]
    below: list[psutil.Process]

    def signal(self, *numbers: signal.Signals) -> None:
        for number in numbers:
            self.process.send_signal(number)

    def ended(self) -> tuple[int, list[str]]:
        """Exit code and all that it said to stderr."""
        _, said = self.process.communicate(timeout=60)
        assert come_true(lambda: gone(self.below))
        return self.process.returncode, said.strip().splitlines()


@contextmanager
def run(out: Path, line: str, *arguments: str) -> Iterator[Run]:
    """Workers or a step are at work when this goes on."""
    out.mkdir()
    (out / "manifest.json").write_text(OLD)
    words = [sys.executable, "-m", "model_build", "--out", str(out), *arguments]
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        words, cwd=ROOT, stdout=pipe, stderr=pipe, text=True, start_new_session=True, preexec_fn=heard
    )
    try:
        assert process.stdout
        assert any(each.startswith(line) for each in process.stdout)
        me = psutil.Process(process.pid)
        assert come_true(lambda: bool(me.children()))
        yield Run(process, me.children(recursive=True))
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def nothing_happened(out: Path) -> bool:
    untouched = [path.name for path in out.parent.iterdir()] == [out.name]
    return untouched and (out / "manifest.json").read_text() == OLD


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_workers_too_however_often_it_comes(number: signal.Signals, tmp_path: Path) -> None:
    out = tmp_path / "artifacts"
    with run(out, DRAWING) as running:
        running.signal(number, number)
        assert running.ended() == (128 + number, [FAREWELL])
    assert nothing_happened(out)


def test_ctrl_c_reaches_the_training_and_says_one_line(built: Built, tmp_path: Path) -> None:
    out = tmp_path / "artifacts"
    with run(out, TRAINING, "--dataset", str(built.dataset)) as running:
        os.killpg(running.process.pid, signal.SIGINT)
        assert running.ended() == (128 + signal.SIGINT, [FAREWELL])
    assert nothing_happened(out)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
@pytest.mark.parametrize("line", [DRAWING, TRAINING])
def test_a_kill_ends_all_that_was_started_and_the_next_run_finds_the_place_free(
    line: str, built: Built, tmp_path: Path
) -> None:
    out = tmp_path / "artifacts"
    with run(out, line, *(["--dataset", str(built.dataset)] if line == TRAINING else [])) as running:
        running.process.kill()
        assert running.ended()[0] == -signal.SIGKILL
        with pytest.raises(ZeroDivisionError), workspace(out):
            raise ZeroDivisionError
    assert nothing_happened(out)


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_disk_that_fills_up_meanwhile_is_told_in_one_line(built: Built, tmp_path: Path) -> None:
    """On a disk of its own, which no one else sees."""
    fill = "until [ -e {0}/.artifacts.partial/tensors.npy ]; do sleep 0.01; done; cat /dev/zero >{0}/filler"
    script = (
        f"mount -t tmpfs -o size=230m small {tmp_path}; ({fill.format(tmp_path)}) 2>/dev/null & "
        f'"$0" -m model_build --dataset {built.dataset} --epochs 1 --out {tmp_path}/artifacts; '
        f"code=$?; kill $! 2>/dev/null; ls -A {tmp_path}; exit $code"
    )
    words = ["unshare", "--mount", "sh", "-c", script, sys.executable]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == f"error: {room.used_up()}\n"
    assert done.stdout.splitlines()[-1] == "filler", "and nothing else is left there"

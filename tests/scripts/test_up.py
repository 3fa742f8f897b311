"""The script behind `make up`: only one at a time, and bad input is one line."""

import fcntl
import os
import signal
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def test_a_second_make_up_says_so_and_waits(tmp_path: Path) -> None:
    lock = tmp_path / "emotion-serving" / "up.lock"
    lock.parent.mkdir()
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        second = subprocess.Popen(
            [ROOT / "scripts" / "up"],
            env={**os.environ, "XDG_STATE_HOME": str(tmp_path)},
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert second.stdout
        said = second.stdout.readline()
        still_waiting = second.poll() is None
        os.killpg(second.pid, signal.SIGKILL)
        second.communicate()
    assert "another make up or make down is at work" in said
    assert still_waiting


def test_predict_without_a_photo_says_what_to_type() -> None:
    answer = subprocess.run(["make", "predict"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode != 0
    assert "IMAGE: expected a JPEG or PNG file, got nothing; make predict IMAGE=face.jpg" in answer.stderr


def test_an_unfit_python_is_named_before_anything_is_done() -> None:
    answer = subprocess.run(
        [ROOT / "scripts" / "venv"],
        env={**os.environ, "PYTHON": "/bin/false"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1
    assert answer.stderr.startswith("python: expected 3.11 to 3.13")

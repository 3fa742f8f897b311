"""A command beside other work ends with it, however that ends."""

import time
from pathlib import Path

import psutil
import pytest

from embedded.beside import BesideError, beside

LATER = """import pathlib, sys, time
time.sleep(float(sys.argv[1]))
pathlib.Path(sys.argv[2]).touch()
sys.exit(int(sys.argv[3]))
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module that sleeps, writes a file and ends with an exit code."""
    (tmp_path / "later_here.py").write_text(LATER)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return "later_here"


def test_what_the_command_makes_is_there_once_it_has_finished(module: str, tmp_path: Path) -> None:
    with beside(module, ("0.2", str(tmp_path / "made"), "0")) as finish:
        assert not (tmp_path / "made").exists(), "the body runs beside it"
        finish()
        assert (tmp_path / "made").exists()


def test_a_command_that_fails_stops_the_work_that_waits_for_it(module: str, tmp_path: Path) -> None:
    with (
        pytest.raises(BesideError, match="later_here ended with exit code 3"),
        beside(module, ("0", str(tmp_path / "made"), "3")) as finish,
    ):
        finish()


def test_work_that_fails_ends_the_command(module: str, tmp_path: Path) -> None:
    began = time.monotonic()
    with (
        pytest.raises(ValueError, match="the body"),
        beside(module, ("60", str(tmp_path / "made"), "0")),
    ):
        raise ValueError("the body")
    assert time.monotonic() - began < 50
    assert not [child for child in psutil.Process().children() if "later_here" in child.cmdline()]

"""Rolling restarts under load, with a kubectl that only notes what it is told."""

import time
from pathlib import Path

import pytest

from bench.load import rollouts
from bench.load.rollouts import Rollouts
from tests.bench.scenes import endpoint, outputs


@pytest.fixture
def kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of notes; a file named `broken` beside it makes kubectl fail."""
    notes = tmp_path / "notes"
    program = tmp_path / "kubectl"
    program.write_text(
        f'#!/bin/sh\necho "$@" >>"{notes}"\n[ ! -e "{tmp_path}/broken" ] || {{ echo no >&2; exit 1; }}\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(rollouts, "PAUSE_SECONDS", 0.01)
    return notes


def until(done: int, made: Rollouts) -> None:
    end = time.monotonic() + 10
    while made.done < done and time.monotonic() < end:
        time.sleep(0.01)


def test_each_rollout_is_over_before_the_next(kubectl: Path) -> None:
    with Rollouts(outputs(), endpoint("torchserve"), 2) as made:
        until(2, made)
    words = [line.split()[-2:] for line in kubectl.read_text().splitlines()]
    restart = ["restart", "deployment/torchserve"]
    status = ["deployment/torchserve", "--timeout=120s"]
    assert words == [restart, status] * 2


def test_a_load_without_rollouts_touches_nothing(kubectl: Path) -> None:
    with Rollouts(outputs(), endpoint("torchserve"), 0):
        time.sleep(0.05)
    assert not kubectl.exists()


def test_a_rollout_that_fails_is_said_and_ends_them(
    kubectl: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (kubectl.parent / "broken").touch()
    with Rollouts(outputs(), endpoint("torchserve"), 3) as made:
        time.sleep(0.5)
    assert made.done == 0
    told = capsys.readouterr().err
    assert "rollout failed: no" in told
    assert "0 of 3 rollouts" in told

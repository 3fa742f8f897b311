"""Locks: a dead Pulumi's is dropped, a living one's waited for, another machine's left alone."""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.recover import locks
from infra.recover.backend import Folder
from infra.recover.errors import RecoverError

STACK = "cut-off"


def lock(folder: Folder, pid: int, host: str | None = None, stack: str = STACK) -> Path:
    file = folder.path / ".pulumi/locks/organization/emotion-serving" / stack / f"{pid}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    held = {
        "pid": pid,
        "username": "me",
        "hostname": host or socket.gethostname(),
        "timestamp": "2026-01-01T00:00:00Z",
    }
    file.write_text(json.dumps(held))
    return file


@pytest.fixture
def dead() -> int:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


@pytest.fixture
def alive(tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process by Pulumi's name."""
    program = tmp_path / "pulumi"
    shutil.copy(shutil.which("sleep") or "", program)
    with subprocess.Popen([program, "60"]) as process:
        yield process
        process.kill()


def test_a_dead_pulumis_lock_is_dropped_and_that_is_said(
    dead: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = lock(Folder(tmp_path), dead)
    locks.release(Folder(tmp_path), STACK)
    assert not file.exists()
    assert f"pid {dead} of me@" in capsys.readouterr().out


def test_a_number_that_another_program_has_by_now_holds_nothing(tmp_path: Path) -> None:
    file = lock(Folder(tmp_path), os.getpid())
    locks.release(Folder(tmp_path), STACK)
    assert not file.exists()


def test_a_lock_that_cannot_be_read_is_dropped(tmp_path: Path) -> None:
    file = lock(Folder(tmp_path), 1)
    file.write_text('{"pid": 1')
    locks.release(Folder(tmp_path), STACK)
    assert not file.exists()


def test_another_machines_lock_is_left_alone_and_named(dead: int, tmp_path: Path) -> None:
    file = lock(Folder(tmp_path), dead, host="elsewhere")
    with pytest.raises(RecoverError, match=f"me@elsewhere.*another machine.*pulumi cancel --stack {STACK}"):
        locks.release(Folder(tmp_path), STACK)
    assert file.exists()


def test_a_pulumi_that_is_at_work_is_waited_for(
    alive: "subprocess.Popen[bytes]", tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = lock(Folder(tmp_path), alive.pid)
    threading.Timer(0.8, file.unlink).start()
    locks.release(Folder(tmp_path), STACK)
    assert "is at work; waiting until it ends" in capsys.readouterr().out


def test_a_pulumi_that_does_not_end_is_named(alive: "subprocess.Popen[bytes]", tmp_path: Path) -> None:
    lock(Folder(tmp_path), alive.pid)
    with pytest.raises(RecoverError, match=f"still at work; end it: kill {alive.pid}"):
        locks.release(Folder(tmp_path), STACK, patience=0)


def test_locks_of_another_stack_are_nobodys_business(dead: int, tmp_path: Path) -> None:
    file = lock(Folder(tmp_path), dead, stack="another")
    locks.release(Folder(tmp_path), STACK)
    assert file.exists()

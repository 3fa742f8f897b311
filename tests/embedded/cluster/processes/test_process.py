import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from embedded.cluster.processes import process
from embedded.cluster.processes.process import Identity

STAT = "7 ({name}) {state} 1 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 {threads} 0 4711 0 0"
SLEEP = ("/bin/sleep", "60")


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[Identity]:
    environment = {process.MARKER: f"sleeper@{tmp_path}"}
    identity = process.spawn(SLEEP, environment, tmp_path / "log", tmp_path / "pid", "f")
    yield identity
    process.terminate([identity.pid], 0)


def test_a_process_is_known_by_its_pid_file(sleeper: Identity, tmp_path: Path) -> None:
    assert process.read_identity(tmp_path / "pid") == sleeper
    assert process.is_alive(sleeper)


def test_a_recycled_pid_is_not_ours(sleeper: Identity) -> None:
    assert not process.is_alive(replace(sleeper, start_ticks=sleeper.start_ticks - 1))


def test_a_pid_of_another_boot_is_not_ours(sleeper: Identity) -> None:
    assert not process.is_alive(replace(sleeper, boot_id="another"))


def test_an_ended_process_is_dead_though_its_zombie_is_there(sleeper: Identity) -> None:
    process.terminate([sleeper.pid], 0)
    assert Path(f"/proc/{sleeper.pid}").exists(), "its parent, this test, has not waited for it"
    assert not process.is_alive(sleeper)


def test_the_start_time_is_found_behind_an_odd_name() -> None:
    assert process.parse_start_ticks(STAT.format(name="a) b", state="S", threads=1)) == 4711


def test_a_zombie_is_gone_once_its_threads_are() -> None:
    """A killed server's leading thread is a zombie while others still hold its port."""
    assert process.parse_start_ticks(STAT.format(name="x", state="Z", threads=9)) == 4711
    assert process.parse_start_ticks(STAT.format(name="x", state="Z", threads=1)) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', "4711"])
def test_a_broken_pid_file_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "pid").write_text(text)
    assert process.read_identity(tmp_path / "pid") is None


def test_an_unnoted_process_is_found_by_its_mark(sleeper: Identity, tmp_path: Path) -> None:
    (tmp_path / "pid").unlink()
    deadline = time.monotonic() + 10  # the kernel shows a new program's environment a moment after its start
    while not (found := list(process.marked(f"sleeper@{tmp_path}"))) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert found == [sleeper.pid]
    assert list(process.marked(f"sleeper@{tmp_path}/other")) == []


def test_a_started_process_holds_none_of_our_pipes(tmp_path: Path) -> None:
    """Whoever waits for our output to end must not wait for the cluster's end."""
    program = (
        "import sys; from pathlib import Path; from embedded.cluster.processes import process;"
        "folder = Path(sys.argv[1]);"
        f"process.spawn({SLEEP!r}, {{}}, folder / 'log', folder / 'pid', 'f')"
    )
    subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, timeout=30, check=True
    )
    identity = process.read_identity(tmp_path / "pid")
    assert identity and process.is_alive(identity), "it outlives its starter"
    process.terminate([identity.pid], 0)


def test_what_a_daemon_makes_can_be_read_by_pods_whatever_our_umask(tmp_path: Path) -> None:
    former = os.umask(0o077)
    try:
        mkdir = ("/bin/mkdir", str(tmp_path / "volume"))
        identity = process.spawn(mkdir, {}, tmp_path / "log", tmp_path / "pid", "f")
    finally:
        os.umask(former)
    while process.is_alive(identity):
        time.sleep(0.01)
    assert (tmp_path / "volume").stat().st_mode & 0o777 == 0o755


def test_a_process_that_will_not_end_is_killed(tmp_path: Path) -> None:
    stubborn = ("/bin/sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done")
    identity = process.spawn(stubborn, {}, tmp_path / "log", tmp_path / "pid", "f")
    deadline = time.monotonic() + 10
    while "ready" not in (tmp_path / "log").read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.terminate([identity.pid], 0.2)
    assert not process.is_alive(identity)


def test_the_fingerprint_tells_arguments_and_files(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text("one")
    first = process.fingerprint(("a", "b"), (file,))
    assert first == process.fingerprint(("a", "b"), (file,))
    assert first != process.fingerprint(("ab",), (file,))
    file.write_text("two")
    assert first != process.fingerprint(("a", "b"), (file,))


def test_a_long_log_makes_room_and_is_kept_once(tmp_path: Path) -> None:
    log = tmp_path / "etcd.log"
    log.write_bytes(b"x" * (process.LOG_LIMIT + 1))
    process.rotate(log)
    assert not log.exists()
    assert (tmp_path / "etcd.old.log").exists()


def test_the_pid_file_is_readable_by_other_programs(sleeper: Identity, tmp_path: Path) -> None:
    assert json.loads((tmp_path / "pid").read_text())["pid"] == sleeper.pid

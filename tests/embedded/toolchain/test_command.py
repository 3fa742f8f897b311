"""A command that fails says what it was, what it printed and what to do."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from embedded.machine import paths
from embedded.toolchain.command import Command, output_of, run, tail
from embedded.toolchain.errors import ToolchainError


def command(tmp_path: Path, *argv: str) -> Command:
    return Command("tool", argv, tmp_path / "logs" / "tool.log", advice="plug it in")


def quiet(_: float) -> None:
    pass


def test_a_failure_shows_program_command_last_lines_and_advice(tmp_path: Path) -> None:
    script = "for i in $(seq 100); do echo line $i; done; echo boom >&2; exit 3"
    with pytest.raises(ToolchainError) as caught:
        run(command(tmp_path, "sh", "-c", script), quiet)
    text = str(caught.value)
    assert text.startswith("tool: exit code 3")
    assert "command: sh -c" in text
    assert "    line 100\n    boom\n" in text
    assert "line 1\n" not in text, "only the last lines are shown"
    assert "try: plug it in" in text


def test_a_program_that_is_not_there_is_an_error_of_the_same_kind(tmp_path: Path) -> None:
    with pytest.raises(ToolchainError, match="could not be started: No such file"):
        run(command(tmp_path, "/nowhere/at-all"), quiet)


def test_a_command_past_its_limit_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embedded.toolchain.command._HEARTBEAT_SECONDS", 0.05)
    endless = Command("tool", ("sleep", "600"), tmp_path / "log", advice="-", limit=0.1)
    with pytest.raises(ToolchainError, match="still running after"):
        run(endless, quiet)


def test_long_commands_tell_how_long_they_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embedded.toolchain.command._HEARTBEAT_SECONDS", 0.01)
    told: list[float] = []
    run(command(tmp_path, "sleep", "0.2"), told.append)
    assert told == sorted(told)
    assert told


def test_what_a_command_makes_can_be_read_by_all_whatever_our_umask(tmp_path: Path) -> None:
    former = os.umask(0o077)
    try:
        run(command(tmp_path, "touch", str(tmp_path / "wheel")), quiet)
    finally:
        os.umask(former)
    assert (tmp_path / "wheel").stat().st_mode & 0o777 == 0o644


def test_a_command_that_reads_its_input_does_not_hang(tmp_path: Path) -> None:
    run(command(tmp_path, "cat"), quiet)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_a_command_dies_with_the_run_that_started_it(tmp_path: Path) -> None:
    child_file = tmp_path / "child"
    (tmp_path / "child.sh").write_text(
        f"echo $$ > {child_file}.new; mv {child_file}.new {child_file}; exec sleep 600"
    )
    source = (
        "import sys; from pathlib import Path; from embedded.toolchain.command import Command, run\n"
        "run(Command('t', ('sh', sys.argv[1]), Path(sys.argv[1] + '.log'), '-'), lambda _: None)"
    )
    parent = subprocess.Popen((sys.executable, "-c", source, str(tmp_path / "child.sh")), cwd=paths.ROOT)
    wait_for(child_file.exists)
    child = int(child_file.read_text())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    wait_for(lambda: not is_running(child))


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"never came true: {condition}"
        time.sleep(0.02)


def test_the_tail_of_a_log_leaves_out_empty_lines_and_survives_a_missing_log(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("a\n\n\nb\n")
    assert tail(tmp_path / "log") == "    a\n    b"
    assert tail(tmp_path / "none") == "    (it printed nothing)"


def test_asking_a_program_that_is_not_there_gives_nothing() -> None:
    assert output_of(("/nowhere/at-all", "--version")) == ""

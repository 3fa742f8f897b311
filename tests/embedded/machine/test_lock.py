"""Two runs at once: the second says for whom it waits, and then goes on."""

import subprocess
import sys
from pathlib import Path

from embedded.machine import paths
from embedded.machine.lock import exclusive

HOLD = """
import sys
from pathlib import Path
from embedded.machine.lock import exclusive
with exclusive(Path(sys.argv[1]), print):
    print("held", flush=True)
    sys.stdin.readline()
"""


def holder(file: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        (sys.executable, "-c", HOLD, str(file)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=paths.ROOT,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_the_second_run_names_the_first_and_waits_for_it(tmp_path: Path) -> None:
    with holder(tmp_path / "lock") as first:
        said: list[str] = []

        def let_go(line: str) -> None:
            said.append(line)
            assert first.stdin is not None
            first.stdin.close()

        with exclusive(tmp_path / "lock", let_go, "starts the cluster"):
            assert first.wait() == 0, "the second run came in while the first was inside"
    assert f"process {first.pid}) that starts the cluster" in said[0]


def test_a_killed_holder_blocks_nobody(tmp_path: Path) -> None:
    with holder(tmp_path / "lock") as first:
        first.kill()
        first.wait()
        said: list[str] = []
        with exclusive(tmp_path / "lock", said.append):
            assert said == []


def test_a_free_lock_is_taken_without_a_word(tmp_path: Path) -> None:
    said: list[str] = []
    with exclusive(tmp_path / "deep" / "lock", said.append):
        pass
    assert said == []

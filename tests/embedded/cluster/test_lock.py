import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from embedded.cluster import lock
from embedded.cluster.errors import ClusterError

HOLDER = """
import sys
from pathlib import Path
from embedded.cluster import lock
with lock.exclusive(Path(sys.argv[1]), print):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_second_says_who_holds_the_lock_and_waits(tmp_path: Path) -> None:
    file, said, entered = tmp_path / "lock", threading.Event(), threading.Event()
    messages: list[str] = []

    def report(message: str) -> None:
        messages.append(message)
        said.set()

    def second() -> None:
        with lock.exclusive(file, report):
            entered.set()

    with subprocess.Popen([sys.executable, "-c", HOLDER, str(file)], stdin=-1, stdout=-1, text=True) as first:
        assert first.stdin and first.stdout
        assert first.stdout.readline() == "held\n"
        waiter = threading.Thread(target=second)
        waiter.start()
        assert said.wait(20)
        assert not entered.is_set()
        assert f"pid {first.pid}" in messages[0]
        first.stdin.close()
    waiter.join(20)
    assert entered.is_set()


def test_a_killed_holder_frees_the_lock(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(file)], stdin=-1, stdout=-1, text=True) as first:
        assert first.stdout
        first.stdout.readline()
        first.kill()
    with lock.exclusive(file, pytest.fail):
        assert file.read_text() == f"pid {os.getpid()}"


def test_a_foreign_port_owner_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(ClusterError, match=rf"port {port}: .*pid {os.getpid()} \(.*\); end that program"):
            lock.require_free([port], ours=[])
        lock.require_free([port], ours=[os.getpid()])

"""What a container really does is read from the text of a look; what cannot be read is an error by name."""

import re

import pytest

from stack.servers import reading
from stack.servers.reading import Limits, UnreadableError
from tests.stack.servers import recorded


def test_the_last_of_two_flags_wins() -> None:
    assert reading.command_flags(["server", "--a=1", "--b", "--a=2"]) == {"a": "2", "b": ""}


def test_threads_of_the_processes_are_read() -> None:
    threads = {process.pid: process.threads for process in recorded.read("torchserve").processes}
    assert threads == {1: 1, 7: 36, 30: 1}


@pytest.mark.parametrize(
    ("cpu", "memory", "limits"),
    [
        ("200000\n100000", "2147483648", Limits(2.0, 2**31)),
        ("-1\n100000", "9223372036854771712", Limits(None, None)),
        ("50000 100000", "1048576", Limits(0.5, 2**20)),
        ("max 100000", "max", Limits(None, None)),
    ],
    ids=["v1", "v1 without limits", "v2", "v2 without limits"],
)
def test_cgroup_limits_of_both_versions_are_read(cpu: str, memory: str, limits: Limits) -> None:
    text = f"@@ command 1\nserver\n@@ cpu\n{cpu}\n@@ memory\n{memory}\n"
    assert reading.parse(text).limits == limits


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "expected sections"),
        ("sh: not found", "expected sections, got 'sh: not found'"),
        ("@@ cpu\n1 1\n@@ memory\n1\n", "command line of process 1"),
        ("@@ command 1\nserver\n@@ cpu\n@@ memory\n1\n", "CPU limit"),
        ("@@ command 1\nserver\n@@ cpu\n1 1\n@@ memory\n", "memory limit"),
    ],
)
def test_a_probe_that_read_too_little_says_what_is_missing(text: str, reason: str) -> None:
    with pytest.raises(UnreadableError, match=re.escape(reason)):
        reading.parse(text)

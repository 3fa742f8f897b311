"""Programs of a killed Pulumi: those without one above them are ended, no others."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from infra.recover import leftovers
from infra.recover.leftovers import Program

KNOWN = {
    each.pid: each
    for each in (
        Program(1, 0, "init", ours=False),
        Program(10, 1, "pulumi", ours=False),
        Program(11, 10, "pulumi-resource", ours=True),
        Program(12, 10, "pulumi-language", ours=True),
        Program(13, 12, "python", ours=True),
        Program(20, 1, "pulumi-resource", ours=True),
        Program(21, 1, "pulumi-language", ours=True),
        Program(22, 21, "python", ours=True),
        Program(30, 1, "pulumi-resource", ours=False),
    )
}


def test_only_programs_of_ours_without_a_pulumi_above_them_are_left_over() -> None:
    assert [each.pid for each in leftovers.orphans(KNOWN)] == [20, 21, 22]


def test_processes_that_are_each_others_parents_are_no_hang() -> None:
    loop = {1: Program(1, 2, "a", ours=True), 2: Program(2, 1, "b", ours=True)}
    assert len(leftovers.orphans(loop)) == 2


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="this system has no /proc")
def test_a_plugin_whose_pulumi_was_killed_is_found_by_its_name_and_place(tmp_path: Path) -> None:
    program = tmp_path / "pulumi-resource-test"
    shutil.copy(shutil.which("sleep") or "", program)
    with subprocess.Popen([program, "60"], cwd=tmp_path) as process:
        try:
            deadline = time.monotonic() + 5
            while process.pid not in leftovers.look(root=tmp_path) and time.monotonic() < deadline:
                time.sleep(0.05)
            found = leftovers.look(root=tmp_path)[process.pid]
            assert (found.parent, found.ours) == (os.getpid(), True)
            assert not leftovers.look(root=tmp_path / "elsewhere")[process.pid].ours
        finally:
            process.send_signal(signal.SIGKILL)

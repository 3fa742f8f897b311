"""A command loses its terminal. These tests need no cluster."""

import sys
from pathlib import Path

from tests.campaign.cutting import hang_up

SCRIPT = """
import pathlib, sys, time
pathlib.Path(sys.argv[1]).touch()
for number in range(4):
    print("step", number, flush=True)
time.sleep(60)
pathlib.Path(sys.argv[1]).unlink()
"""


def test_a_command_whose_terminal_is_closed_ends_where_it_was(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    assert hang_up([sys.executable, "-c", SCRIPT, str(begun)], "step", 4)
    assert begun.exists()


def test_a_command_that_ends_before_was_not_cut_off() -> None:
    assert not hang_up([sys.executable, "-c", "print('step')"], "step", 2)

"""A command starts soon: it imports no other's."""

import subprocess
import sys

from tests.cluster.conftest import ROOT


def test_a_question_waits_for_no_plots_and_no_cluster() -> None:
    script = "import sys; from bench.__main__ import parser; parser(['predict']); print(*sys.modules)"
    said = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    modules = set(said.stdout.split())
    assert "bench.commands.predict" in modules
    assert not modules & {"bench.commands.report", "matplotlib", "kubernetes"}

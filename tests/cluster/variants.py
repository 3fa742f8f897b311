"""Variant stacks beside the platform of `minikube`, as a user brings them up; nothing of them stays."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.cluster.conftest import ROOT, run

OF_CLUSTERS = ("cloud", "minikube")
NAMES = sorted(
    file.name.split(".")[1]
    for file in ROOT.glob("Pulumi.*.yaml")
    if file.name.split(".")[1] not in OF_CLUSTERS
)


def pulumi(stack: str, *arguments: str) -> str:
    """Standard output of a Pulumi command on `stack`."""
    return run("pulumi", "--non-interactive", *arguments, "--stack", stack)


@contextmanager
def initialised(name: str) -> Iterator[None]:
    """The stack exists and is not deployed; afterwards it is gone and its file is as it was."""
    file = ROOT / f"Pulumi.{name}.yaml"
    content = file.read_bytes()
    try:
        run("pulumi", "--non-interactive", "stack", "init", name, "--no-select")
        yield
    finally:
        for command in (
            ["destroy", "--yes", "--skip-preview"],
            ["stack", "rm", "--yes", "--preserve-config"],
        ):
            subprocess.run(
                ["pulumi", "--non-interactive", *command, "--stack", name],
                cwd=ROOT,
                capture_output=True,
                check=False,
            )
        file.write_bytes(content)


@contextmanager
def deployed(name: str) -> Iterator[None]:
    """The stack is up."""
    with initialised(name):
        pulumi(name, "up", "--yes", "--skip-preview")
        yield


def bench(*arguments: str) -> str:
    """Standard output of a bench command; fails with what it said unless it succeeds."""
    return run(sys.executable, "-m", "bench", *arguments)

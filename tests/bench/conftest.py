"""One simulated experiment for all tests that only read it."""

from pathlib import Path

import pytest

from tests.bench import steps
from tests.bench.evidence import make


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of results that holds the experiment `made`."""
    folder = tmp_path_factory.mktemp("results")
    make(folder)
    return folder


@pytest.fixture(scope="session")
def shoot_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a simulated experiment of steps, without a forecast."""
    return steps.make(tmp_path_factory.mktemp("results"), steps.plan())

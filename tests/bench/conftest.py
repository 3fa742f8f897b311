"""One simulated experiment for all tests that only read it."""

from pathlib import Path

import pytest

from tests.bench.evidence import make


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of results that holds the experiment `made`."""
    folder = tmp_path_factory.mktemp("results")
    make(folder)
    return folder

"""A world of its own for every test of experiments."""

from pathlib import Path

import pytest

from tests.bench.experiment.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)

"""The smallest folder of a user that is accepted."""

import shutil
from pathlib import Path

import pytest

from model_build.photos import dataset
from tests.model_build.conftest import draw_folder


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_folder(tmp_path_factory.mktemp("drawn") / "photos", per_class=dataset.MINIMUM_PER_CLASS)


@pytest.fixture
def folder(drawn: Path, tmp_path: Path) -> Path:
    """One to change."""
    return shutil.copytree(drawn, tmp_path / "photos")

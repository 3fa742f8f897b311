"""A model with two versions, and the server that the tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .running import Running
from .saved_models import write_arithmetic

MONITORING = "prometheus_config { enable: true }"


@pytest.fixture(scope="session")
def half(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Base path of a model with versions 1 (x/2 + 2) and 2 (x/2 + 3)."""
    base = tmp_path_factory.mktemp("half")
    write_arithmetic(base / "00000001", 2.0)
    write_arithmetic(base / "2", 3.0)
    return base


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory, half: Path) -> Iterator[Running]:
    """A server without batching, with a short time limit."""
    folder = tmp_path_factory.mktemp("plain")
    (folder / "monitoring.txt").write_text(MONITORING)
    server = Running(
        folder,
        "--model_name=half",
        f"--model_base_path={half}",
        f"--monitoring_config_file={folder / 'monitoring.txt'}",
        "--rest_api_num_threads=33",
        "--rest_api_timeout_in_ms=1500",
    )
    yield server.ready()
    server.kill()

"""Which tests run side by side, and golden files: what a pure function renders, kept for review.

Renew golden files with `pytest --update-goldens`.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent
GOLDENS = ROOT / "goldens"
SHARING = ("model_build", "embedded/tf_serving", "embedded/grafana")  # folders whose tests share what is dear


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-goldens", action="store_true", help="write golden files anew; read the diff")


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the groups next
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What kills or removes parts of the cluster runs last, and what takes longest first."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=lambda item: (item.get_closest_marker("destructive") is not None, _turn(item)))


def _group(item: pytest.Item) -> str:
    """Tests of a group run in one process: they share a cluster, servers, models or a file's fixtures."""
    if item.get_closest_marker("cluster"):
        return "cluster"
    folder = item.path.parent.relative_to(ROOT).as_posix()
    return folder if folder in SHARING else item.path.relative_to(ROOT).as_posix()


def _turn(item: pytest.Item) -> int:
    """Long groups first: nothing is left to run beside one that ends last."""
    group = _group(item)
    return SHARING.index(group) if group in SHARING else len(SHARING)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with the golden file of a name."""

    def compare(name: str, text: str) -> None:
        file = GOLDENS / name
        if request.config.getoption("--update-goldens"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        assert file.exists(), f"no golden file {file.name}; run pytest --update-goldens and read it"
        assert text == file.read_text(), (
            f"{file.name} differs; if meant, pytest --update-goldens and read the diff"
        )

    return compare

"""What tests of every room share: golden files (`pytest --update-goldens` renews them), and promtool."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

GOLDENS = Path(__file__).resolve().parent / "goldens"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-goldens", action="store_true", help="write golden files anew; read the diff")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What kills or removes parts of the cluster runs after everything that uses it."""
    items.sort(key=lambda item: item.get_closest_marker("destructive") is not None)


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


@pytest.fixture
def promtool() -> str:
    found = shutil.which("promtool")
    if not found:
        pytest.skip("promtool is not on PATH; run: . .venv/bin/activate && scripts/rule-tools")
    return found

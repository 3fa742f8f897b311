"""When a run trains anew: whenever something that decides an artefact has changed, and only then."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from model_build import freshness
from model_build.plan import make_plan
from tests.model_build.conftest import Built

PACKAGE = Path(freshness.__file__).parent
TRAINED = ("tf_serving/train.py", "torchserve/train.py", "triton/export.py")
PACKED = ("torchserve/handler.py", "triton/model.py")
TYPES = ("torchserve/api.py", "triton/api.py")
PLAN = make_plan(None, full=False, seed=1, epochs=None)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of model_build to change."""
    return shutil.copytree(PACKAGE, tmp_path / "copy", ignore=shutil.ignore_patterns("__pycache__"))


def test_a_change_of_any_module_that_decides_a_model_trains_anew(package: Path) -> None:
    before = freshness.inputs_digest(PLAN, package)
    assert before == freshness.inputs_digest(PLAN), "where the package lies decides nothing"
    unnoticed = set()
    for module in package.rglob("*.py"):
        text = module.read_text()
        module.write_text(text + "# changed\n")
        if freshness.inputs_digest(PLAN, package) == before:
            unnoticed.add(module.relative_to(package).as_posix())
        module.write_text(text)
    assert unnoticed == freshness.WITHOUT_INFLUENCE, "every exception is a module that exists"


def test_a_module_that_moves_to_another_room_trains_anew(package: Path) -> None:
    before = freshness.inputs_digest(PLAN, package)
    (package / "photos" / "faces.py").rename(package / "judge" / "faces.py")
    assert freshness.inputs_digest(PLAN, package) != before


def test_what_trains_and_what_is_packed_is_never_an_exception() -> None:
    """Of what they import only the runner of processes, its errors and servers' types are exceptions."""
    reached, found = set[str](), {*TRAINED, *PACKED}
    while found:
        reached |= found
        found = {name for module in found for name in imported(PACKAGE / module)} - reached
    assert {"in_archive/contract.py", "photos/batches.py", "judge/outcome.py"} <= reached
    assert reached & freshness.WITHOUT_INFLUENCE == {"child.py", "errors.py", "room.py", *TYPES}


def imported(module: Path) -> set[str]:
    """The files of model_build that a module of it imports, by their path in it."""
    files = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("model_build"):
            origin = PACKAGE.parent / str(node.module).replace(".", "/")
            names = [origin] if origin.with_suffix(".py").exists() else [origin / n.name for n in node.names]
            files |= {name.with_suffix(".py").relative_to(PACKAGE).as_posix() for name in names}
    return files


@pytest.mark.parametrize("change", [{"seed": 2}, {"epochs": 3}, {"full": True}])
def test_another_plan_trains_anew(change: dict[str, int]) -> None:
    plan = make_plan(**{"dataset": None, "full": False, "seed": 1, "epochs": None} | change)  # type: ignore[arg-type]
    assert freshness.inputs_digest(plan) != freshness.inputs_digest(PLAN)


@pytest.mark.slow
def test_a_second_run_is_up_to_date_without_loading_a_framework(built: Built) -> None:
    code = (
        "import sys; from model_build.__main__ import main; code = main();"
        "print('loaded' if {'tensorflow', 'torch', 'keras'} & set(sys.modules) else 'light'); sys.exit(code)"
    )
    arguments = ["--dataset", str(built.dataset), "--epochs", "1", "--out", str(built.out)]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [
        f"up to date: {built.out / 'manifest.json'} (--force trains again)",
        "light",
    ]

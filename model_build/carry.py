"""Our own modules that travel with a model, so that a server preprocesses as training did."""

import shutil
from pathlib import Path

_PACKAGE = Path(__file__).parent


def carry(target: Path, *more: str) -> None:
    """Copy the room `in_archive`, and `more` modules by their path in this package, below `target`."""
    shared = (f"in_archive/{path.name}" for path in (_PACKAGE / "in_archive").glob("*.py"))
    for name in ("__init__.py", *shared, *more):
        copied = target / "model_build" / name
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(_PACKAGE / name, copied)

"""A backend of real Pulumi in a folder, for tests without a cluster."""

import shutil
from pathlib import Path

import pytest

from stack import files


def pristine() -> str:
    """A stack with a file into which nobody's Pulumi has written a salt."""
    return next(name for name in files.stacks() if "encryptionsalt:" not in files.path(name).read_text())


def use(folder: Path, patch: pytest.MonkeyPatch) -> Path:
    """Pulumi keeps its states in the folder, and its passphrase. Skips where there is no Pulumi."""
    if not shutil.which("pulumi"):
        pytest.skip("pulumi is not on PATH")
    passphrase = folder / "passphrase"
    passphrase.write_text("a passphrase\n")
    patch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    patch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(passphrase))
    patch.setenv("PULUMI_BACKEND_URL", f"file://{folder}")
    patch.setenv("PULUMI_HOME", str(folder / "home"))
    return folder

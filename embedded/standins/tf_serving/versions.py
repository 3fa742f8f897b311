"""Versions of a model: those that a folder holds, the states they go through, which one a request means."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from .errors import Code


class State(Enum):
    """States of tensorflow.serving.ModelVersionStatus."""

    LOADING = "LOADING"
    AVAILABLE = "AVAILABLE"
    UNLOADING = "UNLOADING"
    END = "END"


@dataclass(frozen=True)
class VersionStatus:
    """State of one version; code and message tell why a version ended."""

    version: int
    state: State
    code: Code = Code.OK
    message: str = ""


@dataclass(frozen=True)
class ModelSpec:
    """Which model a request means: by number, or the highest version that serves."""

    name: str
    version: int | None = None

    def __str__(self) -> str:
        if self.version is None:
            return f"Latest({self.name})"
        return f"Specific({self.name}, {self.version})"


def found(base_path: str) -> dict[int, str]:
    """Version folders below `base_path`: number → folder. "00000123" is 123; empty when there are none."""
    try:
        children = sorted(Path(base_path).iterdir())
    except OSError:
        return {}
    return {
        int(child.name): str(child)
        for child in children
        if child.name.isascii() and child.name.isdecimal() and child.is_dir() and int(child.name) < 2**63
    }

"""Versions of a model: those that a folder holds, what to load and unload, the states they go through."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from .errors import Code


class State(Enum):
    """States of tensorflow.serving.ModelVersionStatus, with their numbers."""

    START = 10
    LOADING = 20
    AVAILABLE = 30
    UNLOADING = 40
    END = 50


@dataclass(frozen=True)
class VersionStatus:
    """State of one version; code and message tell why a version ended."""

    version: int
    state: State
    code: Code = Code.OK
    message: str = ""


@dataclass(frozen=True)
class ModelSpec:
    """Which model a request means: by number, by label, or the highest version that serves."""

    name: str
    version: int | None = None
    label: str | None = None

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


@dataclass(frozen=True)
class Plan:
    """What to do next: load these versions, in order, then unload those."""

    load: tuple[int, ...]
    unload: tuple[int, ...]


def plan(aspired: Iterable[int], serving: Iterable[int], failed: Iterable[int]) -> Plan:
    """Steps from the serving versions to the aspired ones, newest first.

    Versions that failed for good are not tried again.
    """
    aspired, serving = set(aspired), set(serving)
    load = aspired - serving - set(failed)
    return Plan(tuple(sorted(load, reverse=True)), tuple(sorted(serving - aspired)))


def may_unload(aspired: Iterable[int], serving: Iterable[int]) -> bool:
    """Whether old versions may go (availability-preserving): when something aspired serves, or nothing is."""
    aspired = set(aspired)
    return not aspired or bool(aspired & set(serving))

"""Tests of the cluster at the same time, in several processes: who may not meet waits for the other.

The locks are the kernel's, so nobody who died holds one.
"""

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PLATFORM, CLUSTER = "the platform", "the cluster"


@contextmanager
def as_it_is() -> Iterator[None]:
    """Nobody changes the platform, or takes it away, in the block; others may use it too."""
    with _held(PLATFORM, fcntl.LOCK_SH):
        yield


@contextmanager
def alone() -> Iterator[None]:
    """Nobody else uses the platform in the block."""
    with _held(PLATFORM, fcntl.LOCK_EX):
        yield


@contextmanager
def staying() -> Iterator[None]:
    """The cluster and what `minikube` declared there stay in the block."""
    with _held(CLUSTER, fcntl.LOCK_SH):
        yield


@contextmanager
def taking_away() -> Iterator[None]:
    """Nobody else is at work on the cluster in the block."""
    with _held(CLUSTER, fcntl.LOCK_EX):
        yield


@contextmanager
def with_stack(name: str) -> Iterator[None]:
    """Nobody else has a stack of this name in the block."""
    with _held(name, fcntl.LOCK_EX):
        yield


@contextmanager
def _held(what: str, kind: int) -> Iterator[None]:
    with (Path(tempfile.gettempdir()) / f"emotion-serving-tests-of-{what}.lock").open("a") as file:
        fcntl.flock(file, kind)
        yield

"""Several things that take long to come and to go, at the same time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def together(*managers: AbstractContextManager[T]) -> Iterator[tuple[T, ...]]:
    """What all managers give; they are entered at once and left at once. If one fails the others are left."""
    with ThreadPoolExecutor(len(managers)) as pool:
        entering = [pool.submit(manager.__enter__) for manager in managers]
        wait(entering)
        try:
            yield tuple(each.result() for each in entering)
        finally:
            inside = (m for m, entered in zip(managers, entering, strict=True) if not entered.exception())
            for leaving in [pool.submit(manager.__exit__, None, None, None) for manager in inside]:
                leaving.result()

"""Things at the same time: all come, all go, also when one does not. These tests need no cluster."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Barrier

import pytest

from tests.cluster.together import together


def test_they_come_at_once_and_go_at_once() -> None:
    coming, going = Barrier(2, timeout=10), Barrier(2, timeout=10)

    @contextmanager
    def one(name: str) -> Iterator[str]:
        coming.wait()
        yield name
        going.wait()

    with together(one("a"), one("b")) as both:
        assert both == ("a", "b")


def test_when_one_fails_to_come_the_others_go() -> None:
    gone: list[str] = []

    @contextmanager
    def fine() -> Iterator[None]:
        yield
        gone.append("fine")

    @contextmanager
    def broken() -> Iterator[None]:
        raise AssertionError("no room")
        yield

    with pytest.raises(AssertionError, match="no room"), together(fine(), broken()):
        pytest.fail("the block must not begin")
    assert gone == ["fine"]

"""When a stack on ordered nodes has settled."""

from collections.abc import Callable, Sequence

import pytest

from bench.records.fleet import Bound, Ordered, Scene
from bench.trial.fleet import STILL_SECONDS, settle


def scene(at: float, bound: int, nodes: int, pods: int = 4) -> Scene:
    def pod(number: int) -> Bound:
        on = f"n{number % nodes}" if number < bound else ""
        return Bound(f"p{number}", on, 0.0, at if on else None, None)

    kind = [Ordered(f"n{number}", "m6i", "zone-a", True) for number in range(nodes)]
    return Scene(at, tuple(map(pod, range(pods))), tuple(kind))


def playing(scenes: Sequence[Scene]) -> Callable[[], Scene]:
    """One scene after another, the last again and again, a minute apart."""
    left = [*scenes]

    def look() -> Scene:
        if len(left) > 1:
            return left.pop(0)
        left[0] = Scene(left[0].at + 60, left[0].pods, left[0].nodes)
        return left[0]

    return look


def settled(scenes: Sequence[Scene], patience: float = 600) -> tuple[Scene, bool]:
    return settle(playing(scenes), 4, patience, lambda _: None, lambda _: None)


def test_it_has_settled_at_the_last_change_after_which_nothing_moved() -> None:
    found, done = settled([scene(1, 0, 1), scene(2, 4, 3), scene(9, 4, 2), scene(10, 4, 2)])
    assert (found.at, len(found.nodes), done) == (9, 2, True)


def test_nodes_that_still_go_are_waited_for() -> None:
    going = [scene(STILL_SECONDS * number, 4, 5 - number) for number in range(1, 5)]
    found, done = settled(going)
    assert (len(found.nodes), done) == (1, True)


@pytest.mark.parametrize(("bound", "pods"), [(3, 4), (3, 3), (5, 5)], ids=["waits", "lacks", "too many"])
def test_without_every_pod_on_a_node_it_never_has(bound: int, pods: int) -> None:
    found, done = settled([scene(1, bound, 1, pods)])
    assert not done
    assert not found.complete(4)

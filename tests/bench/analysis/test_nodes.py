"""What a node offers, and how many take how many pods."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.analysis.nodes import MOST_PODS, OWN_PODS, Node, Request, needed, on_one

SMALL = Node("n1-standard-1", 1.0, 3.75, 0.05)
LARGE = Node("n1-standard-16", 16.0, 60.0, 0.8)


def test_what_is_left_is_what_gke_documents() -> None:
    # its table: n1-standard-1 leaves 940m and n1-standard-16 15.89 cores
    assert SMALL.offers.cores == pytest.approx(0.94)
    assert LARGE.offers.cores == pytest.approx(15.89)
    assert SMALL.offers.gib == pytest.approx(3.75 * 0.75 - 100 / 1024)
    assert LARGE.offers.gib == pytest.approx(60 - (1 + 0.8 + 0.8 + 0.06 * 44) - 100 / 1024)


def test_cpu_memory_or_the_kubelets_limit_decides() -> None:
    assert on_one(Request(2.0, 0.5), LARGE) == 7
    assert on_one(Request(0.1, 20.0), LARGE) == 2
    assert on_one(Request(0.01, 0.01), LARGE) == MOST_PODS - OWN_PODS
    assert on_one(Request(2.0, 0.5), SMALL) == 0


sizes = st.floats(0.01, 64)


@given(st.builds(Request, sizes, sizes), st.floats(0.5, 128), st.floats(1, 512), st.integers(1, 5000))
def test_nodes_hold_all_pods_and_one_fewer_would_not(
    pod: Request, cores: float, gib: float, pods: int
) -> None:
    node = Node("any", cores, gib, 1.0)
    each = on_one(pod, node)
    if each:
        assert each * pod.cores <= node.offers.cores + 1e-6
        assert each * pod.gib <= node.offers.gib + 1e-6
        nodes = needed(pods, each)
        assert (nodes - 1) * each < pods <= nodes * each

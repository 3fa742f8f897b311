"""What tests of several parts of the embedded default need."""

import os

import pytest

from embedded import cluster


@pytest.fixture(scope="session")
def embedded_cluster() -> None:
    """The cluster runs; skipped where it cannot."""
    if os.geteuid() != 0:
        pytest.skip("the embedded cluster needs root")
    try:
        cluster.start()
    except cluster.ClusterError as error:
        if "run `make up`" in str(error):
            pytest.skip(f"no toolchain: {error}")
        raise

"""Prometheus' own tool."""

import shutil

import pytest


@pytest.fixture
def promtool() -> str:
    found = shutil.which("promtool")
    if not found:
        pytest.skip("promtool is not on PATH; python -m embedded.toolchain promtool brings it")
    return found

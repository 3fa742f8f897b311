"""The names under which the run-times ask a mirror."""

import pytest

from embedded.mirror.names import mirror_path


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("debian", "library/debian"),
        ("docker.io/debian", "library/debian"),
        ("prom/prometheus", "prom/prometheus"),
        ("docker.io/prom/prometheus", "prom/prometheus"),
        ("registry.k8s.io/pause", "pause"),
        ("registry.k8s.io/metrics-server/metrics-server", "metrics-server/metrics-server"),
        ("localhost:5000/emotion", "emotion"),
    ],
)
def test_a_mirror_is_asked_without_the_registrys_host(name: str, path: str) -> None:
    assert mirror_path(name) == path

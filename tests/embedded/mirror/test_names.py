"""The names under which the run-times ask a mirror."""

import pytest

from embedded.mirror.names import full, mirror_path


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


@pytest.mark.parametrize(
    ("name", "known_as"),
    [
        ("debian", "docker.io/library/debian"),
        ("prom/prometheus", "docker.io/prom/prometheus"),
        ("docker.io/prom/prometheus", "docker.io/prom/prometheus"),
        ("registry.k8s.io/pause", "registry.k8s.io/pause"),
    ],
)
def test_the_node_knows_an_image_by_its_full_name(name: str, known_as: str) -> None:
    assert full(name) == known_as

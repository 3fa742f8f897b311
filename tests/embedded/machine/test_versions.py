"""Versions as programs print them."""

import pytest

from embedded.machine.versions import Version, find, parse, pins


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("v3.250.0", Version(3, 250, 0)),
        ("Client Version: v1.32.4-dispatcher\nKustomize Version: v5.5.0", Version(1, 32, 4)),
        ("k6 v1.8.1 (go1.26.8, linux/amd64)", Version(1, 8, 1)),
        ("containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+deb12u3", Version(1, 6, 20)),
        ("Docker version 20.10.24+dfsg1, build 297e128", Version(20, 10, 24)),
        ("runc version 1.1.5+ds1\ncommit: 1.1.5", Version(1, 1, 5)),
        ("go version go1.26.8 linux/amd64", Version(1, 26, 8)),
        ("1.26", Version(1, 26, 0)),
        ("command not found", None),
        ("", None),
    ],
)
def test_the_version_is_found_in_what_a_program_prints(printed: str, expected: Version | None) -> None:
    assert find(printed) == expected


def test_versions_are_compared_as_numbers_not_as_text() -> None:
    assert parse("3.75.0") < parse("3.250.0")
    assert parse("1.9") < parse("1.10")


def test_a_text_without_a_version_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'latest'"):
        parse("latest")


def test_versions_json_names_every_program_that_is_built() -> None:
    names = {name for name, _ in pins().tools}
    assert names >= {
        "pulumi",
        "pulumi-language-python",
        "kubernetes",
        "etcd",
        "coredns",
        "metrics-server",
        "k6",
        "kubeconform",
        "kube-score",
    }

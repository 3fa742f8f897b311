"""Which images are built, and how Docker is asked."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from embedded.mirror.build import select, stale, without_programs
from embedded.mirror.docker import Build, build_arguments
from embedded.mirror.errors import MirrorError
from embedded.mirror.recipe import KEY_LABEL, STAND_IN, Image, Recipe, content_key
from embedded.mirror.registry import Registry


@dataclass(frozen=True)
class Holding(Registry):
    """A registry that shows the given key for each repository."""

    keys: Mapping[str, str]

    def labels(self, path: str, tag: str) -> dict[str, str] | None:  # noqa: ARG002
        return {KEY_LABEL: self.keys[path]} if path in self.keys else None


@pytest.fixture
def chain(tmp_path: Path) -> tuple[Recipe, ...]:
    """`library/base` and, built on it, `top/image`."""
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    return (
        Recipe(Image("base", "1", STAND_IN, ""), tmp_path),
        Recipe(Image("top/image", "1", STAND_IN, ""), tmp_path, "base"),
    )


def keys_of(chain: tuple[Recipe, ...]) -> tuple[str, str]:
    base = content_key(chain[0], {})
    return base, content_key(chain[1], {"base": base})


def stale_names(chain: tuple[Recipe, ...], shown: Mapping[str, str]) -> list[str]:
    return [recipe.image.name for recipe, _ in stale(chain, Holding("nowhere", shown))]


def test_an_image_that_shows_its_present_key_is_not_built_again(chain: tuple[Recipe, ...]) -> None:
    base, top = keys_of(chain)
    assert stale_names(chain, {"library/base": base, "top/image": top}) == []


def test_an_empty_registry_needs_everything_bases_first(chain: tuple[Recipe, ...]) -> None:
    assert stale_names(chain, {}) == ["base", "top/image"]


def test_an_image_of_an_older_recipe_is_built_again_and_its_base_is_not(chain: tuple[Recipe, ...]) -> None:
    assert stale_names(chain, {"library/base": keys_of(chain)[0], "top/image": "old"}) == ["top/image"]


def test_a_changed_base_makes_what_is_built_on_it_stale(chain: tuple[Recipe, ...]) -> None:
    base, top = keys_of(chain)
    (chain[0].folder / "more").write_text("x")
    assert stale_names(chain, {"library/base": base, "top/image": top}) == ["base", "top/image"]


def test_an_unknown_image_is_refused_with_the_known_ones() -> None:
    with pytest.raises(MirrorError, match=r"grafana/loki: unknown image; known: .*prom/prometheus"):
        select(["grafana/loki"])


def test_an_optional_image_is_built_only_by_its_name() -> None:
    triton = "nvcr.io/nvidia/tritonserver"
    assert triton not in {recipe.image.name for recipe in select(None)} | {*without_programs()}
    assert [recipe.image.name for recipe in select([triton])] == ["debian", triton]


def test_asking_for_the_stand_in_brings_all_that_it_stands_on() -> None:
    names = [recipe.image.name for recipe in select(["tensorflow/serving"])]
    assert names == ["debian", "emotion-serving/tensorflow", "tensorflow/serving"]


def test_a_build_names_tags_labels_and_arguments_and_hands_on_the_hosts_proxy() -> None:
    build = Build(Path("/c"), ("a:1", "b:1"), {"key": "a b"}, {"BASE": "debian:x"})
    arguments = build_arguments(build, {"http_proxy": "http://proxy:1", "HOME": "/root"})
    options = list(itertools.pairwise(arguments))
    for option in (
        ("--tag", "a:1"),
        ("--tag", "b:1"),
        ("--label", "key=a b"),
        ("--build-arg", "BASE=debian:x"),
        ("--build-arg", "http_proxy=http://proxy:1"),
        ("--network", "host"),
    ):
        assert option in options
    assert arguments[-1] == "/c"
    assert not any("HOME" in argument for argument in arguments)

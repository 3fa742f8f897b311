"""The mirror holds what the stacks name, and nothing in it floats."""

import re
from pathlib import Path

import pytest

from embedded.machine.versions import pins
from embedded.mirror.catalogue import inventory, pinned, recipes
from embedded.mirror.recipe import STAND_IN, Recipe

RECIPES = recipes(pins())
FOLDERS = sorted({recipe.folder for recipe in RECIPES})
REQUIREMENTS = [folder / "requirements.txt" for folder in FOLDERS if (folder / "requirements.txt").exists()]

STAND_INS = {
    "tensorflow/serving",
    "grafana/grafana",
    "registry.k8s.io/kube-state-metrics/kube-state-metrics",
}


def identity(recipe: Recipe) -> str:
    return recipe.image.name


def test_every_image_of_versions_json_is_in_the_mirror_with_its_tag() -> None:
    assert set(pins().images) <= {(image.name, image.tag) for image in inventory()}


def test_the_tags_of_go_programs_are_the_versions_that_the_toolchain_builds() -> None:
    for name in ("coredns", "metrics-server"):
        assert pins().image(f"registry.k8s.io/{name}/{name}") == f"v{pins().tool(name)}"
    assert pins().image("grafana/k6") == pins().tool("k6"), "one load, whichever generator sends it"


def test_only_three_images_are_stand_ins_and_they_say_what_they_are_not() -> None:
    stand_ins = {image.name: image.detail for image in inventory() if image.kind == STAND_IN}
    assert set(stand_ins) == STAND_INS
    assert stand_ins["tensorflow/serving"].startswith("not TensorFlow Serving")
    assert stand_ins["grafana/grafana"].startswith("not Grafana")
    name = "registry.k8s.io/kube-state-metrics/kube-state-metrics"
    assert stand_ins[name].startswith("not kube-state-metrics")


@pytest.mark.parametrize("recipe", RECIPES, ids=identity)
def test_an_image_is_built_from_nothing_or_from_an_earlier_image_of_the_mirror(recipe: Recipe) -> None:
    dockerfile = (recipe.folder / "Dockerfile").read_text()
    sources = re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)
    assert sources == (["${BASE}"] if recipe.base else ["scratch"])
    earlier = [other.image.name for other in RECIPES[: RECIPES.index(recipe)]]
    assert recipe.base is None or recipe.base in earlier


@pytest.mark.parametrize("recipe", RECIPES, ids=identity)
def test_no_image_floats(recipe: Recipe) -> None:
    assert recipe.image.tag != "latest"
    assert ":latest" not in (recipe.folder / "Dockerfile").read_text()


@pytest.mark.parametrize("file", REQUIREMENTS, ids=lambda file: file.parent.name)
def test_every_python_package_of_an_image_is_pinned_with_hashes_and_without_addresses(file: Path) -> None:
    text = file.read_text()
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert len(blocks) >= 1
    for block in blocks:
        assert re.match(r"[a-z0-9-]+==\S+ \\\n", block), block
        assert "--hash=sha256:" in block, block
    assert "://" not in text


def test_tensorflow_in_the_image_is_the_one_that_models_are_exported_with() -> None:
    requirements = next(file for file in REQUIREMENTS if file.parent.name == "tensorflow").read_text()
    lock = (Path(__file__).parents[3] / "requirements.lock").read_text()
    assert pinned(requirements, "tensorflow-cpu") == pinned(lock, "tensorflow")
    for package in ("tensorflow-serving-api", "protobuf", "grpcio", "aiohttp"):
        assert pinned(requirements, package) == pinned(lock, package)


def test_the_chart_library_in_the_image_is_the_one_that_the_tests_draw_with() -> None:
    requirements = next(file for file in REQUIREMENTS if file.parent.name == "grafana").read_text()
    lock = (Path(__file__).parents[3] / "requirements.lock").read_text()
    assert pinned(requirements, "plotly") == pinned(lock, "plotly")


def test_a_package_that_is_not_pinned_is_named() -> None:
    with pytest.raises(ValueError, match="torch: expected a line torch==VERSION"):
        pinned("numpy==2.5.5 \\\n", "torch")

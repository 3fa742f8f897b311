"""A user's own classes, whatever they are called, in colour: trained, exported for every server, proven."""

import pytest

from model_build.in_archive import signature
from model_build.in_archive.contract import Sight
from tests.model_build.conftest import Built, command, draw_folder

pytestmark = pytest.mark.slow

NAMES = ("Zorn: rot & groß", "code", "it's $HOME `x`")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Built:
    root = tmp_path_factory.mktemp("own classes")
    dataset = draw_folder(root / "things", 12, NAMES)
    options = ("--colour", "--side", 32, "--epochs", 1, "--out", root / "artifacts")
    done = command("--dataset", dataset, *options)
    assert done.returncode == 0, done.stderr
    return Built(dataset, root / "artifacts", done.stdout)


def test_the_manifest_holds_the_classes_and_what_the_networks_see(own: Built) -> None:
    made = own.manifest
    assert made.classes == NAMES
    assert made.input
    assert (made.input.side, made.input.channels) == (32, 3)


def test_every_export_is_proven_to_answer_with_them(own: Built) -> None:
    for name in ("TensorFlow", "TorchServe", "Triton, f32"):
        assert f"{name}: proof in a fresh process: " in own.printed
    assert own.printed.count("  answers differ by at most ") >= 3
    assert signature.load(own.version) == (NAMES, Sight(side=32, channels=3))
    assert (own.version.parent / "labels.txt").read_text().splitlines() == list(NAMES)


def test_a_photo_of_each_class_is_kept_for_requests(own: Built) -> None:
    names = [path.name for path in (own.out / "photos").iterdir()]
    assert {name.rpartition("-")[0] for name in names} == set(NAMES)

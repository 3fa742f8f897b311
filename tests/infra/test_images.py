"""An image's name covers all that is in it, modes included; nobody's umask decides whether it works."""

from pathlib import Path

import pytest

from infra.images import Ingredients, plan, require_open
from stack import versions
from stack.schema import SettingsError
from stack.servers import SERVERS
from tests.infra import example


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """An exported model as model_build leaves it."""
    folder = tmp_path / "my artifacts" / "torchserve"
    folder.mkdir(parents=True, mode=0o755)
    (folder / "emotions.mar").touch()
    (folder / "emotions.mar").chmod(0o644)
    return folder


def name(model: Path) -> str:
    made = Ingredients(example.manifest(), model.parent, versions.load())
    return plan(SERVERS["torchserve"].image, made, "registry").name


def test_another_mode_of_a_file_is_another_image(model: Path) -> None:
    before = name(model)
    (model / "emotions.mar").chmod(0o664)
    assert name(model) != before
    (model / "emotions.mar").chmod(0o644)
    assert name(model) == before


def test_a_file_that_no_server_could_read_is_refused_with_what_to_type(model: Path) -> None:
    require_open(model)
    for closed, mode in ((model / "emotions.mar", 0o600), (model, 0o700)):
        former = closed.stat().st_mode
        closed.chmod(mode)
        with pytest.raises(SettingsError) as caught:
            require_open(model)
        closed.chmod(former)
        assert str(caught.value) == (
            f"artifacts: expected files that every user may read, got mode {mode:o} of {closed}; "
            f"type: chmod -R a+rX '{model.parent}'"
        )

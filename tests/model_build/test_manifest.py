"""The hand-over to the rest of the product: refused with the command that makes it anew, damage noticed."""

from pathlib import Path

import pytest

from model_build import manifest
from tests.model_build.conftest import Built


def test_a_missing_or_foreign_manifest_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(manifest.ManifestError, match="run `python -m model_build`"):
        manifest.load(tmp_path / "manifest.json")
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(manifest.ManifestError, match="--force"):
        manifest.load(tmp_path / "manifest.json")


@pytest.mark.slow
def test_damage_to_an_export_is_noticed(built: Built, tmp_path: Path) -> None:
    for export in built.manifest.exports.values():
        for file in export.files:
            target = tmp_path / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(built.out / file.path)
    archive = tmp_path / "torchserve" / "emotions.mar"
    archive.unlink()
    archive.write_bytes(b"damaged")
    assert manifest.damaged_files(built.manifest, tmp_path) == ["torchserve/emotions.mar"]

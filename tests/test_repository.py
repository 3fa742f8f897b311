"""What the repository promises about itself."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from stack import settings
from stack.schema import SettingsError

ROOT = Path(__file__).resolve().parent.parent
VERSIONS = json.loads((ROOT / "versions.json").read_text())
LOCK = (ROOT / "requirements.lock").read_text()


def tracked() -> list[Path]:
    answer = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in answer.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_every_dependency_is_locked_with_a_hash_and_without_an_address() -> None:
    for name in ("requirements.lock", "requirements-uv.lock"):
        text = (ROOT / name).read_text()
        pinned = re.findall(r"^(\S+)==", text, re.MULTILINE)
        assert pinned
        assert len(re.findall(r"^\S+==[^\n]*\\\n +--hash=sha256:", text, re.MULTILINE)) == len(pinned)
        assert not re.search(r"https?://|--index-url|--find-links", text)


@pytest.mark.parametrize("plugin", ["kubernetes", "docker"])
def test_a_plugin_has_the_version_of_its_sdk(plugin: str) -> None:
    assert f"pulumi-{plugin}=={VERSIONS['plugins'][plugin]} " in LOCK


def test_no_image_is_named_latest() -> None:
    for file in tracked():
        if file.name == "Dockerfile" or file.suffix in (".yaml", ".json"):
            assert ":latest" not in file.read_text(), file


def test_every_make_target_of_the_readme_exists() -> None:
    help_ = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    readme = (ROOT / "README.md").read_text()
    for target in re.findall(r"(?:`|^)make (\w+)", readme, re.MULTILINE):
        assert f"make {target}" in help_


@pytest.mark.parametrize("file", sorted(ROOT.glob("Pulumi.*.yaml")), ids=lambda file: file.name)
def test_every_stack_file_holds_settings_that_are_accepted(file: Path) -> None:
    config = (yaml.safe_load(file.read_text()) or {}).get("config") or {}
    raw = {key.removeprefix("emotion-serving:"): value for key, value in config.items()}
    try:
        settings.read(raw)
    except SettingsError as error:
        pytest.fail(str(error))


def test_a_folder_of_infra_never_hides_a_library() -> None:
    """Pulumi puts infra/ first on the import path."""
    names = {path.stem for path in (ROOT / "infra").iterdir()} - {"__init__", "__main__", "__pycache__"}
    assert not names & {"platform", "types", "secrets", "docker", "kubernetes", "pulumi", "yaml", "json"}

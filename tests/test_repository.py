"""What the repository promises about itself."""

import json
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from bench.analysis import stored
from stack import files, settings
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


def test_no_stack_file_is_kept_with_the_salt_of_somebodys_passphrase() -> None:
    """Plain Pulumi writes one into the file; it is for one backend only."""
    command = ["git", "grep", "--name-only", "^encryptionsalt", "HEAD", "--", "Pulumi.*.yaml"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (1, ""), "git checkout the file before git commit"


@pytest.mark.parametrize("plugin", ["kubernetes", "docker"])
def test_a_plugin_has_the_version_of_its_sdk(plugin: str) -> None:
    assert f"pulumi-{plugin}=={VERSIONS['plugins'][plugin]} " in LOCK


def test_no_image_is_named_latest() -> None:
    for file in tracked():
        if file.name == "Dockerfile" or file.suffix in (".yaml", ".json"):
            assert ":latest" not in file.read_text(), file


def markdown() -> dict[Path, str]:
    return {file: file.read_text() for file in tracked() if file.suffix == ".md"}


def test_every_make_target_of_the_pages_exists() -> None:
    help_ = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for page, text in markdown().items():
        for target in re.findall(r"(?:`|^)make (\w+)", text, re.MULTILINE):
            assert f"make {target}" in help_, f"{page.name}: make {target}"


def test_every_python_command_of_the_pages_exists() -> None:
    for page, text in markdown().items():
        for module in re.findall(r"python -m ([\w.]+)", text):
            assert find_spec(module), f"{page.name}: python -m {module}"
    for program in ("bench", "embedded"):
        words = [sys.executable, "-m", program, "--help"]
        help_ = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for page, text in markdown().items():
            for command in re.findall(rf"python -m {program} ([a-z]+)", text):
                assert re.search(rf"^    {command}\b", help_, re.MULTILINE), (
                    f"{page.name}: {program} {command}"
                )


def test_every_link_of_the_pages_leads_somewhere() -> None:
    pages = markdown()
    for page, text in pages.items():
        for path, anchor in re.findall(r"\]\((?![a-z]+:)([^)#\s]*)(#[^)\s]*)?\)", text):
            target = (page.parent / path).resolve() if path else page
            assert target.exists(), f"{page.relative_to(ROOT)}: {path}"
            assert not anchor or anchor[1:] in anchors(pages[target]), f"{page.relative_to(ROOT)}: {anchor}"


def anchors(text: str) -> set[str]:
    """What a link may point at within a page: its headings, as GitHub names them, and its marked places."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    named = {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}
    return named | set(re.findall(r'<a (?:id|name)="([^"]+)"', text))


@pytest.mark.parametrize(
    "file", sorted((ROOT / "docs" / "results").glob("*/report.json")), ids=lambda f: f.parent.name
)
def test_a_kept_report_still_serves_as_a_baseline(file: Path) -> None:
    """`bench gate` reads reports of earlier versions."""
    assert stored.read(file).rows


@pytest.mark.parametrize("stack", files.stacks())
def test_every_stack_file_holds_settings_that_are_accepted(stack: str) -> None:
    try:
        settings.read(files.stack_settings(files.path(stack)))
    except SettingsError as error:
        pytest.fail(str(error))


def test_a_folder_of_infra_never_hides_a_library() -> None:
    """Pulumi puts infra/ first on the import path."""
    names = {path.stem for path in (ROOT / "infra").iterdir()} - {"__init__", "__main__", "__pycache__"}
    assert not names & {"platform", "types", "secrets", "docker", "kubernetes", "pulumi", "yaml", "json"}

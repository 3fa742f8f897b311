"""Pulumi as we call it: no tracked file changes, and what fails is explained."""

from pathlib import Path

import pytest

from stack import files, pulumi
from tests.backend import pristine

STACK = pristine()


def salt(backend: Path) -> str:
    state = (backend / f".pulumi/stacks/emotion-serving/{STACK}.json").read_text()
    return state.partition('"salt":"')[2].partition('"')[0]


def test_a_stack_is_made_once_and_its_file_stays_as_it_was(backend: Path) -> None:
    before = files.path(STACK).read_bytes()
    assert pulumi.ensure(STACK)
    assert not pulumi.ensure(STACK)
    made = salt(backend)
    pulumi.do("refresh", STACK, "--yes", "--skip-preview")
    assert files.path(STACK).read_bytes() == before
    assert made.startswith("v1:")
    assert salt(backend) == made, "secrets are encrypted anew only when somebody asks for it"


def test_a_stack_without_a_file_gets_none(backend: Path) -> None:
    assert backend.is_dir()
    pulumi.ensure("made-later")
    pulumi.do("refresh", "made-later", "--yes", "--skip-preview")
    assert not files.path("made-later").exists()


def test_the_copy_says_what_the_file_says_now(tmp_path: Path) -> None:
    file = files.path(STACK, tmp_path)
    file.write_text("config: {a: 1}\n")
    assert pulumi.settings_copy(STACK, tmp_path).read_text() == "config: {a: 1}\n"
    file.write_text("config: {a: 2}\n")
    assert pulumi.settings_copy(STACK, tmp_path).read_text() == "config: {a: 2}\n"


def test_only_commands_that_read_a_stacks_file_are_given_the_copy(tmp_path: Path) -> None:
    assert any("--config-file=" in word for word in pulumi.words("up", STACK, root=tmp_path))
    assert not any("--config-file=" in word for word in pulumi.words("stack export", STACK, root=tmp_path))


def test_the_wrong_passphrase_is_explained_with_its_fix(backend: Path) -> None:
    pulumi.ensure(STACK)
    exported = pulumi.do("stack export", STACK)
    urn = f"urn:pulumi:{STACK}::emotion-serving::pulumi:pulumi:Stack::emotion-serving-{STACK}"
    secret = '{"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": "1"}'
    entry = (
        f'{{"urn": "{urn}", "custom": false, "type": "pulumi:pulumi:Stack", "outputs": {{"a": {secret}}}}}'
    )
    file = backend / "import.json"
    file.write_text(exported.replace('"metadata": {}', f'"metadata": {{}}, "resources": [{entry}]'))
    pulumi.do("stack import", STACK, f"--file={file}")
    (backend / "passphrase").write_text("another\n")
    with pytest.raises(pulumi.PulumiError) as failed:
        pulumi.do("stack", STACK)
    told = str(failed.value)
    assert told.startswith(
        f"{STACK}: its secrets were encrypted with another passphrase than {backend}/passphrase has"
    )
    assert f"put the old passphrase into {backend}/passphrase" in told
    assert "make down && make up" in told


def test_no_passphrase_is_explained_with_its_fix(backend: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert backend.is_dir()
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE")
    with pytest.raises(pulumi.PulumiError, match="set PULUMI_CONFIG_PASSPHRASE_FILE to a file"):
        pulumi.ensure(STACK)


@pytest.mark.parametrize(
    ("said", "fix"),
    [
        ("the stack is currently locked by 1 lock(s)", "run: make recover STACK=a"),
        ("error: unexpected end of JSON input", "a state file is damaged; run: make recover STACK=a"),
        ("something else", "pulumi up failed:\nsomething else"),
    ],
)
def test_what_pulumi_says_is_followed_by_the_command_that_mends(said: str, fix: str) -> None:
    assert fix in pulumi.explained(said, "a", "pulumi up")

"""What Pulumi says of a stack that has no outputs becomes one line with its fix."""

from pathlib import Path

import pytest

from bench.errors import StackUnavailableError
from bench.subject.outputs import read


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "error: no stack named 'mine' found",
            "STACK: expected a stack of yours, got mine; run: pulumi stack ls",
        ),
        (
            "error: current stack does not have output property",
            "mine is not deployed; run: pulumi up -s mine",
        ),
        ("error: no stack selected", "no stack is selected; run: pulumi stack select NAME"),
        ("error: passphrase must be set", "Pulumi encrypts secrets by a passphrase, and none is set; set"),
        ("error: anything else", "pulumi stack output failed:"),
    ],
)
def test_a_stack_without_outputs_says_what_to_do(
    said: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "pulumi"
    program.write_text(f'#!/bin/sh\necho "{said}" >&2\nexit 255\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(StackUnavailableError) as raised:
        read("mine")
    assert str(raised.value).startswith(told)

"""What the helpers of the live tests never do. These tests themselves need no cluster."""

import subprocess

import pytest

from tests.cluster import variants


def test_a_stack_of_somebody_else_is_not_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    def exists(*_: str) -> str:
        raise AssertionError("stack 'organization/emotion-serving/tf-default' already exists")

    commands: list[object] = []
    monkeypatch.setattr(variants, "run", exists)
    monkeypatch.setattr(subprocess, "run", lambda command, **_: commands.append(command))
    with pytest.raises(AssertionError, match="already exists"), variants.initialised("tf-default"):
        pytest.fail("the block must not begin")
    assert commands == []

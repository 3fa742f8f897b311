"""Stacks for tests: an inline program, the stand-in plugin in a folder of its own, a state of its own."""

import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pulumi import automation

from embedded import plugins
from embedded.machine.paths import tools

Program = Callable[[], None]


@dataclass
class Stack:
    """One stack and what its operations printed."""

    automation: automation.Stack
    output: list[str]

    def preview(self) -> dict[str, int]:
        result = self.automation.preview(on_output=self.output.append)
        return {str(getattr(key, "value", key)): count for key, count in result.change_summary.items()}

    def up(self) -> dict[str, int]:
        return _changes(self.automation.up(on_output=self.output.append))

    def refresh(self) -> dict[str, int]:
        return _changes(self.automation.refresh(on_output=self.output.append))

    def destroy(self) -> dict[str, int]:
        return _changes(self.automation.destroy(on_output=self.output.append))

    def said(self) -> str:
        return "\n".join(self.output)


def _changes(
    result: automation.UpResult | automation.RefreshResult | automation.DestroyResult,
) -> dict[str, int]:
    changes = result.summary.resource_changes or {}
    return {str(getattr(key, "value", key)): count for key, count in changes.items()}


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Pulumi's variables: the stand-in, whatever this machine could download, and a state in a folder."""
    home = tmp_path_factory.mktemp("pulumi-home")
    plugins.put(home, "docker", plugins.wanted()["docker"])
    return {
        "PATH": f"{tools()}{os.pathsep}{os.environ['PATH']}",
        "PULUMI_HOME": str(home),
        "PULUMI_BACKEND_URL": tmp_path_factory.mktemp("state").as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }


@pytest.fixture
def stack(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Program], Stack]]:
    """Make a stack of a program; whatever it declared is destroyed afterwards."""
    made: list[Stack] = []
    for key, value in environment.items():
        monkeypatch.setenv(key, value)

    def make(program: Program) -> Stack:
        options = automation.LocalWorkspaceOptions(work_dir=str(tmp_path), env_vars=environment)
        name = f"t{secrets.token_hex(3)}"
        created = automation.create_stack(
            stack_name=name, project_name="plugins", program=program, opts=options
        )
        made.append(Stack(created, []))
        return made[-1]

    yield make
    for each in made:
        each.automation.cancel() if _locked(each) else None
        each.automation.destroy()
        each.automation.workspace.remove_stack(each.automation.name)


def _backend(stack: Stack) -> Path:
    url = stack.automation.workspace.env_vars["PULUMI_BACKEND_URL"].removeprefix("file://")
    return Path(url, ".pulumi")


def _locked(stack: Stack) -> bool:
    return any((_backend(stack) / "locks").rglob("*.json"))

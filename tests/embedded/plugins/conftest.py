"""Stacks for tests: an inline program, the stand-in plugins in a folder of their own, a state of its own."""

import os
import secrets
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pulumi_kubernetes as k8s
import pytest
from pulumi import automation

from embedded.machine.paths import kubeconfig, tools
from embedded.plugins import install

Program = Callable[[], None]


@dataclass
class Kubectl:
    """The cluster as kubectl sees it, in one namespace."""

    config: Path
    namespace: str

    def run(self, *arguments: str, stdin: str | None = None) -> str:
        command = ["kubectl", "--kubeconfig", str(self.config), "--namespace", self.namespace, *arguments]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    def names(self, *resources: str) -> list[str]:
        return self.run("get", ",".join(resources), "--output=name", "--ignore-not-found").split()

    def field(self, resource: str, path: str) -> str:
        return self.run("get", resource, "--output", f"jsonpath={path}")


@dataclass
class Stack:
    """One stack whose program a test may exchange between operations."""

    automation: automation.Stack
    program: Program
    output: list[str]

    def preview(self) -> dict[str, int]:
        result = self.automation.preview(on_output=self.output.append)
        return {str(getattr(key, "value", key)): count for key, count in result.change_summary.items()}

    def up(self, program: Program | None = None) -> dict[str, int]:
        self._use(program)
        return _changes(self.automation.up(on_output=self.output.append))

    def refresh(self) -> dict[str, int]:
        return _changes(self.automation.refresh(on_output=self.output.append))

    def destroy(self) -> dict[str, int]:
        return _changes(self.automation.destroy(on_output=self.output.append))

    def state(self) -> str:
        """The state as it lies on the disk, with its secrets encrypted."""
        files = _backend(self).rglob(f"stacks/**/{self.automation.name}.json")
        return "".join(file.read_text() for file in files)

    def said(self) -> str:
        return "\n".join(self.output)

    def _use(self, program: Program | None) -> None:
        if program is not None:
            self.automation.workspace.program = program


def _changes(
    result: automation.UpResult | automation.RefreshResult | automation.DestroyResult,
) -> dict[str, int]:
    changes = result.summary.resource_changes or {}
    return {str(getattr(key, "value", key)): count for key, count in changes.items()}


@pytest.fixture(scope="session")
def cluster() -> Path:
    """The cluster's kubeconfig."""
    if not kubeconfig().is_file():
        pytest.skip(f"no cluster: {kubeconfig()} is missing; run make up")
    return kubeconfig()


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Pulumi's variables: the stand-ins, whatever this machine could download, and a state in a folder."""
    home = tmp_path_factory.mktemp("pulumi-home")
    for name, version in install.wanted().items():
        install.put(home, name, version)
    return {
        "PATH": f"{tools()}{os.pathsep}{os.environ['PATH']}",
        "PULUMI_HOME": str(home),
        "PULUMI_BACKEND_URL": tmp_path_factory.mktemp("state").as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }


@pytest.fixture(scope="module")
def kubectl(cluster: Path) -> Iterator[Kubectl]:
    """A namespace of the test module's own, gone afterwards."""
    bound = Kubectl(cluster, f"plugins-{secrets.token_hex(3)}")
    bound.run("create", "namespace", bound.namespace)
    yield bound
    bound.run("delete", "namespace", bound.namespace, "--wait=false")


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
        made.append(Stack(created, program, []))
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


@pytest.fixture
def provider(cluster: Path) -> Callable[..., k8s.Provider]:
    """Declare the explicit provider; call it inside a program."""

    def declare(*, upsert: bool = False, mutable: bool = False) -> k8s.Provider:
        return k8s.Provider(
            "cluster",
            kubeconfig=str(cluster),
            context="embedded",
            upsert_existing_objects=upsert,
            enable_config_map_mutable=mutable,
        )

    return declare

"""The Pulumi program. Wrong settings end it with one line a problem, before any API call or image build."""

import sys
from collections.abc import Mapping
from pathlib import Path

import pulumi
from pulumi.runtime.config import get_config_env

from infra import settings, stack, target, versions
from infra.outputs import KEY
from infra.schema import SettingsError
from model_build import manifest

ROOT = Path(__file__).resolve().parent.parent
ARTIFACTS = ROOT / "artifacts"


def raw_settings(config: Mapping[str, str], project: str) -> dict[str, object]:
    """The project's own part of the configuration, without the namespace."""
    prefix = f"{project}:"
    return {key.removeprefix(prefix): value for key, value in config.items() if key.startswith(prefix)}


def stacks(root: Path) -> list[str]:
    """The stacks that have a file in the project."""
    return sorted(file.name.split(".")[1] for file in root.glob("Pulumi.*.yaml"))


def gather() -> stack.Inputs:
    """Read everything that decides the stack. Raises SettingsError."""
    wanted = settings.read(raw_settings(get_config_env(), pulumi.get_project()))
    name = pulumi.get_stack()
    return stack.Inputs(
        stack=name,
        settings=wanted,
        target=target.find(wanted.kube_contexts, wanted.registry),
        manifest=_manifest(),
        artifacts=ARTIFACTS,
        versions=versions.load(),
        serving_namespaces=sorted({stack.namespace_of(each) for each in (*stacks(ROOT), name)}),
    )


def _manifest() -> manifest.Manifest:
    try:
        return manifest.load(ARTIFACTS / "manifest.json")
    except manifest.ManifestError as error:
        problem = f"artifacts: expected exported models: {error}"
        raise SettingsError([problem]) from error


def main() -> None:
    """Declare the selected stack."""
    try:
        inputs = gather()
    except SettingsError as error:
        for problem in error.problems:
            pulumi.log.error(problem)
        sys.exit(1)
    pulumi.export(KEY, stack.declare_stack(inputs))


if __name__ == "__main__":
    main()

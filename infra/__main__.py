"""The Pulumi program. Wrong settings end it with one line a problem, before any API call or image build."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pulumi
from pulumi.runtime.config import get_config_env

from infra import cluster_survey, images, live, preflight, target
from infra import program as stack
from infra.gateway import reached
from model_build import manifest
from stack import drift, files, namespaces, near, settings, versions
from stack.kube import KubeObject
from stack.schema import SettingsError
from stack.settings import contradictions

ARTIFACTS = files.ROOT / "artifacts"


def raw_settings(config: Mapping[str, str], project: str) -> dict[str, object]:
    """The project's own part of the configuration, without the namespace."""
    prefix = f"{project}:"
    return {key.removeprefix(prefix): value for key, value in config.items() if key.startswith(prefix)}


def gather(artifacts: Path) -> stack.Inputs:
    """Read everything that decides the stack. Raises SettingsError."""
    name = pulumi.get_stack()
    if unfit := namespaces.problems_of_stack_name(name):
        raise SettingsError(unfit)
    wanted = settings.read(raw_settings(get_config_env(), pulumi.get_project()))
    cluster = target.find(wanted.kube_contexts, wanted.registry)
    return stack.Inputs(
        stack=name,
        settings=wanted,
        target=cluster,
        gateway=_gateway(cluster) if wanted.service.gateway else None,
        manifest=_manifest(artifacts),
        artifacts=artifacts,
        versions=versions.load(),
    )


def _gateway(cluster: target.Target) -> str | None:
    """`host:port` of the platform's gateway, where the cluster has one. Raises SettingsError."""
    service = live.finder(cluster.context)(reached.SERVICE)
    return reached.of_service(cast("KubeObject", service), cluster.host) if service else None


def _manifest(artifacts: Path) -> manifest.Manifest:
    try:
        found = manifest.load(artifacts / "manifest.json")
    except manifest.ManifestError as error:
        problem = f"artifacts: expected exported models: {error}"
        raise SettingsError([problem]) from error
    for export in found.exports.values():
        images.require_open(artifacts / export.folder)
    return found


def inspect(inputs: stack.Inputs) -> tuple[str, ...]:
    """What the user should know although the stack can be declared.

    Raises SettingsError where the cluster cannot take it: said now, not after Pulumi's ten minutes.
    """
    context = inputs.target.context
    if unexported := tuple(stack.unserved(inputs)) or tuple(stack.unexported(inputs)):
        raise SettingsError(unexported)
    planned = preflight.Stack(
        inputs.stack, inputs.settings, stack.render(inputs), context, inputs.target.host
    )
    findings = preflight.check(planned, cluster_survey.survey(context))
    if findings.problems:
        raise SettingsError(findings.problems)
    changed = drift.taken(planned.objects, live.finder(context))
    return (
        *contradictions.warnings(inputs.settings),
        *findings.warnings,
        *(f"{each}; pulumi up --refresh puts it back" for each in changed),
    )


def main(artifacts: Path = ARTIFACTS) -> None:
    """Declare the selected stack with the exported models of a folder."""
    try:
        inputs = gather(artifacts)
        warnings = inspect(inputs)
    except SettingsError as error:
        for problem in error.problems:
            pulumi.log.error(problem)
        sys.exit(1)
    for warning in warnings:
        pulumi.log.warn(warning)
    for name, output in stack.declare_stack(inputs).items():
        pulumi.export(name, output)


if __name__ == "__main__":
    near.keep()
    main()

"""Upstream's tools are understood: a broken example is found, a good one is not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rules import tools
from tests.rules.example import Break, broken, drop, set_, the_container
from tests.rules.finding import Finding

pytestmark = pytest.mark.slow


def found(tool: str, folder: Path, fault: Break = lambda _: None) -> list[Finding]:
    if tool in tools.missing():
        pytest.skip(f"{tool} is not on PATH; make rules brings it")
    manifests = folder / "manifests"
    manifests.mkdir()
    tools.write([broken(fault)], manifests)
    run: dict[str, Callable[[], list[Finding]]] = {
        "kubeconform": lambda: tools.kubeconform(manifests, folder / "schemas"),
        "kube-score": lambda: tools.kube_score(manifests),
    }
    return run[tool]()


def test_kubeconform_accepts_the_example(tmp_path: Path) -> None:
    assert found("kubeconform", tmp_path) == []


def test_kubeconform_refuses_a_misspelt_field_in_every_version(tmp_path: Path) -> None:
    findings = found("kubeconform", tmp_path, lambda o: set_(the_container(o), "imagePullPolic", to="Always"))
    assert [(finding.stack, finding.item) for finding in findings] == [
        ("example", "Deployment/torchserve")
    ] * 2
    assert all("imagePullPolic" in finding.message for finding in findings)


def test_kube_score_names_the_object_and_the_rule(tmp_path: Path) -> None:
    findings = found(
        "kube-score", tmp_path, lambda o: drop(the_container(o), "resources", "limits", "memory")
    )
    named = {(finding.rule, finding.stack, finding.item) for finding in findings}
    assert ("container-resources", "example", "Deployment/room/torchserve") in named

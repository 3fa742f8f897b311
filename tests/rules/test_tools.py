"""Upstream's tools are understood: a broken example is found, a good one is not."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rules import tools
from tests.rules.example import Break, broken, drop, set_, the_container
from tests.rules.finding import Finding


def found(tool: str, folder: Path, fault: Break = lambda _: None) -> list[Finding]:
    if tool in tools.missing():
        pytest.skip(f"{tool} is not on PATH; scripts/rule-tools brings it")
    manifests = folder / "manifests"
    manifests.mkdir()
    tools.write([broken(fault)], manifests)
    run: dict[str, Callable[[], list[Finding]]] = {
        "kubeconform": lambda: tools.kubeconform(manifests, folder / "schemas"),
        "kube-score": lambda: tools.kube_score(manifests),
        "checkov": lambda: tools.checkov(manifests),
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


def test_checkov_names_the_object_and_the_rule(tmp_path: Path) -> None:
    findings = found(
        "checkov",
        tmp_path,
        lambda o: set_(the_container(o), "securityContext", "allowPrivilegeEscalation", to=True),
    )
    named = {(finding.rule, finding.stack, finding.item) for finding in findings}
    assert ("CKV_K8S_20", "example", "Deployment/room/torchserve") in named


def test_checkov_and_all_that_it_needs_are_pinned_with_hashes_and_without_addresses() -> None:
    folder = Path(tools.__file__).parent
    text, wanted = (
        (folder / "requirements.lock").read_text(),
        (folder / "requirements.in").read_text().strip(),
    )
    blocks = [block for block in re.split(r"\n(?=[^\s#])", text) if not block.startswith("#")]
    assert any(block.startswith(f"{wanted} ") for block in blocks)
    assert all("==" in block and "--hash=sha256:" in block for block in blocks)
    assert "://" not in text

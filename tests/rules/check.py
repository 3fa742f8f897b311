"""All rules over all stacks."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from tests.rules import manifests, pod_security, tools
from tests.rules.finding import Finding
from tests.rules.reading import Stack

Rules = Callable[[Stack], Iterator[tuple[str, str, str]]]
OURS: Mapping[str, Rules] = {"pod-security": pod_security.findings, "ours": manifests.findings}


def ours(tool: str, stacks: Iterable[Stack]) -> list[Finding]:
    """What one of our own sets of rules finds."""
    return [
        Finding(tool, rule, stack.name, item, message)
        for stack in stacks
        for rule, item, message in OURS[tool](stack)
    ]


def upstream(stacks: Iterable[Stack], scratch: Path) -> dict[str, list[Finding]]:
    """What every upstream tool that is there finds."""
    folder = scratch / "manifests"
    folder.mkdir()
    tools.write(stacks, folder)
    checks: dict[str, Callable[[], list[Finding]]] = {
        "kubeconform": lambda: tools.kubeconform(folder, scratch / "schemas"),
        "kube-score": lambda: tools.kube_score(folder),
        "checkov": lambda: tools.checkov(folder),
    }
    return {name: check() for name, check in checks.items() if name not in tools.missing()}

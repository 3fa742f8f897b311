"""All rules over all stacks."""

from collections.abc import Callable, Iterable
from pathlib import Path

from tests.rules import manifests, tools
from tests.rules.finding import Finding
from tests.rules.reading import Stack


def ours(stacks: Iterable[Stack]) -> list[Finding]:
    """What our own rules find."""
    return [
        Finding("ours", rule, stack.name, item, message)
        for stack in stacks
        for rule, item, message in manifests.findings(stack)
    ]


def upstream(stacks: Iterable[Stack], scratch: Path) -> dict[str, list[Finding]]:
    """What every upstream tool that is there finds."""
    folder = scratch / "manifests"
    folder.mkdir()
    tools.write(stacks, folder)
    checks: dict[str, Callable[[], list[Finding]]] = {
        "kubeconform": lambda: tools.kubeconform(folder, scratch / "schemas"),
        "kube-score": lambda: tools.kube_score(folder),
    }
    return {name: check() for name, check in checks.items() if name not in tools.missing()}

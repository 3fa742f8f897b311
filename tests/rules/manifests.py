"""Our own rules for rendered manifests. Each yields the offending object and what is wrong with it.

Where kube-linter has the same rule, the name is its name.
"""

from collections.abc import Iterator

from tests.rules import access, objects, pods
from tests.rules.reading import Rule, Stack, where

RULES: tuple[Rule, ...] = (*objects.RULES, *pods.RULES, *access.RULES)


def findings(stack: Stack) -> Iterator[tuple[str, str, str]]:
    """Rule, object and message of every offence in a stack."""
    for rule in RULES:
        for item, message in rule(stack):
            yield rule.__name__.replace("_", "-"), where(item), message

"""Forget what was deployed on a cluster that is gone: the stacks of this project whose objects were on it.

Their settings stay; the next `pulumi up` begins with an empty stack.
"""

import argparse
import json
import sys
from collections.abc import Sequence

from stack import near, pulumi, recorded


def forget(context: str) -> tuple[str, ...]:
    """The stacks that were forgotten. Raises PulumiError if Pulumi refuses."""
    known = [each["name"] for each in json.loads(pulumi.ask("stack", "ls", "--json"))]
    lost = tuple(name for name in known if _context(name) == context)
    for name in lost:
        pulumi.do("stack rm", name, "--force", "--yes", "--preserve-config")
    return lost


def _context(stack: str) -> str:
    """The kubeconfig context that a stack's objects are on; empty where it has none."""
    return recorded.context(recorded.part(json.loads(pulumi.do("stack export", stack)), "deployment"))


def main(words: Sequence[str] | None = None) -> int:
    """The command `python -m infra.forget CONTEXT`."""
    parser = argparse.ArgumentParser(prog="python -m infra.forget", description=__doc__)
    parser.add_argument("context", help="the kubeconfig context that the cluster had")
    context = parser.parse_args(words).context
    near.keep()
    try:
        lost = forget(context)
    except pulumi.PulumiError as error:
        print(f"forget: {error}; run it again: python -m infra.forget {context}", file=sys.stderr)
        return 1
    for name in lost:
        print(f"forgot what stack {name} had on {context}; its settings stay")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`python -m tests.rules`: run all rules over all stacks and say what they find, explained or not."""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.rules import check, finding, tools
from tests.rules.stacks import all_stacks


def main() -> int:
    stacks = all_stacks()
    with tempfile.TemporaryDirectory() as scratch:
        found = {"ours": check.ours(stacks), **check.upstream(stacks, Path(scratch))}
    verdicts = {tool: finding.judge(findings, finding.load(tool)) for tool, findings in found.items()}
    print(table(verdicts, [stack.name for stack in stacks]))
    for verdict in verdicts.values():
        for unexplained in verdict.unexplained:
            print(f"unexplained: {unexplained}")
        for stale in verdict.stale:
            print(f"explains nothing any more: {stale.tool} {stale.rule} · {stale.item} · {stale.stack}")
    if tools.missing():
        print(f"not run, because not on PATH: {', '.join(tools.missing())}; make rules brings them")
    return int(any(verdict.unexplained or verdict.stale for verdict in verdicts.values()))


def table(verdicts: dict[str, finding.Verdict], stacks: list[str]) -> str:
    """`explained/unexplained` findings for each stack and tool."""
    lines = [f"{'findings explained/unexplained':32}" + "".join(f"{tool:>14}" for tool in verdicts)]
    for stack in stacks:
        cells = [f"{_count(v.explained)[stack]}/{_count(v.unexplained)[stack]}" for v in verdicts.values()]
        lines.append(f"{stack:32}" + "".join(f"{cell:>14}" for cell in cells))
    return "\n".join(lines)


def _count(findings: tuple[finding.Finding, ...]) -> Counter[str]:
    return Counter(item.stack for item in findings)


if __name__ == "__main__":
    sys.exit(main())

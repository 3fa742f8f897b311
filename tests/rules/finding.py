"""Findings about manifests, and the written exceptions that explain some of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

EXCEPTIONS = Path(__file__).resolve().parent / "exceptions.yaml"


@dataclass(frozen=True, order=True)
class Finding:
    """What a rule of a tool says about one object (`Kind/namespace/name`) of a stack."""

    tool: str
    rule: str
    stack: str
    item: str
    message: str

    def __str__(self) -> str:
        return f"{self.tool} {self.rule} · {self.stack} · {self.item}: {self.message}"


@dataclass(frozen=True)
class Allowed:
    """A written exception: `item` and `stack` are shell patterns, `*` also matches slashes."""

    tool: str
    rule: str
    item: str
    reason: str
    stack: str = "*"

    def explains(self, finding: Finding) -> bool:
        return (self.tool, self.rule) == (finding.tool, finding.rule) and (
            fnmatchcase(finding.item, self.item) and fnmatchcase(finding.stack, self.stack)
        )


@dataclass(frozen=True)
class Verdict:
    """Findings with and without a written reason, and exceptions that no longer match anything."""

    explained: tuple[Finding, ...]
    unexplained: tuple[Finding, ...]
    stale: tuple[Allowed, ...]


def judge(findings: Iterable[Finding], exceptions: Sequence[Allowed]) -> Verdict:
    """Confront findings with the exceptions of the tools that ran."""
    ordered = sorted(set(findings))
    explained = tuple(f for f in ordered if any(e.explains(f) for e in exceptions))
    return Verdict(
        explained=explained,
        unexplained=tuple(f for f in ordered if f not in explained),
        stale=tuple(e for e in exceptions if not any(e.explains(f) for f in explained)),
    )


def load(tool: str, file: Path = EXCEPTIONS) -> tuple[Allowed, ...]:
    """One tool's exceptions. TypeError for an entry without a reason or with an unknown key."""
    entries = [Allowed(**entry) for entry in yaml.safe_load(file.read_text())]
    return tuple(entry for entry in entries if entry.tool == tool)

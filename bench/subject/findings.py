"""What a comparison found, and how people and programs read it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

HEADER = ("setting", "intended", "found")
WIDEST = 40  # columns; longer cells, such as images, push their line on


@dataclass(frozen=True)
class Finding:
    """One comparison: what was compared, what the stack intends, what was found."""

    what: str
    expected: str
    found: str
    ok: bool


@dataclass(frozen=True)
class Block:
    """All findings on one object or pod; `notes` tell more and are not judged."""

    subject: str
    findings: tuple[Finding, ...]
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Everything is as intended."""
        return all(finding.ok for finding in self.findings)


def same(what: str, expected: object, found: object) -> Finding:
    """Expected and found must be equal."""
    return Finding(what, shown(expected), shown(found), expected == found)


def unreadable(what: str, reason: str) -> Finding:
    """What cannot be read is not as intended."""
    return Finding(what, "readable", f"unreadable: {reason}", ok=False)


def shown(value: object) -> str:
    """A value in a table's cell."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return ", ".join(shown(each) for each in value)
    return str(value)


def as_table(blocks: Sequence[Block]) -> str:
    """A block of aligned lines for each subject, then a sentence that names every mismatch."""
    rows = [HEADER, *(_cells(finding) for block in blocks for finding in block.findings)]
    widths = [min(WIDEST, max(map(len, column))) for column in zip(*rows, strict=True)]
    body = "\n\n".join(_block(block, widths) for block in blocks)
    return f"{body}\n\n{verdict(blocks)}"


def verdict(blocks: Sequence[Block]) -> str:
    """One sentence."""
    count = sum(len(block.findings) for block in blocks)
    wrong = [f"{block.subject}: {each.what}" for block in blocks for each in block.findings if not each.ok]
    if not wrong:
        return f"✓ all {count} settings are effective"
    return f"✗ {len(wrong)} of {count} differ from the stack's settings: {'; '.join(wrong)}"


def as_json(stack: str, blocks: Sequence[Block]) -> str:
    """JSON for programs.

    `{"stack": NAME, "ok": BOOL, "subjects": [{"subject": "pod tensorflow-serving-…", "ok": BOOL,
    "findings": [{"what": KEY, "expected": TEXT, "found": TEXT, "ok": BOOL}, …], "notes": {NAME: TEXT}}]}`;
    an unreadable value is a finding with ok false whose `found` begins with "unreadable: ".
    """
    subjects = [
        {
            "subject": block.subject,
            "ok": block.ok,
            "findings": [asdict(finding) for finding in block.findings],
            "notes": dict(block.notes),
        }
        for block in blocks
    ]
    return json.dumps(
        {"stack": stack, "ok": all(block.ok for block in blocks), "subjects": subjects}, indent=2
    )


def _cells(finding: Finding) -> tuple[str, str, str]:
    return finding.what, finding.expected, finding.found


def _block(block: Block, widths: Sequence[int]) -> str:
    lines = [_line("✓" if block.ok else "✗", block.subject)]
    lines += [_line("   ", *_padded(HEADER, widths))]
    lines += [
        _line(f"  {'✓' if each.ok else '✗'}", *_padded(_cells(each), widths)) for each in block.findings
    ]
    lines += [_line("    note:", f"{name}: {value}") for name, value in block.notes.items()]
    return "\n".join(lines)


def _padded(cells: Sequence[str], widths: Sequence[int]) -> tuple[str, ...]:
    return tuple(f"{cell.ljust(width)} " for cell, width in zip(cells, widths, strict=True))


def _line(*words: str) -> str:
    return " ".join(words).rstrip()

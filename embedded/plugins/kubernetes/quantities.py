"""Kubernetes quantities: `1000m`, `1` and `1.0` are the same CPU, `1024Mi` and `1Gi` the same memory."""

import re
from fractions import Fraction

from embedded.plugins.paths import Path
from embedded.plugins.values import Value

# apimachinery pkg/api/resource: a decimal number with a binary or decimal suffix, or an exponent.
_FORM = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([KMGTPE]i)|([numkMGTPE])|[eE]([+-]?\d{1,3}))?")
_BINARY = {f"{letter}i": Fraction(1024) ** power for power, letter in enumerate("KMGTPE", 1)}
_DECIMAL = {letter: Fraction(1000) ** power for power, letter in zip((-3, -2, -1), "num", strict=True)}
_DECIMAL |= {letter: Fraction(1000) ** power for power, letter in enumerate("kMGTPE", 1)}
_MAPS = frozenset(("limits", "requests", "hard", "capacity"))
_MEMBERS = frozenset((("target", "value"), ("target", "averageValue")))


def parse(value: Value) -> Fraction | None:
    """The exact number that a quantity stands for, or None where it is not a quantity."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    match = _FORM.fullmatch(str(value))
    if match is None:
        return None
    number, binary, decimal, exponent = match.groups()
    scale = _BINARY.get(binary or "", _DECIMAL.get(decimal or "", Fraction(1)))
    return Fraction(number) * scale * Fraction(10) ** int(exponent or 0)


def equal(path: Path, one: Value, other: Value) -> bool:
    """Whether two leaves at `path` are the same quantity; False where `path` holds none."""
    if not _holds_quantity(path):
        return False
    first = parse(one)
    return first is not None and first == parse(other)


def _holds_quantity(path: Path) -> bool:
    in_map = len(path) > 1 and path[-2] in _MAPS
    return in_map or path[-1:] == ("sizeLimit",) or path[-2:] in _MEMBERS

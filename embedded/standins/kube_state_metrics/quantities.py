"""Kubernetes' quantities as numbers."""

import re
from decimal import Decimal

_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))([eE][+-]?\d+|[numkMGTPE]|[KMGTPE]i|)")
_DECIMAL = {suffix: Decimal(10) ** power for suffix, power in zip("num", (-9, -6, -3), strict=True)}
_DECIMAL |= {suffix: Decimal(1000) ** (power + 1) for power, suffix in enumerate("kMGTPE")}
_BINARY = {f"{letter}i": Decimal(1024) ** (power + 1) for power, letter in enumerate("KMGTPE")}
_FACTORS = {"": Decimal(1), **_DECIMAL, **_BINARY}


def quantity(text: str) -> float:
    """`500m` → 0.5, `2Gi` → 2147483648, `1e3` → 1000. ValueError for anything but a Kubernetes quantity."""
    found = _QUANTITY.fullmatch(text)
    if not found:
        raise ValueError(f"expected a quantity such as 500m or 2Gi, got {text!r}")
    number, suffix = found.groups()
    if suffix in _FACTORS:
        return float(Decimal(number) * _FACTORS[suffix])
    return float(Decimal(number + suffix))

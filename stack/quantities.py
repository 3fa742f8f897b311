"""Kubernetes' quantities of CPU and memory, and what to type where one is not quite right."""

import math
import re
from dataclasses import dataclass
from decimal import Decimal

from stack.rules import as_text

CPU = r"[0-9]{1,6}m|[0-9]{1,4}(\.[0-9]{1,3})?"
MEMORY = r"[1-9][0-9]{0,8}(Ki|Mi|Gi|Ti|k|M|G|T)"
_BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
_DECIMAL = {"k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


@dataclass(frozen=True)
class Cpu:
    """A CPU quantity of Kubernetes: `500m`, `1`, `1.5`."""

    expected: str = "a CPU quantity such as 500m or 1.5"

    def read(self, raw: object) -> str:
        text = str(raw)
        if isinstance(raw, bool) or not re.fullmatch(CPU, text) or not millicores(text):
            raise ValueError(self._fix(text))
        return text

    def _fix(self, text: str) -> str:
        meant = re.fullmatch(r"([0-9]*[.,]?[0-9]+) *(m|c|cores?|v?cpus?)?", text.strip(), re.IGNORECASE)
        cores = float(meant[1].replace(",", ".")) if meant else 0
        if not meant or cores < 0.001:
            return "write cores (1.5) or thousandths of a core (1500m)"
        return f"write {cores:.0f}m" if meant[2] in ("m", "M") else f"write {round(cores, 3):g}"


@dataclass(frozen=True)
class Memory:
    """A memory quantity of Kubernetes with its unit: `512Mi`, `2Gi`; `1.5Gi` is kept as `1536Mi`."""

    expected: str = "a memory quantity with a unit, such as 512Mi"

    def read(self, raw: object) -> str:
        text = as_text(raw) or ""
        if re.fullmatch(MEMORY, text):
            return text
        whole = _in_smaller_unit(text)
        if whole is None:
            raise ValueError(self._fix(text))
        return whole

    def _fix(self, text: str) -> str:
        meant = re.fullmatch(r"([0-9]+([.,][0-9]+)?) *([kmgt]?)i?b?", text.strip(), re.IGNORECASE)
        number = Decimal(meant[1].replace(",", ".")) if meant else Decimal(0)
        if not meant or not number:
            return "add the unit: Mi or Gi"
        if not meant[3] and number < 2**20:
            return f"write {number}{'Mi' if number == int(number) else 'Gi'}"
        if not meant[3]:
            return f"write {math.ceil(number / 2**20)}Mi"
        size = number * _BINARY[f"{meant[3].upper()}i"]
        return f"write {math.ceil(size / 2**20)}Mi" if size % 2**30 else f"write {size // 2**30}Gi"


def _in_smaller_unit(quantity: str) -> str | None:
    """`1.5Gi` → `1536Mi`: Kubernetes' own form of it. None where no unit makes it a whole number."""
    parts = re.fullmatch(r"([0-9]{1,6}\.[0-9]{1,3})([A-Za-z]+)", quantity)
    units = next((known for known in (_BINARY, _DECIMAL) if parts and parts[2] in known), {})
    size = Decimal(parts[1]) * units[parts[2]] if parts and units else Decimal(0)
    whole = [f"{size // factor}{unit}" for unit, factor in units.items() if size and size % factor == 0]
    return whole[-1] if whole else None


def millicores(quantity: str) -> int:
    """`500m` → 500, `1.5` → 1500."""
    return int(quantity[:-1]) if quantity.endswith("m") else round(float(quantity) * 1000)


def mebibytes(quantity: str) -> float:
    """`512Mi` → 512.0."""
    number, unit = re.fullmatch(r"(\d+)(\w+)", quantity).groups()  # type: ignore[union-attr]
    return int(number) * (_BINARY | _DECIMAL)[unit] / 2**20

"""Prometheus' text format."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Sample = tuple[Mapping[str, str], float]


@dataclass(frozen=True)
class Family:
    """A metric: its samples are label values and a number."""

    name: str
    help: str
    type: Literal["gauge", "counter"]
    samples: tuple[Sample, ...]


def text(families: Iterable[Family]) -> str:
    """The page, each family with HELP and TYPE."""
    return "".join(_family(family) for family in families)


def _family(family: Family) -> str:
    head = f"# HELP {family.name} {family.help}\n# TYPE {family.name} {family.type}\n"
    return head + "".join(
        f"{family.name}{{{_labels(labels)}}} {_number(value)}\n" for labels, value in family.samples
    )


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


def _labels(labels: Mapping[str, str]) -> str:
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')

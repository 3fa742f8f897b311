"""What the thesis shows and concludes on scaling, as data: one file of `claims/` for each subject."""

from dataclasses import dataclass
from pathlib import Path

import cattrs
import yaml

FOLDER = Path(__file__).resolve().parent / "claims"
# The stacks that repeat the thesis's variants 1 to 9.
VARIANTS = (
    *("tf-default", "tf-threads", "tf-batch-10ms", "tf-batch-100ms"),
    *("torch-10-workers", "torch-1-10-workers", "torch-batch", "torch-replicas", "torch-hpa"),
)
_converter = cattrs.Converter(forbid_extra_keys=True)


@dataclass(frozen=True)
class Number:
    """A figure of the thesis, as it prints it or as its plot can be read."""

    name: str
    value: float
    unit: str


@dataclass(frozen=True)
class Claim:
    """One statement of the thesis, paraphrased, and what would explain it.

    `arms` are the stacks that repeat its variants; empty where it is on all of them. `cause` is known from
    sources and arithmetic, not from an experiment.
    """

    id: str
    title: str
    where: str
    arms: tuple[str, ...]
    says: str
    cause: str
    numbers: tuple[Number, ...] = ()

    def number(self, name: str) -> float:
        """The value of a figure. Raises KeyError for one that the thesis does not give."""
        return {number.name: number.value for number in self.numbers}[name]


@dataclass(frozen=True)
class Subject:
    """Claims that belong together."""

    title: str
    claims: tuple[Claim, ...]


def read(folder: Path = FOLDER) -> tuple[Subject, ...]:
    """All subjects in the thesis's order."""
    return tuple(
        _converter.structure(yaml.safe_load(file.read_text()), Subject)
        for file in sorted(folder.glob("*.yaml"))
    )

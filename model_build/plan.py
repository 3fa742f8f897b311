"""What one run of model_build does, decided before anything is read or trained."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from model_build.in_archive.contract import THESIS, Sight

DEFAULT_SEED = 123
LEAST_SIDE, MOST_SIDE = 16, 224
"""Pixels: fewer leave little after two poolings; more give the dense layer over 44 million weights."""


@dataclass(frozen=True)
class Plan:
    """Everything but the photos that decides what is trained."""

    seed: int
    per_class: int
    epochs: int
    batch_size: int
    dataset: Path | None = None
    """The user's folder; None draws faces."""
    side: int = THESIS.side
    colour: bool = False

    @property
    def sight(self) -> Sight:
        """What the networks see of a photo."""
        return Sight(self.side, 3 if self.colour else 1)

    @classmethod
    def load(cls, path: Path) -> "Plan":
        """The plan that `save` wrote."""
        fields = json.loads(path.read_text())
        dataset = fields.pop("dataset")
        return cls(**fields, dataset=Path(dataset) if dataset else None)

    def save(self, path: Path) -> None:
        """Hand the plan to a training process."""
        fields = asdict(self) | {"dataset": str(self.dataset) if self.dataset else None}
        path.write_text(json.dumps(fields))


def make_plan(
    dataset: Path | None,
    full: bool,
    seed: int,
    epochs: int | None,
    sight: Sight = THESIS,
) -> Plan:
    """The thesis's sizes with `full`, else sizes that train both networks in minutes on two cores.

    Adam rewrites all 7.9 million weights at every step, whatever the batch: the thesis's batches of 10 spend
    most of the time on that. The short run takes 32.
    """
    per_class, usual, batch_size = (5000, 30, 10) if full else (600, 12, 32)
    return Plan(seed, per_class, epochs or usual, batch_size, dataset, sight.side, sight.channels == 3)

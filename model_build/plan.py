"""What one run of model_build does, decided before anything is read or trained."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

DEFAULT_SEED = 123


@dataclass(frozen=True)
class Plan:
    """Everything but the photos that decides what is trained."""

    seed: int
    per_class: int
    epochs: int
    batch_size: int
    dataset: Path | None = None
    """The user's folder; None draws faces."""

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


def make_plan(dataset: Path | None, full: bool, seed: int, epochs: int | None) -> Plan:
    """The thesis's sizes with `full`, else sizes that train both networks in minutes on two cores.

    Adam rewrites all 7.9 million weights at every step, whatever the batch: the thesis's batches of 10 spend
    most of the time on that. The short run takes 32.
    """
    if full:
        return Plan(seed, per_class=5000, epochs=epochs or 30, batch_size=10, dataset=dataset)
    return Plan(seed, per_class=600, epochs=epochs or 12, batch_size=32, dataset=dataset)

"""What a training process hands back: curves, accuracies, its answers to the test split."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Epoch:
    """Mean loss and share of right answers; `train_*` measured while training, dropout on."""

    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float


@dataclass(frozen=True)
class Outcome:
    """Accuracies are of the finished network, dropout off; `predicted` is the class of each test row."""

    framework: str
    epochs: tuple[Epoch, ...]
    train_accuracy: float
    test_accuracy: float
    predicted: tuple[int, ...]
    seconds: float

    def save(self, path: Path) -> None:
        """Write as JSON for the process that draws the plots."""
        path.write_text(json.dumps(asdict(self)))

    @classmethod
    def load(cls, path: Path) -> "Outcome":
        """What `save` wrote."""
        fields = json.loads(path.read_text())
        fields["epochs"] = tuple(Epoch(**epoch) for epoch in fields["epochs"])
        fields["predicted"] = tuple(fields["predicted"])
        return cls(**fields)


def accuracy(log_probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Share of rows whose likeliest class is the label."""
    return float(np.mean(log_probabilities.argmax(axis=1) == labels))


def loss(log_probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Mean negative log-likelihood, in nats."""
    return float(-np.mean(log_probabilities[np.arange(len(labels)), labels]))

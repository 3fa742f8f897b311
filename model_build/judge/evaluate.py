"""Learning curves and confusion matrix of each network, as PNG files and as a table."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from model_build.in_archive.contract import CLASSES
from model_build.judge.outcome import Outcome

TRAIN_COLOUR, TEST_COLOUR = "#1f77b4", "#d95f02"
_DPI = 110


def confusion(labels: NDArray[np.int64], predicted: tuple[int, ...]) -> NDArray[np.int64]:
    """(5, 5) counts: row = true class, column = answer."""
    counts = np.zeros((len(CLASSES), len(CLASSES)), dtype=np.int64)
    np.add.at(counts, (labels, np.asarray(predicted)), 1)
    return counts


def recalls(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Of each class, the share that is recognised."""
    shares: NDArray[np.float64] = counts.diagonal() / np.maximum(counts.sum(axis=1), 1)
    return shares


def mean_recall(counts: NDArray[np.int64]) -> float:
    """What accuracy would be if every class were as common as any other."""
    return float(recalls(counts).mean())


def per_class_table(counts: NDArray[np.int64]) -> str:
    """Recall and precision of each class, as lines for the terminal."""
    recall = recalls(counts)
    precision = counts.diagonal() / np.maximum(counts.sum(axis=0), 1)
    lines = [
        f"  {name:<8} recall {recall[row]:6.1%}  precision {precision[row]:6.1%}"
        for row, name in enumerate(CLASSES)
    ]
    return "\n".join(lines)


def plot_learning(outcome: Outcome, path: Path) -> None:
    """Loss and accuracy by epoch, train and test side by side."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    epochs = outcome.epochs
    _curves(left, [e.train_loss for e in epochs], [e.test_loss for e in epochs])
    left.set(title="Loss", ylabel="negative log-likelihood, nats", ylim=(0, None))
    _curves(right, [100 * e.train_accuracy for e in epochs], [100 * e.test_accuracy for e in epochs])
    right.axhline(100 / len(CLASSES), color="gray", linestyle=":", label="chance")
    right.set(title="Accuracy", ylabel="right answers, %", ylim=(0, 100))
    left.legend()
    right.legend(loc="lower right")
    figure.suptitle(
        f"{outcome.framework}: finished network answers {outcome.train_accuracy:.1%} of the train split "
        f"right, {outcome.test_accuracy:.1%} of the test split"
    )
    figure.savefig(path, dpi=_DPI, metadata={"Software": None})
    plt.close(figure)


def plot_confusion(outcome: Outcome, counts: NDArray[np.int64], path: Path) -> None:
    """Counts and row percentages; the diagonal is what was right."""
    figure, axes = plt.subplots(figsize=(6, 5.4), layout="constrained")
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    picture = axes.imshow(100 * shares, cmap="Blues", vmin=0, vmax=100)
    for row, column in np.ndindex(counts.shape):
        axes.text(
            column,
            row,
            f"{shares[row, column]:.0%}\n{counts[row, column]}",
            ha="center",
            va="center",
            color="white" if shares[row, column] > 0.5 else "black",
        )
    axes.set_xticks(range(len(CLASSES)), CLASSES)
    axes.set_yticks(range(len(CLASSES)), CLASSES)
    axes.set(xlabel="answer", ylabel="true class")
    axes.set_title(
        f"{outcome.framework}: test split, {outcome.test_accuracy:.1%} right, "
        f"recall {mean_recall(counts):.1%} in the mean"
    )
    figure.colorbar(picture, label="share of the true class, %", shrink=0.8)
    figure.savefig(path, dpi=_DPI, metadata={"Software": None})
    plt.close(figure)


def _curves(axes: Axes, train: list[float], test: list[float]) -> None:
    numbers = range(1, len(train) + 1)
    axes.plot(numbers, train, color=TRAIN_COLOUR, marker="o", markersize=3, label="train (dropout on)")
    axes.plot(numbers, test, color=TEST_COLOUR, marker="o", markersize=3, label="test")
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)

"""Learning curves and confusion matrix of each network, as PNG files and as a table."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.font_manager import findfont, get_font
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from model_build import extremes
from model_build.judge.outcome import Outcome

MOST_NUMBERED, MOST_NAMED = 12, 25
"""Classes of a confusion matrix whose squares have legible numbers, and which are named beside it."""
TRAIN_COLOUR, TEST_COLOUR = "#1f77b4", "#d95f02"
_DPI = 110


def confusion(classes: int, labels: NDArray[np.int64], predicted: tuple[int, ...]) -> NDArray[np.int64]:
    """(classes, classes) counts: row = true class, column = answer."""
    counts = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(counts, (labels, np.asarray(predicted)), 1)
    return counts


def recalls(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Of each class, the share that is recognised."""
    shares: NDArray[np.float64] = counts.diagonal() / np.maximum(counts.sum(axis=1), 1)
    return shares


def mean_recall(counts: NDArray[np.int64]) -> float:
    """What accuracy would be if every class were as common as any other."""
    return float(recalls(counts).mean())


def per_class_table(classes: Sequence[str], counts: NDArray[np.int64]) -> str:
    """Recall and precision by class, as lines for the terminal."""
    recall = recalls(counts)
    precision = counts.diagonal() / np.maximum(counts.sum(axis=0), 1)
    lines = extremes.lines(
        classes,
        recall.tolist(),
        lambda row: f"recall {recall[row]:6.1%}  precision {precision[row]:6.1%}",
    )
    return "\n".join(lines)


def plot_learning(classes: Sequence[str], outcome: Outcome, path: Path) -> None:
    """Loss and accuracy by epoch, train and test side by side."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    epochs = outcome.epochs
    _curves(left, [e.train_loss for e in epochs], [e.test_loss for e in epochs])
    left.set(title="Loss", ylabel="negative log-likelihood, nats", ylim=(0, None))
    _curves(right, [100 * e.train_accuracy for e in epochs], [100 * e.test_accuracy for e in epochs])
    right.axhline(100 / len(classes), color="gray", linestyle=":", label="chance")
    right.set(title="Accuracy", ylabel="right answers, %", ylim=(0, 100))
    left.legend()
    right.legend(loc="lower right")
    figure.suptitle(
        f"{outcome.framework}: finished network answers {outcome.train_accuracy:.1%} of the train split "
        f"right, {outcome.test_accuracy:.1%} of the test split"
    )
    figure.savefig(path, dpi=_DPI, metadata={"Software": None})
    plt.close(figure)


def plot_confusion(classes: Sequence[str], outcome: Outcome, counts: NDArray[np.int64], path: Path) -> None:
    """Counts and row percentages; the diagonal is what was right."""
    figure, axes = plt.subplots(figsize=(6, 5.4), layout="constrained")
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    picture = axes.imshow(100 * shares, cmap="Blues", vmin=0, vmax=100)
    if len(classes) <= MOST_NAMED:
        _name(axes, classes)
    if len(classes) <= MOST_NUMBERED:
        _number(axes, counts, shares)
    axes.set(xlabel="answer", ylabel="true class")
    axes.set_title(
        f"{outcome.framework}: test split, {outcome.test_accuracy:.1%} right, "
        f"recall {mean_recall(counts):.1%} in the mean"
    )
    figure.colorbar(picture, label="share of the true class, %", shrink=0.8)
    figure.savefig(path, dpi=_DPI, metadata={"Software": None})
    plt.close(figure)


def _number(axes: Axes, counts: NDArray[np.int64], shares: NDArray[np.float64]) -> None:
    for row, column in np.ndindex(counts.shape):
        colour = "white" if shares[row, column] > 0.5 else "black"
        told = f"{shares[row, column]:.0%}\n{counts[row, column]}"
        size = 10 if len(counts) <= 7 else 7
        axes.text(column, row, told, ha="center", va="center", color=colour, fontsize=size)


def _name(axes: Axes, classes: Sequence[str]) -> None:
    names = [_written(number, name) for number, name in enumerate(classes)]
    upright = len(classes) > 8 or max(map(len, names)) > 12
    axes.set_xticks(range(len(names)), names, rotation=90 if upright else 0, parse_math=False)
    axes.set_yticks(range(len(names)), names, parse_math=False)


def _written(number: int, name: str) -> str:
    """A class's name, or its number where the plot's font lacks a letter of it."""
    known = get_font(findfont("DejaVu Sans")).get_charmap()
    return name if all(ord(letter) in known for letter in name) else f"class {number}"


def _curves(axes: Axes, train: list[float], test: list[float]) -> None:
    numbers = range(1, len(train) + 1)
    axes.plot(numbers, train, color=TRAIN_COLOUR, marker="o", markersize=3, label="train (dropout on)")
    axes.plot(numbers, test, color=TEST_COLOUR, marker="o", markersize=3, label="test")
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)

"""The photos as both training processes see them: same tensors, same split, same order of batches."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Tensors = NDArray[np.float32]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Photos:
    """`tensors` (N, side, side[, 3]) in [0, 1], memory-mapped; `labels` (N,); rows of the split's parts."""

    tensors: Tensors
    labels: Indices
    train: Indices
    test: Indices


def load(folder: Path) -> Photos:
    """What `split.save` wrote; the tensors stay on disk until a batch asks for them."""
    names = ("labels", "train", "test")
    labels, train, test = (np.load(folder / f"{name}.npy") for name in names)
    return Photos(np.load(folder / "tensors.npy", mmap_mode="r"), labels, train, test)


def shuffled(rows: Indices, batch_size: int, seed: int, epoch: int) -> list[Indices]:
    """One epoch's batches; the same for both frameworks, another order each epoch."""
    order = np.random.default_rng([seed, epoch]).permutation(rows)
    return in_order(order, batch_size)


def in_order(rows: Indices, batch_size: int) -> list[Indices]:
    """Batches of consecutive rows; the last may be smaller."""
    return [rows[start : start + batch_size] for start in range(0, len(rows), batch_size)]

"""Which photos train and which test. Apart from `batches`, because scikit-learn takes seconds to load."""

from pathlib import Path

import numpy as np
from sklearn.model_selection import train_test_split  # type: ignore[import-untyped]

from model_build.photos.batches import Indices

TEST_SHARE = 0.4
SPLIT_SEED = 123


def split(labels: Indices) -> tuple[Indices, Indices]:
    """The thesis's split: 60 % train, 40 % test, stratified."""
    train, test = train_test_split(
        np.arange(len(labels), dtype=np.int64),
        test_size=TEST_SHARE,
        random_state=SPLIT_SEED,
        stratify=labels,
        shuffle=True,
    )
    return train, test


def save(folder: Path, labels: Indices) -> None:
    """Write labels and split beside `tensors.npy`, for `batches.load`."""
    train, test = split(labels)
    np.save(folder / "labels.npy", labels)
    np.save(folder / "train.npy", train)
    np.save(folder / "test.npy", test)

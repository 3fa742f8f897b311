"""Which photos train and which test."""

import numpy as np

from model_build.photos.split import split


def test_the_split_is_the_thesis_split() -> None:
    labels = np.repeat(np.arange(5), 20).astype(np.int64)
    train, test = split(labels)
    assert (len(train), len(test)) == (60, 40)
    assert np.bincount(labels[test]).tolist() == [8] * 5, "stratified"
    assert sorted([*train, *test]) == list(range(100))
    assert np.array_equal(train, split(labels)[0])

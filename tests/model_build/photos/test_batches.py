"""The order of batches that both trainings share."""

import numpy as np

from model_build.photos import batches


def test_both_frameworks_get_the_same_batches_in_another_order_each_epoch() -> None:
    rows = np.arange(10, dtype=np.int64)
    first, again, second = (batches.shuffled(rows, 4, 1, epoch) for epoch in (0, 0, 1))
    assert [len(batch) for batch in first] == [4, 4, 2]
    assert np.array_equal(np.concatenate(first), np.concatenate(again))
    assert not np.array_equal(np.concatenate(first), np.concatenate(second))
    assert sorted(np.concatenate(second)) == list(range(10))

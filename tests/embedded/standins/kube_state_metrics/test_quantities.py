"""Quantities are Kubernetes' own."""

import pytest

from embedded.standins.kube_state_metrics.quantities import quantity


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *(("500m", 0.5), ("1", 1), ("1.5", 1.5), (".5", 0.5), ("0", 0), ("-1", -1)),
        *(("250n", 2.5e-7), ("3u", 3e-6), ("100m", 0.1), ("128974848000m", 128974848)),
        *(("1k", 1000), ("129M", 129e6), ("5P", 5e15), ("12E", 12e18), ("1e3", 1000), ("2E6", 2e6)),
        *(("64Ki", 2**16), ("512Mi", 2**29), ("1.5Gi", 1.5 * 2**30), ("5Pi", 5 * 2**50), ("1Ei", 2**60)),
    ],
)
def test_a_quantity_is_its_number(written: str, value: float) -> None:
    assert quantity(written) == value


@pytest.mark.parametrize("written", ["", "1 core", "1x", "1..2", "m", "1ki", "1KI", "None"])
def test_other_texts_are_no_quantity(written: str) -> None:
    with pytest.raises(ValueError, match="expected a quantity"):
        quantity(written)

"""Figures as text."""

import pytest

from bench.records.estimates import Estimate
from bench.report.words import change, count, estimate, listed, number, percent, stacked


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.0, "0.00"),
        (0.0123, "0.012"),
        (0.00001234, "0.000012"),
        (1.234, "1.23"),
        (12.34, "12.3"),
        (1234.5, "1234"),
    ],
)
def test_numbers_have_three_digits_and_no_exponent(value: float | None, text: str) -> None:
    assert number(value) == text


def test_an_estimate_without_an_interval_says_so() -> None:
    assert estimate(Estimate(10.0, 9.0, 11.5)) == "10.0 [9.00, 11.5]"
    assert estimate(Estimate(10.0, None, None)) == "10.0 [?]"
    assert estimate(None) == "–"
    assert stacked(Estimate(10.0, 9.0, 11.5)) == "10.0\n[9.00, 11.5]"


def test_words_agree_in_number() -> None:
    assert (count(1, "run"), count(1200, "run")) == ("1 run", "1,200 runs")
    assert listed(("a", "b", "c")) == "`a`, `b` and `c`"
    assert (listed(("a",)), listed(())) == ("`a`", "none")


def test_shares_and_changes() -> None:
    assert (percent(0.123), percent(None)) == ("12.3 %", "–")
    assert (change(0.125), change(-0.5)) == ("+12 %", "−50 %")

"""Colours that can be told apart, in both schemes."""

from itertools import combinations

import pytest

from bench.report import palette
from bench.report.palette import ALL, PAPER, SERIES, Colour


def luminance(value: str) -> float:
    """WCAG 2.2's relative luminance of `#rrggbb`."""
    parts = [int(value[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colour", [palette.INK, palette.MUTED, *SERIES], ids=lambda colour: colour.name)
def test_text_in_any_colour_is_readable_on_both_papers(colour: Colour) -> None:
    assert contrast(colour.light, PAPER.light) >= 3.5
    assert contrast(colour.dark, PAPER.dark) >= 3.5


def test_every_role_has_values_of_its_own_so_that_drawings_can_follow_the_page() -> None:
    for one, other in combinations(ALL, 2):
        assert one.light != other.light
        assert one.name != other.name


def test_an_unknown_server_has_a_colour_too() -> None:
    assert palette.of_server("triton") not in (
        palette.of_server("tensorflow"),
        palette.of_server("torchserve"),
    )

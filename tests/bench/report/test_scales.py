"""Axes and panels of drawings."""

import pytest

from bench.report.plots import canvas, scales


@pytest.mark.parametrize(
    ("count", "in_a_row"), [(1, 1), (2, 2), (3, 3), (5, 5), (6, 3), (9, 3), (12, 4), (13, 5)]
)
def test_panels_leave_few_places_of_a_row_empty(count: int, in_a_row: int) -> None:
    with canvas.style():
        made = canvas.figure(1.6, "title")
        axes = canvas.multiples(made, count)
    first_row = {round(each.get_position().y0, 3) for each in axes[:in_a_row]}
    assert len(axes) == count
    assert len(first_row) == 1
    assert sum(canvas.is_first(each) for each in axes) == -(-count // in_a_row)


def test_one_panel_is_as_wide_as_the_figure() -> None:
    with canvas.style():
        (only,) = canvas.multiples(canvas.figure(1.6, "title"), 1)
    assert only.get_position().width > 0.85


def test_on_narrow_paper_panels_of_a_row_stand_below_each_other_at_their_height() -> None:
    with canvas.style():
        wide = canvas.figure(4.0, "title")
        height = canvas.panels(wide, 1, 3)[0].get_position().height * wide.get_figheight()
    with canvas.style(width=canvas.NARROW):
        narrow = canvas.figure(4.0, "title")
        axes = canvas.panels(narrow, 1, 3)
    assert len({each.get_position().x0 for each in axes}) == 1
    assert axes[0].get_position().height * narrow.get_figheight() == pytest.approx(height, abs=0.01)


def test_a_long_title_is_broken_and_pushes_the_panels_down() -> None:
    with canvas.style(width=canvas.NARROW):
        made = canvas.figure(4.0, "a title of many words " * 5)
    assert made.texts[0].get_text().count("\n") >= 2
    assert made.get_figheight() > 4.4


def test_a_figure_that_hardly_moves_makes_no_cliff() -> None:
    with canvas.style():
        (axes,) = canvas.panels(canvas.figure(3.0, "title"), 1, 1)
        axes.plot([0, 10, 20], [9.2, 9.8, 9.3])
        scales.logarithmic(axes, "y")
    low, high = axes.get_ylim()
    assert high / low >= scales.LEAST_SPAN
    assert low < 9.2
    assert high > 9.8


def test_panels_of_one_scale_are_widened_together_or_not_at_all() -> None:
    with canvas.style():
        axes = canvas.multiples(canvas.figure(1.6, "title"), 2)
        axes[0].plot([0, 1], [5.0, 5.1])
        axes[1].plot([0, 1], [100.0, 101.0])
        for each in axes:
            scales.logarithmic(each, "y")
    low, high = axes[0].get_ylim()
    assert low > 4
    assert high < 130

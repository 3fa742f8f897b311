"""Which of many classes a screen shows."""

from collections.abc import Callable, Iterator, Sequence

MOST = 20


def lines(classes: Sequence[str], values: Sequence[float], told: Callable[[int], str]) -> Iterator[str]:
    """A line for each class by its index; of more than MOST only for the ends of the order by value."""
    rows = list(range(len(classes)))
    left_out = len(rows) - MOST
    shown = rows if left_out <= 0 else _ends(sorted(rows, key=lambda row: values[row]))
    width = max(8, *(len(classes[row]) for row in shown))
    for number, row in enumerate(shown):
        if number == MOST // 2 and left_out > 0:
            yield f"  ... {left_out} classes between"
        yield f"  {classes[row]:<{width}} {told(row)}"


def _ends(rows: list[int]) -> list[int]:
    return rows[: MOST // 2] + rows[-(MOST // 2) :]

"""Which of many classes a screen shows."""

from collections.abc import Callable, Iterator, Sequence

MOST = 20


def lines(values: Sequence[float], line: Callable[[int], str]) -> Iterator[str]:
    """A line for each value by its index; of more than MOST only for the lowest and the highest."""
    rows = list(range(len(values)))
    if len(rows) <= MOST:
        yield from map(line, rows)
        return
    ordered = sorted(rows, key=lambda row: values[row])
    yield from map(line, ordered[: MOST // 2])
    yield f"  ... {len(rows) - MOST} classes between"
    yield from map(line, ordered[-MOST // 2 :])

"""Figures as text, one way everywhere."""

from bench.records.estimates import Estimate
from stack.settings import Slo

NONE = "–"


def number(value: float | None, unit: str = "") -> str:
    """Three significant digits, never with an exponent; – for None."""
    if value is None:
        return NONE
    size = abs(value)
    text = f"{value:.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"
    if 0 < size < 0.1:
        text = f"{value:.2g}" if size >= 1e-4 else f"{value:.6f}"
    return f"{text} {unit}" if unit else text


def estimate(found: Estimate | None) -> str:
    """`12.3 [11.0, 13.9]`; without an interval only the value, which says so."""
    if found is None:
        return NONE
    if found.low is None or found.high is None:
        return f"{number(found.value)} [?]"
    return f"{number(found.value)} [{number(found.low)}, {number(found.high)}]"


def stacked(found: Estimate | None) -> str:
    """The same in two lines, for a cell of a table."""
    return estimate(found).replace(" [", "\n[")


def percent(share: float | None) -> str:
    """A share between 0 and 1."""
    return NONE if share is None else f"{100 * share:.3g} %"


def change(share: float) -> str:
    """`+12 %` or `−12 %`."""
    return f"{'+' if share >= 0 else '−'}{100 * abs(share):.0f} %"


def count(number_: int, thing: str, things: str = "") -> str:
    """`1 run`, `3 runs`, `1,200 requests`; `things` where an s makes no plural."""
    return f"{number_:,} {thing if number_ == 1 else things or f'{thing}s'}"


def listed(names: tuple[str, ...], code: bool = True) -> str:
    """`a`, `b` and `c`."""
    shown = [f"`{name}`" for name in names] if code else list(names)
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1]))) if shown else "none"


def objective(slo: Slo) -> str:
    """`p95 ≤ 50 ms, p99 ≤ 100 ms, errors < 0.1 %`."""
    return f"p95 ≤ {slo.p95_millis} ms, p99 ≤ {slo.p99_millis} ms, errors < {slo.error_percent:g} %"

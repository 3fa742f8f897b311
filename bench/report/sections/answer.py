"""The answer first: which stack to run, and every stack beside it."""

from collections.abc import Iterator

from bench.analysis.analysis import Analysis, Row
from bench.analysis.comparisons import CAPACITY, P95
from bench.analysis.cost import Cost
from bench.analysis.loads import Load, busiest, find
from bench.analysis.verdict import Verdict
from bench.report.document import Section, Table
from bench.report.plots import capacity, noise
from bench.report.sections.material import Material, kept
from bench.report.words import NONE, count, estimate, listed, number, percent, stacked
from bench.summary import THESIS

HEAD = (
    "stack",
    "SLO capacity, requests/s",
    "÷ baseline",
    "p50, ms",
    "p95, ms",
    "p99, ms",
    "p95 ÷ baseline",
    "failed",
    "CPU-s per 1,000",
    "throttled",
    "mean batch\n(1 + rate × timeout)",
    "pods",
    "cost of a million",
    "void runs",
)


def verdict(material: Material) -> Section:
    """Which stack, at what rate, at what cost, and how sure."""
    found = material.found
    says = _recommended(found, found.verdict) if found.verdict else _nothing(found)
    return Section("verdict", "Verdict", tuple(says))


def _nothing(found: Analysis) -> Iterator[str]:
    if any(row.capacity for row in found.rows):
        yield f"**No stack can be recommended:** none held {objective(found)} at any rate that was tried."
        return
    yield (
        "**No stack can be recommended:** no capacity was searched here, so it is not known which rate any "
        f"stack holds within {objective(found)}. `python -m bench all` searches it."
    )


def objective(found: Analysis) -> str:
    """`p95 ≤ 50 ms, p99 ≤ 100 ms, errors < 0.1 %`."""
    slo = found.slo
    return f"p95 ≤ {slo.p95_millis} ms, p99 ≤ {slo.p99_millis} ms, errors < {slo.error_percent:g} %"


def _recommended(found: Analysis, best: Verdict) -> Iterator[str]:
    yield (
        f"**Run `{best.winner}`.** It holds **{estimate(best.rate)} requests/s** with {objective(found)}; "
        f"the least of {count(best.blocks, 'block')} was {number(best.lowest_block)}. "
        f"{_cost(found, best.cost)}"
    )
    yield _gain(best)
    yield _sureness(found, best)
    if best.equals:
        others = tuple(name for name in (best.winner, *best.equals) if name != best.highest)
        yield (
            f"Not shown to differ from `{best.highest}`, which has the highest capacity: {listed(others)}. "
            "Among equals the cheapest is recommended."
        )
    if best.lower:
        yield f"Lower beyond the noise: {listed(best.lower)}."
    if best.none:
        yield f"Within the objective at no rate that was tried: {listed(best.none)}."
    if best.unknown:
        yield f"Nothing may be said of {listed(best.unknown)}: intervals are lacking."
    yield from _stand_in(found, best)


def _cost(found: Analysis, charged: Cost | None) -> str:
    if charged is None:
        return ""
    currency = found.prices.currency
    used = "" if charged.used is None else f"; by the CPU that it used {number(charged.used, currency)}"
    pods = "1 pod requests" if charged.pods == 1 else f"{number(charged.pods)} pods request"
    return (
        f"A million requests cost **{number(charged.requested, currency)}** by what {pods} "
        f"({number(charged.cores)} cores, {number(charged.gib)} GiB){used}."
    )


def _gain(best: Verdict) -> str:
    gain = best.gain
    if gain is None:
        return "It is the baseline itself."
    if gain.ratio is None:
        return f"Its ratio to `{gain.baseline}` is not known: that one held no rate in some block."
    words = {"higher": "more, beyond the noise", "lower": "less, beyond the noise"}
    word = words.get(gain.word, "not shown to differ" if gain.word == "no difference" else "unknown if more")
    return f"That is {estimate(gain.ratio)} times what `{gain.baseline}` holds: {word}."


def _sureness(found: Analysis, best: Verdict) -> str:
    if best.floor is None:
        why = (
            "a single block"
            if found.blocks < 2
            else "the experiment has no pair of identical stacks with intervals"
        )
        return (
            f"**How sure: not at all about differences.** There is {why}, so the noise is not known and no "
            "stack may be called better than another; take the order above as a guess."
        ).replace("There is the", "The")
    return (
        f"How sure: brackets are 95 % intervals over {count(best.blocks, 'block')} with fresh pods. Two "
        f"identical stacks may differ by a factor of {number(best.floor)} here, so smaller differences are "
        "called none."
    )


def _stand_in(found: Analysis, best: Verdict) -> Iterator[str]:
    says = found.conditions.says
    names = found.conditions.stand_ins
    if best.is_stand_in:
        yield (
            f"**The server `{best.server}` is a stand-in** by its own word (“{says[best.server]}”): its "
            "order of stacks may carry over to the original, its figures do not."
        )
    others = tuple(name for name in names if name != best.server)
    if others:
        yield (
            f"The server {listed(others)} is a stand-in by its own word: do not compare its figures with "
            "others."
        )


def comparison(material: Material) -> Section:
    """One line for each stack."""
    found = material.found
    rows = tuple(_row(found, row) for row in found.rows)
    differs = tuple((f"`{row.cell}`", _differs(row)) for row in found.rows if row.competes)
    return Section(
        "comparison",
        "Every stack beside the others",
        (
            f"The baseline is `{found.baseline}`. Latencies and failures are under the thesis's load (25 "
            "users who sleep 1 s); CPU, throttling and batches at the SLO capacity where there is one.",
        ),
        kept(noise.ratios(found)),
        (Table(HEAD, rows, wide=True), Table(("stack", "what differs from the defaults"), differs)),
        (
            "Brackets are 95 % intervals over blocks; [?] means that one run has none. Twins (@twin) "
            "repeat a stack to show the noise and runs through port-forward show what that adds; neither "
            f"can win. Costs are those of what pods request, at the prices of: {found.prices.source}.",
        ),
    )


def _row(found: Analysis, row: Row) -> tuple[str, ...]:
    thesis, busy = find(row.loads, THESIS), busiest(row.loads)
    use = busy.usage if busy else None
    batch = busy.batch if busy else None
    charged = row.cost
    return (
        f"`{row.cell}`",
        _capacity(row),
        _ratio(row, CAPACITY),
        *(_percentile(thesis, name) for name in ("p50", "p95", "p99")),
        _ratio(row, P95),
        _failed(thesis),
        number(use.cpu_per_1000) if use else NONE,
        percent(use.throttled) if use else NONE,
        f"{number(batch.measured)}\n({number(batch.predicted)})" if batch else NONE,
        f"{use.pods:g}" if use and use.pods else NONE,
        number(charged.requested, found.prices.currency) if charged else NONE,
        f"{row.void} of {row.runs}" if row.void else "none",
    )


def _differs(row: Row) -> str:
    return ", ".join(f"`{path}: {value}`" for path, value in row.differs.items()) or NONE


def _capacity(row: Row) -> str:
    if row.capacity is None:
        return "not searched"
    held = row.capacity.estimate
    if held is None:
        return "no rate confirmed"
    return "none held" if held.value <= 0 else stacked(held)


def _ratio(row: Row, measure: str) -> str:
    told = next((each for each in row.comparisons if each.measure == measure), None)
    if told is None:
        return NONE
    return f"{stacked(told.ratio)}\n{told.word}" if told.ratio else "none held"


def _percentile(load: Load | None, name: str) -> str:
    return stacked(load.latency.get(name)) if load else NONE


def _failed(load: Load | None) -> str:
    return f"{load.failed} of {load.requests:,}" if load else NONE


def held(material: Material) -> Section:
    """SLO capacities."""
    found = material.found
    plot = capacity.dots(found)
    unsure = [row for row in found.rows if row.capacity and row.capacity.unconfirmed]
    notes = [
        "A search ramps the rate until the objective is missed, bisects to 5 %, then confirms with a "
        "longer load; the confirmed rate is what counts. Trials are too short for an autoscaler to act, so "
        "an autoscaled stack is judged with the pods that it had."
    ]
    notes += [
        f"`{row.cell}`: block {', '.join(map(str, row.capacity.unconfirmed))} is left out, no rate was "
        "confirmed."
        for row in unsure
        if row.capacity
    ]
    says = (
        (f"The highest rate at which {objective(found)} holds.",) if plot else ("No capacity was searched.",)
    )
    return Section("capacity", "What each stack holds", says, kept(plot), notes=tuple(notes) if plot else ())

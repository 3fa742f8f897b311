"""What `bench size` found, as text and as JSON."""

import json
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from bench.analysis.candidates import Unmeasured
from bench.analysis.cost import Prices
from bench.analysis.nodes import MOST_PODS, OWN_PODS, RESERVE, Node
from bench.analysis.sizing import HOURS, SURGE, Demand, Sized
from bench.report.words import count, estimate, number, objective
from stack import settings

MARK, WIDTH = "→", 110


@dataclass(frozen=True)
class Answer:
    """Everything that can be sized, the cheapest first, and what cannot. `source`: where it was measured."""

    demand: Demand
    node: Node
    prices: Prices
    keep_requests: bool
    source: str
    sized: tuple[Sized, ...]
    without: tuple[Unmeasured, ...]


def as_json(answer: Answer) -> str:
    """All of it, with what pods may request of a node; the first of `sized` is the choice."""
    data = asdict(answer)
    data["node"]["offers"] = asdict(answer.node.offers)
    return json.dumps(data, indent=1, ensure_ascii=False)


def as_text(answer: Answer) -> str:
    """The demand, a table of what was measured, what was not, and the rules."""
    parts = [_demand(answer), "\n".join(table(answer)) if answer.sized else "Nothing can be sized."]
    if answer.without:
        parts.append("\n".join(["Not sized:", *(f"  {_without(each)}" for each in answer.without)]))
    if answer.sized:
        parts.append("\n".join(_wrapped(line) for line in rules(answer)))
    return "\n\n".join(parts)


def _wrapped(line: str) -> str:
    """A point of a list; commands stay whole."""
    lines = textwrap.wrap(line, WIDTH - 2, break_on_hyphens=False, break_long_words=False)
    return "- " + "\n  ".join(lines)


def _demand(answer: Answer) -> str:
    return f"{rates(answer.demand)}, with {objective(answer.demand.slo)}\nMeasured: {answer.source}"


def rates(demand: Demand) -> str:
    """`2,000 requests/s`, or those of a trace."""
    if demand.trough is None:
        return f"{_rate(demand.peak)} requests/s"
    return f"{_rate(demand.trough)} to {_rate(demand.peak)} requests/s"


def _rate(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 100 else number(rate)


def table(answer: Answer) -> Iterator[str]:
    """A line for each candidate, the choice marked; rates are requests/s of one pod."""
    month = f"{answer.prices.currency}/month"
    head = ("", "stack", "server", "a pod held", "planned", "pods", "reserves", "nodes", month, "limited by")
    rows: list[Sequence[str]] = [
        head,
        *(_row(each, MARK if each is answer.sized[0] else "") for each in answer.sized),
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _row(each: Sized, mark: str) -> Sequence[str]:
    found, by = each.candidate, each.candidate.pods
    low, high = found.capacity.low, found.capacity.high
    held = f"{number(each.each)} [{number(low and low / by)}, {number(high and high / by)}]"
    return (
        mark,
        found.stack,
        found.server,
        held,
        number(each.planned),
        f"{each.pods:,}" if each.target is None else f"{each.least:,}–{each.pods:,} at {each.target} %",
        f"{each.request.cores:.2f} cores, {number(each.request.gib)} GiB",
        f"{each.nodes:,} ({each.per_node} on one)",
        f"{each.month:,.0f}",
        found.limit.partition(":")[0],
    )


def _without(each: Unmeasured) -> str:
    return f"{each.stack}: {each.why}" + (f"; {each.command}" if each.command else "")


def rules(answer: Answer) -> Iterator[str]:
    """How the figures came about, and what is supposed and not measured."""
    best = answer.sized[0]
    yield f"{MARK} {chosen(best)}"
    yield (
        "Head-room: a pod is planned with the lower end of its capacity's 95 % interval ÷ the factor by "
        f"which two identical stacks differed ({number(best.candidate.floor)}); an autoscaler's with what "
        "its target leaves it, if that is less."
    )
    yield _reserved(answer)
    yield _nodes(answer.node, answer.prices)
    yield from _doubts(best)


def chosen(best: Sized) -> str:
    """The choice in a sentence."""
    found = best.candidate
    pods = count(best.pods, "pod") if best.target is None else _range(best)
    together = "A pod" if found.pods == 1 else f"{found.pods:g} pods"
    return (
        f"{found.stack}: {pods} on {count(best.nodes, 'node')}. {together} held {estimate(found.capacity)} "
        f"requests/s, limited by {found.limit}."
    )


def _range(best: Sized) -> str:
    return f"{best.least:,} to {best.pods:,} pods by an autoscaler with a target of {best.target} %"


def _reserved(answer: Answer) -> str:
    if answer.keep_requests:
        return (
            "Pods are packed by what their settings request (--keep-requests), closer than they were "
            "measured: whether they hold the rate so is not measured."
        )
    return (
        "A pod reserves the CPU that it could use when it was measured (its limit, or its part of that "
        "machine), and the stack file requests it: packed closer, pods would share what each had alone. To "
        "pay for less, measure a stack with a lower resources.cpuLimit."
    )


def _nodes(node: Node, prices: Prices) -> str:
    offers = node.offers
    return (
        f"Nodes: {node.name}, {node.cores:g} cores and {node.gib:g} GiB, of which pods may request "
        f"{offers.cores:.2f} and {offers.gib:.1f} ({RESERVE}), by at most {MOST_PODS - OWN_PODS} of "
        f"{MOST_PODS} pods; {node.hour:.3g} {prices.currency} an hour, {HOURS:g} hours a month. {SURGE} pod "
        "more has room, for rollouts; what DaemonSets request is not counted."
    )


def _doubts(best: Sized) -> Iterator[str]:
    found = best.candidate
    if best.beyond > 1:
        yield (
            f"Not measured: {best.pods:,} pods are {best.beyond:,.0f} times those that were measured "
            "together. That they hold as many times the rate supposes requests spread evenly and nothing "
            f"shared. Measure it where it runs: python -m bench run {found.stack} --profile capacity"
        )
    if found.is_stand_in:
        yield f"{found.server} was a stand-in when it was measured: its figures are not the original's."
    if best.target is not None:
        yield _pace(best)


def _pace(best: Sized) -> str:
    scaling = settings.read(best.sets).autoscaling
    assert scaling is not None
    up = scaling.behavior.scale_up
    seconds = (best.pods - best.least) / up.pods * up.period_seconds
    return (
        f"From {best.least:,} to {best.pods:,} pods takes at least {seconds:,.0f} s "
        f"(autoscaling.behavior.scaleUp: {up.pods} in {up.period_seconds} s), and the metric comes late: "
        "a peak that rises faster meets too few pods."
    )

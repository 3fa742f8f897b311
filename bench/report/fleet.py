"""A trial of a plan on ordered nodes, as text and as JSON."""

import json
import textwrap
from collections.abc import Iterator
from dataclasses import asdict

from bench.records.fleet import Command, Fleet, Stage
from bench.report.words import NONE, count, number

WIDTH = 110
SIMULATED = (
    "The nodes were simulated (kwok): pods were scheduled and nothing ran. Times are the scheduler's and "
    "Karpenter's; a machine's start, an image's download and a server's start come on top. No latency, no "
    "capacity and no autoscaling by load can be seen here."
)


def as_json(found: Fleet) -> str:
    """All of it."""
    return json.dumps(asdict(found), indent=1, ensure_ascii=False)


def as_text(found: Fleet) -> str:
    """What came of the plan, and what it took."""
    doubts = ["", textwrap.fill(SIMULATED, WIDTH)] if found.simulated else []
    return "\n".join((*_came(found), *_cost(found), *_after(found), *doubts))


def _came(found: Fleet) -> Iterator[str]:
    plan, came, wait = found.plan, found.came, found.binding
    bound = f"{found.all_bound:.0f} s after the first was made"
    yield f"{plan.stack}: {count(came.pods, 'pod')}, all on nodes {bound}"
    yield f"  a pod waited for its node: p50 {wait.p50:.0f}, p95 {wait.p95:.0f}, at most {wait.most:.0f} s"
    yield f"  {'':10}{'nodes':>8}{plan.currency + '/month':>14}"
    yield f"  {'planned':10}{plan.nodes:>8,}{plan.month:>14,.0f}"
    yield f"  {'came':10}{came.nodes:>8,}{came.month:>14,.0f}"
    for group in came.groups:
        yield f"  {group.zone}: {count(group.nodes, 'node')} {group.kind}, {count(group.pods, 'pod')}"
    yield f"  zones differ by {count(came.skew, 'pod')}; {_budgets(came)}"
    for scaler in found.scalers:
        bounds = f"{scaler.minimum}–{scaler.maximum}"
        yield f"  autoscaler {scaler.name}: wants {scaler.desired} of {bounds}; {scaler.says}"


def _budgets(stage: Stage) -> str:
    told = (f"{each.name} may lose {each.allowed} of {each.healthy}" for each in stage.budgets)
    return ", ".join(told) or "no disruption budget"


def _cost(found: Fleet) -> Iterator[str]:
    came, seen = found.came, found.seen
    yield f"pulumi up: {_command(came.command)}"
    yield f"API server: {_memory(found.api_mebibytes)} before, {_memory(came.api_mebibytes)} with it"
    if seen:
        later = NONE if seen.seconds is None else f"{seen.seconds:.0f} s after the last pod had its node"
        known = f"{count(seen.targets, 'target')} of {came.pods}, {later}, {seen.up} answer"
        yield f"Prometheus: {known}; {_grown(found)}"


def _grown(found: Fleet) -> str:
    seen = found.seen
    return (
        f"{_memory(found.prometheus_mebibytes)} before, {_memory(seen.mebibytes if seen else None)} with it"
    )


def _command(command: Command) -> str:
    most = sorted(command.programs.items(), key=lambda each: -each[1])[:4]
    told = ", ".join(f"{name} {_memory(size)}" for name, size in most)
    return f"{command.seconds:.0f} s, {_memory(command.mebibytes)} at most ({told})"


def _memory(mebibytes: float | None) -> str:
    return number(mebibytes, "MiB")


def _after(found: Fleet) -> Iterator[str]:
    if after := found.shrunk:
        still = "" if after.settled else ", and still changed"
        yield (
            f"With {count(after.pods, 'pod')}: {count(after.nodes, 'node')}, {after.month:,.0f} "
            f"{found.plan.currency} a month after {after.seconds:.0f} s{still}; {_budgets(after)}"
        )
    left = (
        "some nodes stay"
        if found.nodes_gone is None
        else f"the last node went {found.nodes_gone:.0f} s later"
    )
    yield f"Taken away in {found.removed:.0f} s; {left}"

"""Ways to scale beside each other under the same step of the load, and whether the goal was met."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.analysis.cells import Cell
from bench.analysis.recovery import Recovery
from bench.records.estimates import Estimate, over_runs, paired_ratio
from bench.records.events import GROW, GROWN, OUT, READY, SEEN
from bench.records.experiment import Rule
from stack.queries.load import WORDS
from stack.settings import Settings
from stack.settings.scaling import HPA, KEDA, VPA

FIXED = "fixed"
NAMES = {HPA: "HPA", KEDA: "KEDA", VPA: "VPA"}


@dataclass(frozen=True)
class Scaled:
    """One cell over its steps, one of each block; figures with intervals over them, None where not known.

    `scaler`: hpa, keda, vpa or fixed; `how` says by what. `recovered`: s, over the steps that did; `never`:
    how many did not in time. `detected`, `decided` and `ready` (a pod, or more CPU of one): s from the step,
    where that came; in `scaled` steps there was a decision for more. `beyond`: requests beyond the objective;
    `beyond_share` of all; `goodput`: requests/s while the load was high. `lost` of `since` requests failed
    that were due after a decision for less, of which there were `scale_ins`.
    """

    cell: str
    server: str
    scaler: str
    how: str
    steps: int
    recovered: Estimate | None
    never: int
    scaled: int
    detected: Estimate | None
    decided: Estimate | None
    ready: Estimate | None
    beyond: Estimate
    beyond_share: Estimate
    goodput: Estimate | None
    pod_seconds: Estimate | None
    core_seconds: Estimate | None
    flaps: Estimate
    scale_ins: int
    lost: int
    since: int


@dataclass(frozen=True)
class Goal:
    """The best autoscaler that is not the default beside it. `ratio`: of requests beyond the objective.

    `recovered` is None where not every step was over in time, `ratio` where the two share no block. `met`: by
    the values; `sure`: by the far ends of their intervals too.
    """

    default: str
    best: str
    recovered: Estimate | None
    ratio: Estimate | None
    met: bool
    sure: bool


def ranking(known: Sequence[Cell], steps: Sequence[Recovery]) -> tuple[Scaled, ...]:
    """Every cell that has steps, by the rule's order."""
    made = [
        _scaled(cell, own) for cell in known if (own := [each for each in steps if each.cell == cell.name])
    ]
    return tuple(sorted(made, key=_place))


def _place(each: Scaled) -> tuple[float, float]:
    return each.beyond.value, each.core_seconds.value if each.core_seconds else 0.0


def _scaled(cell: Cell, steps: Sequence[Recovery]) -> Scaled:
    kept = [each.recovered for each in steps if each.recovered is not None]
    settings = cell.settings()
    return Scaled(
        cell=cell.name,
        server=cell.server,
        scaler=settings.autoscaling.scaler if settings.autoscaling else FIXED,
        how=how(settings),
        steps=len(steps),
        recovered=_over(kept),
        never=len(steps) - len(kept),
        scaled=sum(OUT in each.out or GROW in each.out for each in steps),
        detected=_first(steps, SEEN),
        decided=_first(steps, OUT, GROW),
        ready=_first(steps, READY, GROWN),
        beyond=over_runs([float(each.violating_requests) for each in steps]),
        beyond_share=over_runs([each.violating_requests / max(1, each.requests) for each in steps]),
        goodput=_known(steps, lambda each: each.goodput),
        pod_seconds=_known(steps, lambda each: each.pod_seconds),
        core_seconds=_known(steps, lambda each: each.core_seconds),
        flaps=over_runs([float(each.flaps) for each in steps]),
        scale_ins=sum(each.scale_in.times for each in steps),
        lost=sum(each.scale_in.failed for each in steps),
        since=sum(each.scale_in.requests for each in steps),
    )


def how(settings: Settings) -> str:
    """What scales, in a few words."""
    scaling = settings.autoscaling
    if scaling is None:
        return f"{settings.replicas} pod{'' if settings.replicas == 1 else 's'}, fixed"
    if scaling.scaler == VPA:
        return f"VPA, a request of {scaling.vpa.min_cpu_request} to {scaling.vpa.max_cpu_request}"
    by = f"CPU, {scaling.target_cpu_utilization} %"
    if scaling.target is not None:
        by = f"{WORDS[scaling.metric]}, {scaling.target:g} a pod"
    return f"{NAMES[scaling.scaler]} by {by}, {scaling.min_replicas} to {scaling.max_replicas} pods"


def _over(values: Sequence[float]) -> Estimate | None:
    return over_runs(values) if values else None


def _known(steps: Sequence[Recovery], figure: Callable[[Recovery], float | None]) -> Estimate | None:
    return _over([value for each in steps if (value := figure(each)) is not None])


def _first(steps: Sequence[Recovery], *events: str) -> Estimate | None:
    """When the first of some events came, over the steps in which one did."""
    return _known(
        steps, lambda each: min((each.out[what] for what in events if what in each.out), default=None)
    )


def goal(ranked: Sequence[Scaled], steps: Sequence[Recovery], rule: Rule) -> Goal | None:
    """None without the default, or without another autoscaler."""
    default = next((each for each in ranked if each.cell == rule.default), None)
    others = [each for each in ranked if each.scaler != FIXED and each.cell != rule.default]
    if default is None or not others:
        return None
    best = others[0]
    ratio = _ratio(steps, default.cell, best.cell)
    recovered = None if best.never else best.recovered
    met = _meets(recovered, rule.goal_seconds, False) and _meets(ratio, rule.goal_share, False)
    sure = _meets(recovered, rule.goal_seconds, True) and _meets(ratio, rule.goal_share, True)
    return Goal(default.cell, best.cell, recovered, ratio, met, sure)


def _meets(found: Estimate | None, most: float, at_worst: bool) -> bool:
    if found is None:
        return False
    value = found.high if at_worst else found.value
    return value is not None and value <= most


def _ratio(steps: Sequence[Recovery], default: str, best: str) -> Estimate | None:
    """Over the blocks that both have; one request at least, for a logarithm."""
    beyond = {(each.cell, each.block): max(1.0, float(each.violating_requests)) for each in steps}
    blocks = [block for cell, block in beyond if cell == default and (best, block) in beyond]
    pairs = [[beyond[cell, block] for block in blocks] for cell in (default, best)]
    return paired_ratio(*pairs) if blocks else None

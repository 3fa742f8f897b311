"""Ways to scale beside each other: their order, the goal, and what was foretold of them."""

from collections.abc import Iterator

from bench.analysis.analysis import Analysis
from bench.analysis.forecasts import Compared, Forecasts
from bench.analysis.shootout import Goal, Scaled
from bench.records.estimates import Estimate, over_runs
from bench.records.experiment import USUAL, Rule
from bench.report.document import Table
from bench.report.words import NONE, change, count, estimate, number, percent, stacked

RANKED = (
    *("stack", "what scales", "steps", "objective kept again, s", "requests beyond it"),
    *("of all", "within it, requests/s", "detected, s", "decided, s", "ready, s", "pod-seconds"),
    *("core-seconds requested", "flaps", "failed since a decision for less"),
)
FORETOLD = (
    *("stack", "kept again foretold, s", "measured, s", "off by", "steps hit"),
    *("requests beyond foretold", "measured", "off by", "steps hit"),
)


def says(found: Analysis, rule: Rule) -> Iterator[str]:
    """Who is first, whether the goal was met, and how good the forecast was."""
    if not found.ranking:
        yield "**Nothing can be said:** there is no good step of any stack yet."
        return
    first = found.ranking[0]
    yield (
        f"**`{first.cell}` ({first.how}) has the fewest requests beyond the objective**: "
        f"{percent(first.beyond_share.value)} of them, over {count(first.steps, 'step')}."
    )
    if found.goal:
        yield _goal(found.goal, rule)
    else:
        yield "No goal can be judged: there is no HPA to compare with, or nothing that is compared with it."
    if found.forecasts:
        yield from _forecast(found.forecasts, rule)
    else:
        yield "Nothing was foretold before the first step."


def tables(found: Analysis) -> Iterator[Table]:
    """The ranking, and the forecast beside it."""
    if found.ranking:
        rows = tuple(_ranked(each) for each in found.ranking)
        yield Table(RANKED, rows, _order(found.rule or USUAL), wide=True)
    if found.forecasts:
        made = found.forecasts
        rows = tuple(_compared(each) for each in made.compared)
        how = f"{made.playings} playings, seed {made.seed}"
        yield Table(FORETOLD, rows, f"Foretold {made.made} from {', '.join(made.sources)}; {how}.", wide=True)


def notes(found: Analysis) -> Iterator[str]:
    """By which rule, and since when it is fixed."""
    rule = found.rule or USUAL
    fixed = (
        "This rule was kept in the plan before the first visit."
        if found.rule
        else "No plan holds a rule for these steps: this is today's."
    )
    yield (
        f"Times are seconds since the step. Recovered: {rule.recovery}; a lone one may be by chance, and "
        "counts in the seconds beyond the objective. Slow: later than the objective's p95. The timeline "
        f"shows the run of the middle recovery. A flap: {rule.flap}. {fixed}"
    )


def _goal(found: Goal, rule: Rule) -> str:
    after = f"keeps the objective again after {estimate(found.recovered)} s" if found.recovered else ""
    kept = after or "does not keep the objective again in time in every step"
    verdict = "is met" if found.met else "is not met"
    doubt = "" if found.sure or not found.met else ", though not by the far ends of the intervals"
    return (
        f"**The goal {verdict}{doubt}**: {rule.goal}. `{found.best}` {kept}, "
        f"with {estimate(found.ratio)} times the requests beyond it that `{found.default}` has."
    )


def _forecast(made: Forecasts, rule: Rule) -> Iterator[str]:
    steps = sum(len(each.steps) for each in made.compared)
    if not made.before:
        yield "**What follows is no forecast**: it was made after the first step had begun."
    recovery, beyond = rule.near
    yield (
        f"**The forecast {'met' if made.met else 'missed'} its goal**: recovery {recovery} in "
        f"{percent(made.recovery_share)} of {count(steps, 'step')}, requests beyond the objective {beyond} "
        f"in {percent(made.beyond_share)}, both in {percent(made.share)}; aimed at: "
        f"{percent(rule.forecast_steps)}."
    )
    if made.chance is not None:
        yield (
            f"Were the forecast's own playings the steps, it would hit {percent(made.chance)} of them: the "
            "rest is when autoscalers happen to look, which nobody can foretell."
        )
    for each in made.left:
        yield f"`{each.arm}` was not foretold: {each.why}."


def _order(rule: Rule) -> str:
    return f"By order: {rule.order}. Brackets: 95 % intervals over steps, one of each block with fresh pods."


def _ranked(each: Scaled) -> tuple[str, ...]:
    return (
        f"`{each.cell}`",
        each.how,
        _steps(each),
        _again(each.recovered, each.never),
        stacked(each.beyond),
        percent(each.beyond_share.value),
        stacked(each.goodput),
        *(stacked(value) for value in (each.detected, each.decided, each.ready)),
        stacked(each.pod_seconds),
        stacked(each.core_seconds),
        stacked(each.flaps),
        f"{each.lost:,} of {each.since:,}" if each.scale_ins else NONE,
    )


def _steps(each: Scaled) -> str:
    """Times of a decision are of those steps in which there was one."""
    return str(each.steps) if each.scaled in (0, each.steps) else f"{each.steps}, {each.scaled} scaled"


def _again(recovered: Estimate | None, never: int) -> str:
    known = [stacked(recovered)] if recovered else []
    return "\n".join([*known, *([f"{never} not in time"] if never else [])])


def _compared(each: Compared) -> tuple[str, ...]:
    told, steps = each.foretold, each.steps
    kept = [step.recovered for step in steps if step.recovered is not None]
    recovered = over_runs(kept) if kept else None
    beyond = over_runs([float(step.beyond) for step in steps])
    return (
        f"`{each.cell}`",
        _again(told.recovered, told.not_recovered),
        _again(recovered, len(steps) - len(kept)),
        _seconds(each.recovered, recovered),
        _hits([step.recovery_hit for step in steps]),
        stacked(told.beyond),
        stacked(beyond),
        change(told.beyond.value / beyond.value - 1) if beyond.value else NONE,
        _hits([step.beyond_hit for step in steps]),
    )


def _seconds(foretold: float | None, measured: Estimate | None) -> str:
    if foretold is None or measured is None:
        return NONE
    off = foretold - measured.value
    return f"{'+' if off >= 0 else '−'}{number(abs(off))} s"


def _hits(found: list[bool]) -> str:
    return f"{sum(found)} of {len(found)}"

"""Checks of the claims on the HorizontalPodAutoscaler. Pure."""

from collections.abc import Iterable, Sequence
from statistics import median

from bench.records.events import IN
from bench.records.parts import STEP
from bench.report.words import number
from bench.thesis import panels, words
from bench.thesis.claims import Claim
from bench.thesis.compare import over
from bench.thesis.figures import stack
from bench.thesis.gather import Look, Seen
from bench.thesis.panels import CPU_SEEN, average
from bench.thesis.rules import (
    DOES_NOT,
    HOLDS,
    OTHERWISE,
    UNTOLD,
    Finding,
    missing,
    untested,
    within,
)
from stack.quantities import millicores

ARM = "torch-hpa"
TOLERANCE = 1.1  # of the target, within which the autoscaler does nothing
AGREES = (0.8, 1.25)
BEFORE = 30.0  # s before a decision, over which its metric is averaged
NO_SERIES = f"series of the autoscaler's metric of `{ARM}`"
NO_STEP = f"load step on `{ARM}`"


def hpa_unknown(_claim: Claim, _seen: Seen) -> Finding:
    """An experiment always has a metrics-server."""
    return untested(
        "Every experiment runs with a metrics-server and a CPU request; nothing here leaves them out."
    )


def hpa_idle(_claim: Claim, _seen: Seen) -> Finding:
    """An experiment always has a load."""
    return untested("No part of an experiment leaves a server without load for long enough.")


def hpa_scales_out(claim: Claim, seen: Seen) -> Finding:
    """The metric above the target and a second pod under the thesis's load, in every run or in none."""
    looks = [look for look in seen.of(ARM) if panels.autoscaler_cpu(look) is not None]
    found = over(looks, panels.autoscaler_cpu)
    if found is None:
        return missing(NO_SERIES)
    target = claim.number("target")
    out = [_above(look, target) and len(look.summary.pods) >= claim.number("pods") for look in looks]
    pods = sorted({len(look.summary.pods) for look in looks})
    return Finding(
        f"up to {words.figure(found, '%')} of a target of {target:g} %, {_list(pods)} pods{_stepped(seen)}",
        UNTOLD if len(looks) < 2 or any(out) != all(out) else HOLDS if all(out) else DOES_NOT,
        f"Under the thesis's load the metric rose above the target and two pods ran in {sum(out)} of "
        f"{len(looks)} runs.",
    )


def hpa_percent(_claim: Claim, seen: Seen) -> Finding:
    """What the autoscaler saw against the CPU that the pods used, of the request and of the limit."""
    looks = [look for look in seen.of(ARM) if panels.percent_of_request(look)] or seen.of(ARM, STEP)
    found, limit = over(looks, panels.percent_of_request), _limit_to_request(looks)
    if found is None or limit is None:
        return missing(NO_SERIES)
    of_request = within(found, *AGREES)
    of_limit = within(found, AGREES[0] / limit, AGREES[1] / limit)
    verdicts = {HOLDS: OTHERWISE, DOES_NOT: HOLDS if of_limit == HOLDS else DOES_NOT}
    return Finding(
        f"its percentage ÷ the pods' CPU in % of their request = {words.figure(found)}",
        verdicts.get(of_request, UNTOLD),
        f"1 says that it is a percentage of the request, {1 / limit:.2g} that it is one of the limit: "
        f"{words.runs(found)}.",
    )


def hpa_keeps(claim: Claim, seen: Seen) -> Finding:
    """The metric in the last minute of the load: of a step where there is one, else of the thesis's."""
    looks = seen.of(ARM, STEP) or seen.of(ARM)
    found = over(looks, panels.settled_cpu)
    if found is None:
        return missing(NO_SERIES)
    target = claim.number("target")
    return Finding(
        f"in the last minute of the load {words.figure(found, '%')}",
        within(found, 0.0, target * TOLERANCE),
        f"Kept is what ends within 10 % above the target of {target:g} % or below it: {words.runs(found)} "
        f"({looks[0].summary.part}).",
    )


def hpa_removes(claim: Claim, seen: Seen) -> Finding:
    """The metric before each decision to scale in."""
    looks, target = seen.of(ARM, STEP), claim.number("target")
    if not looks:
        return missing(NO_STEP)
    before = [cpu for look in looks for cpu in _before_scale_in(look)]
    if not before:
        return Finding(
            "no pod was removed", UNTOLD, f"The load of {len(looks)} steps ended before a decision."
        )
    half = target / 2
    return Finding(
        f"removed at {_list(number(cpu) for cpu in before)} %",
        HOLDS if max(before) > half * TOLERANCE else OTHERWISE,
        f"{len(before)} decisions; for two pods ⌈2 × use ÷ {target:g} %⌉ is 1 only at {half:g} % or less: "
        "a removal between the two would show the thesis's rule.",
    )


def hpa_helps(_claim: Claim, seen: Seen) -> Finding:
    """Whether the objective was met again before the step's high load ended."""
    steps = [look.recovery for look in seen.of(ARM, STEP) if look.recovery]
    if not steps:
        return missing(f"{NO_STEP} with its raw samples")
    back = [step.recovered for step in steps if step.recovered is not None]
    missed = median(step.violating_seconds for step in steps)
    when = f", after {number(median(back))} s (median)" if back else ""
    return Finding(
        f"objective met again in {len(back)} of {len(steps)} steps{when}; missed for {number(missed)} s "
        "of each (median)",
        HOLDS if len(back) == len(steps) else DOES_NOT if not back else UNTOLD,
        "It is right if in every step users are served within the objective again while the high load lasts.",
    )


def _above(look: Look, target: float) -> bool:
    return (panels.autoscaler_cpu(look) or 0.0) > target


def _stepped(seen: Seen) -> str:
    looks = seen.of(ARM, STEP)
    found = over(looks, panels.autoscaler_cpu)
    most = max((len(look.summary.pods) for look in looks), default=0)
    return f"; in the load step up to {words.figure(found, '%')}, {most} pods" if found else ""


def _limit_to_request(looks: Sequence[Look]) -> float | None:
    found = [made.resources for look in looks if (made := stack(look.summary))]
    return millicores(found[0].cpu_limit) / millicores(found[0].cpu_request) if found else None


def _before_scale_in(look: Look) -> list[float]:
    lines, times = look.series.get(CPU_SEEN, ()), [e.seconds for e in look.summary.events if e.what == IN]
    return [cpu for when in times if (cpu := average(lines, when - BEFORE, when)) is not None]


def _list(values: Iterable[object]) -> str:
    return ", ".join(map(str, values))

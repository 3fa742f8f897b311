"""Checks of the claims on TorchServe's workers and batches. Pure."""

from bench.records.parts import CONFIRM
from bench.report.words import number
from bench.thesis import figures, panels, words
from bench.thesis.claims import Claim
from bench.thesis.compare import Over, capacity_of, capacity_ratio, over, ratio
from bench.thesis.figures import Figure
from bench.thesis.gather import Seen
from bench.thesis.rules import (
    DOES_NOT,
    HOLDS,
    MATTERS,
    OTHERWISE,
    THESIS_RUNS,
    UNTOLD,
    Finding,
    differs,
    missing,
    opposite,
    within,
)

TEN, RANGE, TUNED, BATCH = "torch-10-workers", "torch-1-10-workers", "torch-tuned", "torch-batch"


def workers_autoscale(claim: Claim, seen: Seen) -> Finding:
    """The most workers at one time, under the thesis's load and at the rate that the server holds."""
    found = _most_workers(seen)
    if found is None:
        return missing(f"series of the workers of `{RANGE}`")
    return Finding(
        f"{_workers(found)} at most, of {claim.number('maxWorkers'):g} allowed",
        HOLDS if found.value.value > claim.number("minWorkers") else DOES_NOT,
        f"Scaling would start a second worker; counted over {words.runs(found)}, under the thesis's load and "
        "at the highest rate that the server holds.",
    )


def workers_latency(claim: Claim, seen: Seen) -> Finding:
    """The highest point of the server's own latency, in the thesis's order of size or not."""
    (arm,) = claim.arms
    found = over(seen.of(arm), panels.latency_highest)
    if found is None:
        return missing(f"series of the server's own latency of `{arm}`")
    claimed = claim.number("highest")
    middle = over(seen.of(arm), figures.service)
    return Finding(
        f"curve up to {words.figure(found, 'ms')}, mean {words.figure(middle, 'ms')}",
        within(found, claimed / 2, claimed * 2),
        f"The bounds are half and twice the thesis's {claimed:g} ms, another machine's: {words.runs(found)}.",
    )


def workers_10_slower(_claim: Claim, seen: Seen) -> Finding:
    """p95 of ten workers against that of the range, whose workers are counted."""
    return _ten_against_range(seen, figures.p95, "p95", "ms")


def workers_energy(_claim: Claim, seen: Seen) -> Finding:
    """CPU time for the same requests, for want of a meter of energy."""
    return _ten_against_range(seen, figures.cpu_per_thousand, "CPU for 1,000 requests:", "s")


def workers_adapt(_claim: Claim, seen: Seen) -> Finding:
    """A range that adapted would hold what two workers hold."""
    found = capacity_ratio(seen, TUNED, RANGE)
    if found is None:
        return missing(f"capacity of both `{RANGE}` and `{TUNED}` in one block")
    two, one = capacity_of(seen, TUNED), capacity_of(seen, RANGE)
    return Finding(
        f"`{RANGE}` holds {words.figure(one, 'requests/s')}; two fixed workers (`{TUNED}`) "
        f"{words.figure(two, 'requests/s')}: {words.times(found)}",
        opposite(differs(found, MATTERS)),
        f"A server that adapted would hold as much as two fixed workers. Here: {found.word}, "
        f"{words.pairs(found)}.",
    )


def torch_batch(_claim: Claim, seen: Seen) -> Finding:
    """The counters of the handler count batches of more than one."""
    looks = seen.of(BATCH)
    found, predicted = over(looks, figures.batch), over(looks, figures.predicted_batch)
    if not looks:
        return missing(f"{THESIS_RUNS} with `{BATCH}`")
    if found is None:
        return Finding("no batches counted", DOES_NOT, f"The counters told nothing in {len(looks)} runs.")
    return Finding(
        f"{words.figure(found, 'requests')}; 1 + rate × delay = "
        f"{number(predicted.value.value) if predicted else '–'}",
        within(found, 1.01, float("inf")),
        f"The counters must tell batches of more than one request: {words.runs(found)}.",
    )


def _ten_against_range(seen: Seen, figure: Figure, name: str, unit: str) -> Finding:
    found, counted = ratio(seen, TEN, RANGE, figure), _most_workers(seen)
    if found is None:
        return missing(f"pair of runs of `{TEN}` and `{RANGE}` under the thesis's load")
    ten, few = over(seen.of(TEN), figure), over(seen.of(RANGE), figure)
    verdict, alone = differs(found, MATTERS), counted is not None and counted.value.value <= 1
    told = (
        f" `{RANGE}` never had more than {_workers(counted)}."
        if counted
        else " Its workers were not counted."
    )
    return Finding(
        f"{name} {words.figure(ten, unit)} with ten, {words.figure(few, unit)} with the range: "
        f"{words.times(found)}",
        OTHERWISE
        if verdict == HOLDS and alone
        else UNTOLD
        if verdict == HOLDS and counted is None
        else verdict,
        f"Here: {found.word}, {words.pairs(found)}.{told}",
    )


def _most_workers(seen: Seen) -> Over | None:
    return over([*seen.of(RANGE), *seen.of(RANGE, CONFIRM)], panels.workers)


def _workers(found: Over) -> str:
    most = found.value.value
    return f"{most:g} worker{'s' * (most != 1)}"

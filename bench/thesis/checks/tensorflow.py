"""Checks of the claims on TensorFlow Serving's threads. Pure."""

import math

from bench.report.words import number, percent
from bench.thesis import figures, panels, words
from bench.thesis.claims import Claim
from bench.thesis.compare import capacity_of, capacity_ratio, over, ratio
from bench.thesis.gather import Seen
from bench.thesis.rules import (
    HOLDS,
    MATTERS,
    OTHERWISE,
    THESIS_RUNS,
    Finding,
    differs,
    missing,
    within,
)

DEFAULT, THREADS = "tf-default", "tf-threads"
STEADY = math.sqrt(39 / 16)  # between no change at all and the curve that the thesis calls chaotic
WHOLE, HALF = 0.8, 0.5  # of the machine's cores


def default_unsteady(claim: Claim, seen: Seen) -> Finding:
    """The range of the thesis's panel over a run."""
    looks = seen.of(DEFAULT)
    found = over(looks, panels.latency_range)
    if found is None:
        return missing("series of the server's own latency of `tf-default`")
    thesis = claim.number("highest") / claim.number("lowest")
    lows = [min(drawn) for look in looks if (drawn := panels.server_latency(look))]
    highs = [max(drawn) for look in looks if (drawn := panels.server_latency(look))]
    return Finding(
        f"{number(min(lows))} to {number(max(highs))} ms; within a run highest ÷ lowest = "
        f"{words.figure(found)}",
        within(found, math.sqrt(thesis), math.inf),
        f"The thesis's curve has {thesis:.1f}; unsteady is more than its root, {math.sqrt(thesis):.2f}. "
        f"{words.runs(found)}.",
    )


def default_overloads(_claim: Claim, seen: Seen) -> Finding:
    """How much of the machine the server's pods used under the thesis's load."""
    looks = seen.of(DEFAULT)
    found = over(looks, figures.machine_share)
    if found is None:
        return missing(THESIS_RUNS)
    cpus = max(look.summary.obtained.cpus for look in looks)
    verdict = within(found, WHOLE, math.inf)
    return Finding(
        f"{words.figure(over(looks, figures.cores), 'cores')} of {cpus}: {words.percent(found)}",
        verdict if verdict == HOLDS else within(found, HALF, math.inf),
        f"The whole processor is {percent(WHOLE)} of the machine's cores or more; less than {percent(HALF)} "
        "refutes it.",
    )


def threads_client(claim: Claim, seen: Seen) -> Finding:
    """p95 of the two variants, by pairs of runs in a block."""
    found, claimed = (
        ratio(seen, THREADS, DEFAULT, figures.p95),
        claim.number("p95") / claim.number("p95 by default"),
    )
    tuned, default = over(seen.of(THREADS), figures.p95), over(seen.of(DEFAULT), figures.p95)
    if found is None:
        return missing("pair of runs of `tf-threads` and `tf-default` under the thesis's load")
    return Finding(
        f"p95 {words.figure(tuned, 'ms')}, by default {words.figure(default, 'ms')}: {words.times(found)}",
        differs(found, claimed),
        f"In the thesis the ratio is ×{claimed:.2f}, from one run each. Here: {found.word}, "
        f"{words.pairs(found)}.",
    )


def threads_server(_claim: Claim, seen: Seen) -> Finding:
    """Whether the tuned server's panel is steady; the threads are the reason only if the default's is not."""
    tuned, default = (over(seen.of(arm), panels.latency_range) for arm in (THREADS, DEFAULT))
    if tuned is None:
        return missing("series of the server's own latency of `tf-threads`")
    verdict = within(tuned, 0.0, STEADY)
    as_steady = within(default, 0.0, STEADY) == HOLDS
    middle = over(seen.of(THREADS), figures.service)
    return Finding(
        f"mean {words.figure(middle, 'ms')}; highest ÷ lowest = {words.figure(tuned)}, by default "
        f"{words.figure(default)}",
        OTHERWISE if verdict == HOLDS and as_steady else verdict,
        f"Steady is a highest point of less than {STEADY:.2f} times the lowest, over {words.runs(tuned)}."
        + (" The default server is as steady, so the threads are not the reason." if as_steady else ""),
    )


def threads_scale(_claim: Claim, seen: Seen) -> Finding:
    """The rates that both hold."""
    found = capacity_ratio(seen, THREADS, DEFAULT)
    tuned, default = capacity_of(seen, THREADS), capacity_of(seen, DEFAULT)
    if found is None:
        return missing("capacity of both `tf-threads` and `tf-default` in one block")
    return Finding(
        f"holds {words.figure(tuned, 'requests/s')}, by default {words.figure(default, 'requests/s')}: "
        f"{words.times(found)}",
        differs(found, MATTERS),
        f"It scales if it holds a higher rate beyond the noise. Here: {found.word}, {words.pairs(found)}.",
    )

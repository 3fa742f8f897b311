"""Checks of the claims on TensorFlow Serving's batching. Pure."""

import math
from collections.abc import Sequence

from bench.records.parts import SERIAL
from bench.report.words import estimate, number, percent
from bench.thesis import figures, panels, words
from bench.thesis.claims import Claim
from bench.thesis.compare import ALONE, Over, capacity_of, capacity_ratio, over, ratio
from bench.thesis.gather import Look, Seen
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

DEFAULT, SHORT, LONG = "tf-default", "tf-batch-10ms", "tf-batch-100ms"
MOSTLY = 0.8
BUSY, IDLE = 0.8, 0.5  # of the machine's cores


def batch_10ms(claim: Claim, seen: Seen) -> Finding:
    """The mean batch beside the thesis's and beside the arithmetic."""
    found = over(seen.of(SHORT), figures.batch)
    if found is None:
        return missing(f"{THESIS_RUNS} with `{SHORT}` that counted batches")
    claimed = claim.number("mean batch")
    return Finding(
        _batches(seen, SHORT),
        within(found, claimed / MATTERS, claimed * MATTERS),
        f"The bounds are a factor of {MATTERS:g} around the thesis's {claimed:g}, over {words.runs(found)}.",
    )


def batch_100ms(claim: Claim, seen: Seen) -> Finding:
    """Larger than with the short timeout, and below the limit all the time."""
    found = ratio(seen, LONG, SHORT, figures.batch, floor=ALONE)
    if found is None:
        return missing(f"pair of runs of `{LONG}` and `{SHORT}` that counted batches")
    looks, limit = seen.of(LONG), claim.number("largest batch allowed")
    top = max(value for look in looks for value in (panels.batch_highest(look), figures.batch(look)) if value)
    return Finding(
        f"{_batches(seen, LONG)}; ×{estimate(found.value)} that of 10 ms; its curve reaches {number(top)}",
        DOES_NOT if top >= limit else differs(found, MATTERS),
        f"It must be larger than with 10 ms, and its curve below {limit:g}. {words.pairs(found)}.",
    )


def batch_weak_hardware(claim: Claim, seen: Seen) -> Finding:
    """Hardware is the reason where it is busy, not where it idles or can make larger batches."""
    looks = [look for arm in claim.arms for look in seen.of(arm)]
    found, share = over(looks, figures.batch_to_predicted), over(looks, figures.machine_share)
    if found is None:
        return missing(f"{THESIS_RUNS} that counted batches")
    largest, grown = _largest(looks), _largest([look for arm in claim.arms for look in seen.trials(arm)])
    more = f"; under more load up to {number(grown)}" if grown else ""
    return Finding(
        f"at most {number(largest)}, with {words.percent(share)} of the machine in use{more}; "
        f"measured ÷ (1 + rate × timeout) = {words.figure(found)}",
        _hardware(largest, claim.number("largest batch allowed"), share, grown),
        f"Weak hardware is the reason where at least {percent(BUSY)} of the machine are in use; not where "
        f"less than {percent(IDLE)} are, nor where it makes larger batches as soon as more requests come.",
    )


def _hardware(largest: float, limit: float, share: Over | None, grown: float) -> str:
    if largest >= limit:
        return DOES_NOT
    if within(share, 0.0, IDLE) == HOLDS or grown > MATTERS * largest:
        return OTHERWISE
    return within(share, BUSY, math.inf) if within(share, BUSY, math.inf) == HOLDS else UNTOLD


def _largest(looks: Sequence[Look]) -> float:
    return max((value for look in looks if (value := figures.batch(look)) is not None), default=0.0)


def batch_single(claim: Claim, seen: Seen) -> Finding:
    """One request in flight, with the timeout and without batching."""
    batched, plain = over(seen.of(LONG, SERIAL), figures.p50), over(seen.of(DEFAULT, SERIAL), figures.p50)
    if batched is None or plain is None:
        return missing(f"run of both `{LONG}` and `{DEFAULT}` with one request in flight")
    added, timeout = batched.value.value - plain.value.value, claim.number("timeout")
    sure = min(batched.runs, plain.runs) > 1
    verdict = HOLDS if added >= timeout * MOSTLY else DOES_NOT
    return Finding(
        f"one request in flight: p50 {words.figure(batched, 'ms')}, without batching "
        f"{words.figure(plain, 'ms')}",
        verdict if sure else UNTOLD,
        f"The timeout of {timeout:g} ms must add at least {percent(MOSTLY)} of itself; it adds "
        f"{number(added)} ms, over {words.runs(batched)}.",
    )


def batch_latency(_claim: Claim, seen: Seen) -> Finding:
    """The client's median under the thesis's load."""
    found = {arm: made for arm in (SHORT, LONG) if (made := ratio(seen, arm, DEFAULT, figures.p50))}
    if not found:
        return missing(f"pair of runs of a batched stack and `{DEFAULT}` under the thesis's load")
    verdicts = {differs(made, 1 / MATTERS) for made in found.values()}
    told = (
        f"`{arm}` p50 {words.figure(over(seen.of(arm), figures.p50), 'ms')}: {words.times(made)}"
        for arm, made in found.items()
    )
    return Finding(
        f"{'; '.join(told)} of `{DEFAULT}`'s",
        HOLDS if HOLDS in verdicts else DOES_NOT if verdicts == {DOES_NOT} else UNTOLD,
        "One of the two must have a lower median than the server without batching, beyond the noise. The "
        "rate is the users' here, so it tells nothing of throughput.",
    )


def batch_power(_claim: Claim, seen: Seen) -> Finding:
    """Whether any batched stack holds more than the default on this machine."""
    arms = [cell.arm.name for cell in seen.cells if cell.competes and cell.arm.name.startswith("tf-batch")]
    found = {arm: made for arm in arms if (made := capacity_ratio(seen, arm, DEFAULT))}
    if not found:
        return missing(f"capacity of a batched stack and `{DEFAULT}` in one block")
    verdicts = {arm: opposite(differs(made, MATTERS)) for arm, made in found.items()}
    told = (
        f"`{arm}` {words.figure(capacity_of(seen, arm), 'requests/s')} (×{estimate(made.value)})"
        for arm, made in found.items()
    )
    cpus = max(look.summary.obtained.cpus for arm in found for look in seen.looks[arm])
    return Finding(
        f"{', '.join(told)}; without batching {words.figure(capacity_of(seen, DEFAULT), 'requests/s')}",
        DOES_NOT if DOES_NOT in verdicts.values() else HOLDS if set(verdicts.values()) == {HOLDS} else UNTOLD,
        f"This machine has {cpus} cores, the thesis's had 4: if a batched stack holds more here, beyond the "
        "noise, batching does not need much computing power.",
    )


def _batches(seen: Seen, arm: str) -> str:
    """A mean batch beside the arithmetic of its own runs."""
    looks = seen.of(arm)
    predicted = over(looks, figures.predicted_batch)
    return (
        f"{words.figure(over(looks, figures.batch), 'rows')}; 1 + rate × timeout = "
        f"{number(predicted.value.value) if predicted else '–'}"
    )

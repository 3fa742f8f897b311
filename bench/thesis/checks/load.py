"""Checks of the claims on the load and the k6 reports. Pure."""

import math

from bench.report.words import number
from bench.thesis import figures, words
from bench.thesis.claims import VARIANTS, Claim
from bench.thesis.compare import Over, capacity_of, over
from bench.thesis.gather import Look, Seen
from bench.thesis.rules import (
    DOES_NOT,
    HOLDS,
    MATTERS,
    OTHERWISE,
    THESIS_RUNS,
    UNTOLD,
    Finding,
    missing,
    within,
)

ALIKE = 117.5 / 64.56  # p95 ÷ p50 of the waits that the thesis calls alike, fig. 4.34
NEARLY = 0.1  # within a tenth


def closed_load(claim: Claim, seen: Seen) -> Finding:
    """Little's law bounds the closed load; does any server hold more than it can offer?"""
    looks, ceiling = _all(seen), claim.number("users") / claim.number("sleep")
    law, best = over(looks, figures.in_flight), _best(seen)
    if law is None:
        return missing(THESIS_RUNS)
    most = max(figures.rate(look) for look in looks)
    measured = f"at most {number(most)} requests/s; rate × (latency + sleep) = {words.figure(law, 'users')}"
    if best is None:
        return Finding(measured, UNTOLD, "No capacity under open load is there to compare with.")
    name, capacity = best
    return Finding(
        f"{measured}; open load: `{name}` holds {words.figure(capacity, 'requests/s')}",
        within(capacity, 0.0, ceiling),
        f"Over {len(looks)} runs of {len({look.summary.arm for look in looks})} variants. It shows "
        f"how a server performs only if none could take more than its {number(ceiling)} requests/s.",
    )


def k6_rate(claim: Claim, seen: Seen) -> Finding:
    """The same rate, whose reason is the users where the server could take much more."""
    looks = seen.of("tf-default")
    found, law, capacity = (
        over(looks, figures.rate),
        over(looks, figures.in_flight),
        capacity_of(seen, "tf-default"),
    )
    if found is None:
        return missing(THESIS_RUNS)
    claimed = claim.number("rate")
    verdict = within(found, claimed * (1 - NEARLY), claimed * (1 + NEARLY))
    spare = (
        capacity and capacity.value.low is not None and capacity.value.low > (1 + NEARLY) * found.value.value
    )
    why = f"The bounds are a tenth on either side of the thesis's {claimed:g}, over {words.runs(found)}."
    if spare:
        held = words.figure(capacity, "requests/s")
        why += f" Under open load the server holds {held}: the users set the rate."
    return Finding(
        f"{words.figure(found, 'requests/s')}; × (latency + sleep) = {words.figure(law, 'users')}",
        OTHERWISE if verdict == HOLDS and spare else verdict,
        why,
    )


def k6_failed(claim: Claim, seen: Seen) -> Finding:
    """Failures are counted over all variants."""
    looks = _all(seen)
    if not looks:
        return missing(THESIS_RUNS)
    failed, asked = sum(map(figures.failures, looks)), sum(look.summary.total.requests for look in looks)
    return Finding(
        f"{failed:,.0f} of {asked:,} requests failed",
        HOLDS if failed <= claim.number("failed") else DOES_NOT,
        f"Counted over {len(looks)} runs of all variants.",
    )


def k6_latency(claim: Claim, seen: Seen) -> Finding:
    """Variable is what is nearer to the thesis's first table than to its second, which it calls alike."""
    looks = seen.of("tf-default")
    found = over(looks, figures.spread)
    if found is None:
        return missing(THESIS_RUNS)
    variable = claim.number("p95") / claim.number("p50")
    bound = math.sqrt(variable * ALIKE)
    told = ", ".join(
        f"{name} {words.figure(over(looks, figure), 'ms')}"
        for name, figure in (("mean", figures.mean), ("p50", figures.p50), ("p95", figures.p95))
    )
    return Finding(
        f"{told}; p95 ÷ p50 = {words.figure(found)}",
        within(found, bound, math.inf),
        f"p95 ÷ p50 is {variable:.1f} in the table that the thesis calls very variable and {ALIKE:.1f} in "
        f"the one it calls alike; the bound between them is {bound:.1f}.",
    )


def k6_longest(claim: Claim, seen: Seen) -> Finding:
    """The same order as the thesis: half of its smaller maximum or more."""
    looks = [look for arm in claim.arms for look in seen.of(arm)]
    found = [(look.summary.arm, value) for look in looks if (value := figures.longest(look)) is not None]
    if not found:
        return missing(THESIS_RUNS)
    bound = min(number.value for number in claim.numbers) / 2
    cold = max(
        (value for look in looks if (value := figures.longest_in_warm_up(look)) is not None), default=None
    )
    most = {arm: max(value for name, value in found if name == arm) for arm, _ in found}
    told = ", ".join(f"`{arm}` {number(value)} ms" for arm, value in most.items())
    before = f"; in the warm-up {number(cold)} ms" if cold is not None else ""
    return Finding(
        f"longest after the warm-up: {told}{before}",
        HOLDS if max(most.values()) >= bound else DOES_NOT if len(found) > 1 else UNTOLD,
        f"The longest of {len(found)} warm runs is compared with half of the thesis's smaller maximum, "
        f"{number(bound)} ms.",
    )


def all_tested(_claim: Claim, seen: Seen) -> Finding:
    """How far the variants are apart under the closed load, and in what they hold."""
    rates = {arm: found for arm in VARIANTS if (found := over(seen.of(arm), figures.rate))}
    held = {arm: found for arm in VARIANTS if (found := capacity_of(seen, arm)) and found.value.value > 0}
    if len(rates) < 2:
        return missing("two variants under the thesis's load")
    closed, measured = _apart(rates), f"{len(rates)} variants answer {_range(rates)} requests/s"
    if len(held) < 2:
        return Finding(
            measured, UNTOLD, "Fewer than two variants have a capacity under open load to compare with."
        )
    opened, sure = _apart(held), min(found.blocks for found in held.values()) > 1
    verdict = DOES_NOT if opened > MATTERS * closed else HOLDS
    return Finding(
        f"{measured} under the closed load, but hold {_range(held)} requests/s under open load",
        verdict if sure else UNTOLD,
        f"The highest is {closed:.2f} times the lowest under the closed load, {opened:.2f} times under open "
        f"load, where more than {MATTERS:g} times as far shows that the closed load hides it"
        + ("." if sure else ", each from one block only."),
    )


def _all(seen: Seen) -> list[Look]:
    return [look for arm in VARIANTS for look in seen.of(arm)]


def _best(seen: Seen) -> tuple[str, Over] | None:
    held = [(cell.arm.name, capacity_of(seen, cell.arm.name)) for cell in seen.cells if cell.competes]
    known = [(name, found) for name, found in held if found]
    return max(known, key=lambda each: each[1].value.value, default=None)


def _apart(found: dict[str, Over]) -> float:
    values = [each.value.value for each in found.values()]
    return max(values) / min(values)


def _range(found: dict[str, Over]) -> str:
    values = [each.value.value for each in found.values()]
    return f"{number(min(values))}–{number(max(values))}"

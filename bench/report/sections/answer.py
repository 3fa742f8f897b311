"""The answer first: which stack to run, at what rate and cost, and how sure."""

from collections.abc import Iterator

from bench.analysis.analysis import Analysis
from bench.analysis.cost import Cost
from bench.analysis.verdict import Verdict
from bench.report.document import Section
from bench.report.sections import shootout
from bench.report.sections.material import Material
from bench.report.words import count, estimate, listed, number, objective


def verdict(material: Material) -> Section:
    """Which stack, at what rate, at what cost, and how sure; of steps, which way to scale."""
    found = material.found
    if found.rule:
        return Section("verdict", "Verdict", (*shootout.says(found, found.rule), *_stand_ins(found)))
    says = _recommended(found, found.verdict) if found.verdict else _nothing(found)
    return Section("verdict", "Verdict", tuple(says))


def _nothing(found: Analysis) -> Iterator[str]:
    if any(row.capacity for row in found.rows):
        yield f"**No stack can be recommended:** none held {objective(found.slo)} at any rate that was tried."
        return
    if found.trials_void:
        yield "**No stack can be recommended:** every trial of the search was void; why stands at the end."
        return
    yield (
        "**No stack can be recommended:** no capacity was searched here, so it is not known which rate any "
        f"stack holds within {objective(found.slo)}. `python -m bench all` searches it."
    )


def _recommended(found: Analysis, best: Verdict) -> Iterator[str]:
    yield (
        f"**Run `{best.winner}`.** It holds **{estimate(best.rate)} requests/s** with "
        f"{objective(found.slo)}; the least of {count(best.blocks, 'block')} was "
        f"{number(best.lowest_block)}. {_cost(found, best.cost)}"
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


def _stand_ins(found: Analysis) -> Iterator[str]:
    names = found.conditions.stand_ins
    if names:
        yield (
            f"The server {listed(names)} is a stand-in by its own word: the order may carry over to the "
            "original, its figures do not."
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

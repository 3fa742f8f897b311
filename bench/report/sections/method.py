"""How the figures came about: noise, the tax of serving, conditions, what was left out."""

from collections.abc import Iterator

from bench.analysis.analysis import Analysis
from bench.analysis.comparisons import Noise
from bench.analysis.conditions import Conditions
from bench.analysis.tax import Tax
from bench.report.document import Section, Table
from bench.report.plots import tax as draw
from bench.report.sections.material import Material, kept
from bench.report.words import count, estimate, listed, number, percent

MOST_HALF_WIDTH = 0.10  # of the A/A pair's p95 ratio: the goal
MOST_TAX = 2.0
MOST_HARNESS = 0.35
NO_HEADER = "none"  # what `bench.subject.target` keeps of a server that does not name itself


def noise(material: Material) -> Section:
    """The A/A pair."""
    seen = material.found.noise
    title = "Noise: two identical stacks"
    if not seen:
        says = (
            "The experiment has no twin of a stack, so the noise is not known and no difference may be "
            "claimed."
        )
        return Section("noise", title, (says,))
    head = ("measure", "pair", "blocks", "ratio", "contains 1", "noise floor")
    table = Table(head, tuple(_noise(each) for each in seen))
    says = (
        "A twin repeats a stack with the same settings, drawn into the same blocks. What lies between the "
        "two is noise; a difference between other stacks counts only beyond the farther end of the twin's "
        "interval."
    )
    return Section("noise", title, (says, *_aa(seen)), tables=(table,))


def _aa(seen: tuple[Noise, ...]) -> Iterator[str]:
    for each in seen:
        ratio = each.ratio
        if each.measure != "p95" or ratio is None or ratio.low is None or ratio.high is None:
            continue
        half = (ratio.high - ratio.low) / 2
        word = "within" if half <= MOST_HALF_WIDTH else "wider than"
        holds = "contains 1" if ratio.low <= 1 <= ratio.high else "does not contain 1"
        yield f"The interval of its p95 ratio {holds}; its half-width is {half:.1%}, {word} the goal of 10 %."


def _noise(each: Noise) -> tuple[str, ...]:
    ratio = each.ratio
    known = ratio is not None and ratio.low is not None and ratio.high is not None
    holds = bool(ratio and ratio.low is not None and ratio.high is not None and ratio.low <= 1 <= ratio.high)
    return (
        each.measure,
        f"`{each.twin}` ÷ `{each.original}`",
        str(each.pairs),
        estimate(ratio),
        ("yes" if holds else "no") if known else "unknown",
        f"× {number(each.floor)}" if each.floor else "unknown",
    )


def serving_tax(material: Material) -> Section:
    """One request in flight beside the model in process."""
    found, title = material.found.taxes, "What serving adds to the model"
    if not found:
        says = "Decoding and the model were not timed in process here, so the tax of serving is not known."
        return Section("tax", title, (says,))
    head = (
        "stack",
        "served p50, ms",
        "in process p50, ms",
        "ratio",
        "blocks",
        "in process: runtime, threads, where",
    )
    table = Table(head, tuple(_tax(each) for each in found), wide=True)
    best = min(found, key=lambda each: each.ratio.value)
    word = "within" if best.ratio.value <= MOST_TAX else "beyond"
    says = (
        f"The least is {estimate(best.ratio)} (`{best.cell}`), {word} the goal of {MOST_TAX:g}: HTTP, JSON "
        "and base64, and what the server does around the model. A batch timeout that a lone request waits "
        "out counts too."
    )
    return Section("tax", title, (says,), kept(draw.served(found)), (table,))


def _tax(each: Tax) -> tuple[str, ...]:
    return (
        f"`{each.cell}`",
        number(each.served_millis),
        number(each.in_process_millis),
        estimate(each.ratio),
        str(each.blocks),
        f"{each.runtime}, {each.threads}, {each.where}",
    )


def obtained(material: Material) -> Section:
    """Everything that a reader must know before believing a figure."""
    found = material.found
    rows = tuple(conditions(found))
    return Section(
        "obtained",
        "How the figures were obtained",
        tables=(Table(("what", "how"), rows),),
        notes=tuple(_harness(found)),
    )


def conditions(found: Analysis) -> Iterator[tuple[str, str]]:
    """What was done and where, by name."""
    how = found.conditions
    yield "runs", f"{how.runs}, {len(found.void)} of them void, in {count(found.blocks, 'block')}"
    yield "measured", f"from {how.first} to {how.last}"
    yield "load", "; ".join(f"{text} ({count(runs, 'run')})" for text, runs in how.loads.items())
    yield "route", "; ".join(f"{text} ({count(runs, 'run')})" for text, runs in how.routes.items())
    yield "latency", "; ".join(how.latency)
    yield "answers", "; ".join(how.answers) or "by their status alone"
    yield (
        "warm-up",
        f"{number(how.warm_up_seconds)} s (median), {how.not_stationary} runs not stationary after it",
    )
    photos = ", ".join(f"{number_} {kind}" for kind, number_ in how.photos.items())
    yield "requests", f"one of {photos} photos at random, {how.body_bytes / 1000:.0f} kB a body"
    yield "machine", _machine(how)
    yield "generator", _generator(how)
    yield "CPU of the machine", _shares(how)
    yield "intervals", "95 %; over blocks with fresh pods, never over requests, which follow each other"
    yield from ((f"server `{server}` says", _says(how, server)) for server in how.says)


def _says(how: Conditions, server: str) -> str:
    if how.says[server] == NO_HEADER:
        return "nothing: its answers have no header Server"
    said = f"“{how.says[server]}”"
    return f"{said}: **a stand-in**, compare shapes only" if server in how.stand_ins else said


def _machine(how: Conditions) -> str:
    cpus = " or ".join(map(str, how.cpus))
    shared = f"server and generator shared its cores in {how.same_machine} of {how.runs} runs"
    return f"{cpus} CPUs; {shared}"


def _generator(how: Conditions) -> str:
    return (
        f"{listed(how.generators, code=False)}; it sent {number(how.lag_p50)} ms late (p50), at worst "
        f"{number(how.lag_p99)} ms (p99 of a good run), and took at most {percent(how.generator_share)} of "
        "the CPU"
    )


def _shares(how: Conditions) -> str:
    if how.serving_share is None:
        return "not known: the bench ran elsewhere, or did not deploy the service"
    return (
        f"serving {percent(how.serving_share)}, other programs {percent(how.others_share)}, "
        f"taken by the host {percent(how.stolen_share)} (medians over runs)"
    )


def _harness(found: Analysis) -> Iterator[str]:
    spent = found.harness
    if spent is None:
        yield "There is no journal, so the share of time that the harness took is not known."
        return
    word = "within" if spent.share <= MOST_HARNESS else "beyond"
    rest = ", ".join(f"{what} {seconds / 60:.1f}" for what, seconds in spent.rest.items() if seconds >= 1)
    yield (
        f"All steps took {spent.total_seconds / 60:.1f} minutes, {spent.share:.0%} of it outside of any "
        f"load, {word} the goal of {MOST_HARNESS:.0%}. That rest in minutes: {rest}."
    )
    yield from (f"A step failed: {fault}." for fault in spent.faults)


def left_out(material: Material) -> Section:
    """Void runs."""
    found = material.found.void
    if not found:
        return Section("void", "Void runs", ("No run was void.",))
    rows = tuple(
        (f"`{each.cell}`", each.part, str(each.block), "; ".join(each.reasons), f"`{each.run}`")
        for each in found
    )
    says = f"{count(len(found), 'run')} went into no figure; the raw samples are kept."
    table = Table(("stack", "part", "block", "why", "run"), rows, wide=True)
    return Section("void", "Void runs", (says,), tables=(table,))

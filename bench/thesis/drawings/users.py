"""What users see: the thesis's k6 tables beside ours, and the rates of all variants. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from bench.report.document import Plot
from bench.report.palette import BLUE, INK, MUTED, ORANGE, PURPLE, Colour
from bench.report.plots import canvas, scales, svg
from bench.report.words import number
from bench.thesis import figures
from bench.thesis.claims import VARIANTS, Claim
from bench.thesis.compare import capacity_of, over
from bench.thesis.gather import Seen

MARKS = {"p50": "o", "p90": "s", "p95": "D", "longest": "|"}
FIGURES = {"p50": figures.p50, "p90": figures.p90, "p95": figures.p95, "longest": figures.longest}


@dataclass(frozen=True)
class Row:
    """One line of a k6 table: waits in ms by name."""

    name: str
    colour: Colour
    waits: Mapping[str, float]


def waits(seen: Seen, told: Mapping[str, Claim]) -> Plot | None:
    """Figs. 4.32 and 4.34 beside ours."""
    tables = {"tf-default": told["k6-latency"], "tf-threads": told["threads-client"]}
    rows = [
        row for arm, claim in tables.items() for row in (_thesis(arm, claim), *_ours(seen, arm)) if row.waits
    ]
    if all(row.colour is MUTED for row in rows):
        return None
    made = canvas.figure(
        1.8 + 0.36 * len(rows),
        "How long did users wait?",
        "● p50   ■ p90   ◆ p95   | longest; medians over runs. Grey: the thesis, figs. 4.32 and 4.34.",
    )
    (axes,) = canvas.panels(made, 1, 1, left=3.2, right=0.6)
    for place, row in enumerate(rows):
        _wait(axes, place, row)
    canvas.named_rows(axes, [row.name for row in rows])
    scales.logarithmic(axes, "x")
    canvas.below(made, "ms from the scheduled send to the answer's end")
    return svg.plot(made, "thesis-waits", "Percentiles of the users' waits: the thesis's tables beside ours.")


def _thesis(arm: str, claim: Claim) -> Row:
    known = {each.name: each.value for each in claim.numbers}
    return Row(f"thesis, as {arm}", MUTED, {name: known[name] for name in MARKS if name in known})


def _ours(seen: Seen, arm: str) -> Sequence[Row]:
    forwarded = [cell for cell in seen.cells if cell.arm.through_port_forward and cell.arm.stack == arm]
    return (
        Row(f"{arm}, at its Service", BLUE, _waits(seen, arm)),
        *(Row(f"{arm}, port-forward", ORANGE, _waits(seen, cell.arm.name)) for cell in forwarded),
    )


def _waits(seen: Seen, arm: str) -> Mapping[str, float]:
    found = {name: over(seen.of(arm), figure) for name, figure in FIGURES.items()}
    return {name: each.value.value for name, each in found.items() if each}


def _wait(axes: Axes, place: int, row: Row) -> None:
    colour = row.colour.light
    values = list(row.waits.values())
    axes.plot([min(values), max(values)], [place, place], color=colour, linewidth=2, alpha=0.35)
    for name, value in row.waits.items():
        axes.plot(value, place, MARKS[name], color=colour, markersize=10 if name == "longest" else 6)


def rates(seen: Seen, told: Mapping[str, Claim]) -> Plot | None:
    """What the closed load asked of each variant, and what each holds under open load."""
    load = told["closed-load"]
    ceiling = load.number("users") / load.number("sleep")
    asked = {arm: found for arm in VARIANTS if (found := over(seen.of(arm), figures.rate))}
    if not asked:
        return None
    made = canvas.figure(
        1.8 + 0.36 * len(asked),
        f"{ceiling:g} requests/s are all that the users can ask for: what could each variant hold?",
        "● answered under the thesis's closed load   ◆ SLO capacity under open load, with its interval.",
    )
    (axes,) = canvas.panels(made, 1, 1, left=2.0, right=1.8)
    for place, (arm, found) in enumerate(asked.items()):
        axes.plot(found.value.value, place, "o", color=BLUE.light, markersize=7)
        _held(axes, place, seen, arm)
    canvas.limit(axes, ceiling, upright=True)
    canvas.named_rows(axes, list(asked))
    scales.logarithmic(axes, "x")
    axes.set_xlabel("requests/s; dashed: users ÷ sleep")
    return svg.plot(
        made, "thesis-rates", "The rate of each variant under the closed load, and what it holds."
    )


def _held(axes: Axes, place: int, seen: Seen, arm: str) -> None:
    found, side = capacity_of(seen, arm), axes.get_yaxis_transform()
    if found is None or found.value.value <= 0:
        text = "not searched" if found is None else "misses the objective"
        axes.text(1.01, place, text, va="center", transform=side, fontsize=canvas.SMALL, color=MUTED.light)
        return
    value = found.value
    if value.low is not None and value.high is not None:
        axes.plot([value.low, value.high], [place, place], color=PURPLE.light, linewidth=3, alpha=0.35)
    axes.plot(value.value, place, "D", color=PURPLE.light, markersize=7)
    axes.text(1.01, place, number(value.value), va="center", transform=side, color=INK.light)

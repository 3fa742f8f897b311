"""A step of the load on an autoscaled stack, on one axis of time."""

from collections.abc import Sequence
from statistics import median_low

from matplotlib.axes import Axes

from bench.analysis.recovery import Recovery
from bench.records.events import BIGGER, SHRINK
from bench.records.series import Drawn
from bench.report.document import Plot
from bench.report.palette import AMBER, BLUE, GREEN, INK, MUTED, ORANGE, Colour
from bench.report.plots import canvas, scales, svg
from bench.report.words import number
from stack.queries import DASHBOARD, autoscaling, resources
from stack.settings import Slo

# What an autoscaler sees and aims at, by the names of their queries: CPU, or a load for each pod. Others get
# what one pod uses and may.
METRICS = {
    "CPU of the request, %": (
        autoscaling.metric_seen(DASHBOARD).name,
        autoscaling.metric_target(DASHBOARD).name,
    ),
    "load for each pod": (autoscaling.load_seen(DASHBOARD).name, autoscaling.load_target(DASHBOARD).name),
    "CPU of a pod, cores": (resources.cpu_used(DASHBOARD).name, resources.cpu_allowed(DASHBOARD).name),
}
WANTED, READY = autoscaling.replicas_wanted(DASHBOARD).name, autoscaling.replicas_ready(DASHBOARD).name
LIMIT = autoscaling.autoscaler_limit(DASHBOARD).name
RIGHT = 2.6  # inches, for what happened when


def typical(runs: Sequence[Recovery]) -> Recovery:
    """The run of the middle recovery; one that did not recover is the slowest. Raises ValueError for none."""
    order = [each.high_seconds if each.recovered is None else each.recovered for each in runs]
    return runs[order.index(median_low(order))]


def timeline(found: Recovery, series: Sequence[Drawn], slo: Slo) -> Plot:
    """Demand, the autoscaler's metric, replicas and latency of one run; missed windows are shaded."""
    made = canvas.figure(6.4, _title(found), _subtitle(found), [("beyond the objective", ORANGE)])
    axes = canvas.panels(made, 4, 1, right=RIGHT, share=False, gap=(0.2, 0.38), ratios=(1, 1, 0.8, 1.4))
    _demand(axes[0], found)
    metric = metric_of(series)
    seen, target = METRICS[metric]
    _lines(axes[1], series, ((seen, BLUE, "seen"), (target, MUTED, "target")))
    if _resized(found):
        _requested(axes[2], found)
    else:
        pods = ((WANTED, AMBER, "wanted"), (READY, GREEN, "ready"), (LIMIT, MUTED, "at most"))
        _lines(axes[2], series, pods)
    _latency(axes[3], found, slo)
    third = "cores requested" if _resized(found) else "replicas"
    titles = ("demand, requests/s", metric, third, f"p95 of {found.window_seconds:g} s, ms")
    for each, title in zip(axes, titles, strict=True):
        canvas.heading(each, title)
        _shade(each, found)
        each.set_xlim(0, len(found.windows) * found.window_seconds)
        each.tick_params(labelbottom=each is axes[-1])
    axes[-1].set_xlabel("seconds since the load's start")
    _happened(axes[0], found)
    return svg.plot(made, f"autoscaling-{found.cell.replace(' ', '-')}", _says(found))


def metric_of(series: Sequence[Drawn]) -> str:
    """What the autoscaler scaled by, of which Prometheus told; without any, CPU."""
    told = {each.name for each in series if each.lines}
    return next((metric for metric, (seen, _) in METRICS.items() if seen in told), next(iter(METRICS)))


def _title(found: Recovery) -> str:
    if found.recovered is None:
        return f"{found.cell}: the objective is not kept again while the load is high"
    if found.recovered == 0:
        return f"{found.cell}: the objective is kept through the step"
    return f"{found.cell}: the objective is kept again {found.recovered:g} s after the step"


def _subtitle(found: Recovery) -> str:
    rates = " → ".join(number(rate) for rate in found.rates)
    place = f", block {found.block}" if found.block else ""
    return f"{rates} requests/s{place}; {found.violating_seconds:g} s beyond the objective"


def _says(found: Recovery) -> str:
    return (
        f"Demand, the autoscaler's metric, replicas and latency of `{found.cell}` through a step of the load."
    )


def _demand(axes: Axes, found: Recovery) -> None:
    width = found.window_seconds
    _windows(axes, width, [(window.start, window.requests / width) for window in found.windows])
    axes.set_ylim(bottom=0)
    scales.few_ticks(axes, "y", 4)


def _resized(found: Recovery) -> bool:
    """Whether a pod's CPU changed in place."""
    return bool(found.held) and any(each.what in (*BIGGER[1:], SHRINK) for each in found.events)


def _requested(axes: Axes, found: Recovery) -> None:
    """What the pods request, as they have it."""
    end = len(found.windows) * found.window_seconds
    times = [*(each.seconds for each in found.held), end]
    cores = [each.cores for each in found.held]
    axes.step(times, [*cores, cores[-1]], where="post", color=GREEN.light, linewidth=1.6)
    axes.margins(y=0.15)
    axes.set_ylim(bottom=0)
    scales.few_ticks(axes, "y", 3)


def _windows(axes: Axes, width: float, known: Sequence[tuple[float, float]]) -> None:
    """A level for each window, the last one to its end."""
    if known:
        start, value = known[-1]
        ends = [*known, (start + width, value)]
        axes.step(*zip(*ends, strict=True), where="post", color=INK.light)


def _lines(axes: Axes, series: Sequence[Drawn], wanted: Sequence[tuple[str, Colour, str]]) -> None:
    drawn = {each.name: each.lines for each in series if each.lines}
    shown = [(drawn[name][0], colour, label) for name, colour, label in wanted if name in drawn]
    if not shown:
        canvas.note(axes, 0.02, 0.5, "Prometheus had no series of it", within=True)
    for place, (line, colour, label) in enumerate(shown):
        limit = colour is MUTED
        style = canvas.DASHES if limit else "-"
        axes.step(
            *zip(*line.points, strict=True), where="post", color=colour.light, linestyle=style, linewidth=1.6
        )
        mark = "┄" if limit else "━"
        canvas.note(axes, 1.01, 0.85 - 0.27 * place, f"{mark} {label}", within=True, colour=colour)
    axes.margins(y=0.15)
    axes.set_ylim(bottom=0)
    scales.few_ticks(axes, "y", 3)


def _latency(axes: Axes, found: Recovery, slo: Slo) -> None:
    _windows(axes, found.window_seconds, [(each.start, each.p95) for each in found.windows if each.p95])
    scales.logarithmic(axes, "y")
    canvas.limit(axes, slo.p95_millis)
    canvas.note(axes, 1.01, 0.1, f"┄ objective {slo.p95_millis} ms", within=True)


def _shade(axes: Axes, found: Recovery) -> None:
    for window in found.windows:
        if window.violated:
            end = window.start + found.window_seconds
            axes.axvspan(window.start, end, color=ORANGE.light, alpha=0.16, linewidth=0)
    for after in found.out.values():
        axes.axvline(found.step_at + after, color=MUTED.light, linewidth=0.7, alpha=0.6)
    axes.axvline(found.step_at, color=INK.light, linewidth=1)


def _happened(axes: Axes, found: Recovery) -> None:
    lines = [f"{after:g} s  {what}" for what, after in found.out.items()]
    if found.recovered:
        lines.append(f"{found.recovered:g} s  objective kept again")
    text = "\n".join(["after the step:", *(lines or ["nothing was scaled"])])
    axes.text(1.02, 1.0, text, transform=axes.transAxes, va="top", fontsize=canvas.SMALL, color=INK.light)

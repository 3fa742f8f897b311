"""The thesis's plots of series over time, drawn of our runs. Pure."""

from collections.abc import Mapping

from bench.report.document import Plot
from bench.report.palette import GREEN, INK, ORANGE
from bench.report.plots import canvas, scales, svg
from bench.thesis import figures, panels
from bench.thesis.claims import Claim
from bench.thesis.compare import over
from bench.thesis.drawings import lines
from bench.thesis.gather import Seen

Told = Mapping[str, Claim]
SERVER = "ms in the server"


def server_latency(seen: Seen, told: Told) -> Plot | None:
    """Figs. 4.31 and 4.33: the mean latency in TensorFlow Serving."""
    query, scale = panels.SERVER_LATENCY["tensorflow"], panels.MICROS
    default, tuned = (lines.drawn(seen.of(arm), query, scale) for arm in ("tf-default", "tf-threads"))
    if not (default or tuned):
        return None
    low, high = (told["default-unsteady"].number(name) for name in ("lowest", "highest"))
    steady = told["threads-server"].number("mean in the server")
    made = canvas.figure(
        3.9,
        "How steady is TensorFlow Serving's own latency?",
        "Mean latency in the server, one line a run. Orange: what the thesis saw, figs. 4.31 and 4.33.",
    )
    left, right = canvas.panels(made, 1, 2)
    lines.panel(left, "tf-default", default)
    lines.panel(right, "tf-threads", tuned)
    left.axhspan(low, high, color=ORANGE.light, alpha=0.12, linewidth=0)
    lines.bound(left, high, f"thesis: {low:g} to {high:g} ms", ORANGE)
    lines.bound(right, steady, f"thesis: about {steady:g} ms", ORANGE)
    left.set_ylim(0, lines.highest(default, tuned, least=high))
    left.set_ylabel(SERVER)
    canvas.below(made, lines.TIME)
    return svg.plot(
        made, "thesis-server-latency", "Mean latency in TensorFlow Serving over the test, by run."
    )


def batches(seen: Seen, told: Told) -> Plot | None:
    """Figs. 4.36, 4.37 and 4.45: the mean batch."""
    arms = (("tf-batch-10ms", "tensorflow"), ("tf-batch-100ms", "tensorflow"), ("torch-batch", "torchserve"))
    found = {arm: lines.drawn(seen.of(arm), panels.BATCH_SIZE[server]) for arm, server in arms}
    if not any(found.values()):
        return None
    limit, mean = told["batch-100ms"].number("largest batch allowed"), told["batch-10ms"].number("mean batch")
    made = canvas.figure(
        3.9,
        "How many requests share a batch?",
        "Mean batch, one line a run. Green: 1 + rate × timeout. Orange: the thesis's fig. 4.36.",
    )
    axes = canvas.panels(made, 1, 3)
    lines.bound(axes[0], mean, f"thesis: about {mean:g}", ORANGE)
    for each, (arm, drawn) in zip(axes, found.items(), strict=True):
        predicted = over(seen.of(arm), figures.predicted_batch)
        arithmetic = f": 1 + rate × timeout = {predicted.value.value:.1f}" if predicted else ""
        lines.panel(each, arm + arithmetic, drawn)
        lines.bound(each, limit, "largest batch")
        if predicted:
            lines.bound(each, predicted.value.value, colour=GREEN)
    axes[0].set_ylim(0, lines.highest(*found.values(), least=limit))
    axes[0].set_ylabel("rows in the mean batch")
    canvas.below(made, lines.TIME)
    return svg.plot(made, "thesis-batches", "Mean batch over the test, by run, and 1 + rate × timeout.")


def workers(seen: Seen, told: Told) -> Plot | None:
    """Figs. 4.40 and 4.41: the mean latency in TorchServe, and the workers that the thesis did not count."""
    arms = {
        "torch-10-workers": told["workers-10-latency"].number("highest"),
        "torch-1-10-workers": told["workers-1-10-latency"].number("highest"),
    }
    query, scale = panels.SERVER_LATENCY["torchserve"], panels.MICROS
    latency = [lines.drawn(seen.of(arm), query, scale) for arm in arms]
    counted = [lines.drawn(seen.of(arm), panels.WORKERS) for arm in arms]
    if not any(latency) and not any(counted):
        return None
    made = canvas.figure(
        5.6,
        "Ten workers, and one to ten: how long do requests take, and how many workers are there?",
        "Mean latency in the server, one line a run; orange: the thesis's highest, figs. 4.40 and 4.41.",
    )
    axes = canvas.panels(made, 2, 2, share=False, ratios=(2, 1), gap=(0.6, 0.35))
    top = lines.highest(*latency, least=max(arms.values()))
    for place, (arm, most) in enumerate(arms.items()):
        lines.panel(axes[place], arm, latency[place])
        lines.bound(axes[place], most, f"thesis: up to {most:g} ms", ORANGE)
        axes[place].set_ylim(0, top)
        lines.panel(axes[place + 2], "", counted[place], GREEN)
        axes[place + 2].set_ylim(0, lines.highest(*counted, least=10))
        scales.few_ticks(axes[place + 2], "y")
    axes[0].set_ylabel(SERVER)
    axes[2].set_ylabel("workers")
    canvas.below(made, lines.TIME)
    return svg.plot(made, "thesis-workers", "Latency in TorchServe and its workers over the test, by run.")


def replicas(seen: Seen, _told: Told) -> Plot | None:
    """Fig. 4.50: the latency of each of two pods."""
    looks = [look for look in seen.of("torch-replicas") if look.series.get(panels.POD_LATENCY)][:4]
    if not looks:
        return None
    made = canvas.figure(
        3.9,
        "Two pods: does their latency lie together, and do they share the requests evenly?",
        "Mean latency in each pod, a panel a run, and the requests that each pod took. Thesis: fig. 4.50.",
    )
    axes = canvas.panels(made, 1, len(looks))
    found = [lines.drawn([look], panels.POD_LATENCY, panels.MICROS) for look in looks]
    for each, look, drawn in zip(axes, looks, found, strict=True):
        taken = " and ".join(f"{pod.requests:,}" for pod in look.summary.pods)
        lines.pods(each, f"block {look.summary.block}: {taken} requests", drawn)
    axes[0].set_ylim(0, lines.highest(*found))
    axes[0].set_ylabel(SERVER)
    canvas.below(made, lines.TIME)
    return svg.plot(made, "thesis-replicas", "Mean latency in each of the two pods over the test, by run.")


def autoscaler(seen: Seen, told: Told) -> Plot | None:
    """Fig. 4.57: what the autoscaler saw and the pods that ran."""
    looks = seen.of("torch-hpa")
    used, ready = (lines.drawn(looks, query) for query in (panels.CPU_SEEN, panels.PODS_READY))
    if not used:
        return None
    cpu, target, pods = (told["hpa-scales-out"].number(name) for name in ("CPU", "target", "pods"))
    made = canvas.figure(
        3.9,
        "What did the autoscaler see under the thesis's load, and what did it do?",
        "One line a run. Orange: the thesis's one look at it, fig. 4.57.",
    )
    left, right = canvas.panels(made, 1, 2, share=False, gap=(0.6, 0.45))
    lines.panel(left, "CPU, % of the request", used)
    lines.bound(left, cpu, f"thesis: {cpu:g} %", ORANGE)
    lines.bound(left, target, f"target: {target:g} %", INK)
    left.set_ylim(0, lines.highest(used, least=cpu))
    lines.panel(right, "pods ready", ready, GREEN)
    lines.bound(right, pods, f"thesis: {pods:g} pods", ORANGE)
    right.set_ylim(0, lines.highest(ready, least=pods))
    scales.few_ticks(right, "y", 3)
    canvas.below(made, lines.TIME)
    return svg.plot(made, "thesis-autoscaler", "CPU that the autoscaler saw and pods ready, by run.")

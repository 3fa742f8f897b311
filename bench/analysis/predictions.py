"""What the capacity model expects of each stack, beside what was measured."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import median

from bench import queueing
from bench.analysis.batching import measured as mean_batch
from bench.analysis.batching import window
from bench.analysis.capacities import Capacity, at_capacity
from bench.analysis.cells import Cell, by_block
from bench.queueing import Alone, ServiceCurve
from bench.records.baseline import Baseline
from bench.records.estimates import Estimate
from bench.records.expected import Expected
from bench.records.parts import CONFIRM, SERIAL, THESIS
from bench.records.run import Stretch, Summary
from bench.records.store import Run

LOADS = {THESIS: "thesis profile", CONFIRM: "at the SLO capacity"}


@dataclass(frozen=True)
class Point:
    """One load: rates in requests/s, times in ms, medians over runs. A time that grows without end is None.

    `busy`: cores that serving used ÷ those of the machine; None where that was not seen.
    """

    label: str
    rate: float
    predicted_batch: float
    measured_batch: float | None
    predicted_utilization: float
    busy: float | None
    predicted_p95: float | None
    measured_p95: float | None


@dataclass(frozen=True)
class Beforehand:
    """A forecast made before a block's search, and what the search then held: requests/s, 0 for no rate.

    `held` None: the search told nothing.
    """

    block: int
    forecast: float
    held: float | None

    @property
    def error(self) -> float | None:
        """(forecast − held) ÷ held; None where nothing was held."""
        return (self.forecast - self.held) / self.held if self.held else None


@dataclass(frozen=True)
class Predicted:
    """One cell. `predicted` and `measured` are SLO capacities in requests/s; `measured` None: not searched.

    `from_serial`: the overhead is that of the stack's own run with one request in flight, else 0.
    `beforehand`: what was written down before each block's search.
    """

    cell: str
    server: str
    predicted: float
    measured: Estimate | None
    from_serial: bool
    points: tuple[Point, ...]
    beforehand: tuple[Beforehand, ...] = ()

    @property
    def error(self) -> float | None:
        """(predicted − measured) ÷ measured; None where nothing was measured, or no rate held."""
        if self.measured is None or self.measured.value <= 0:
            return None
        return (self.predicted - self.measured.value) / self.measured.value


def predictions(
    known: Sequence[Cell],
    held: Mapping[str, Capacity],
    baselines: Sequence[Baseline],
    beforehand: Sequence[Expected] = (),
) -> tuple[Predicted, ...]:
    """Of every cell whose model was timed in process.

    A pod that waits for a batch is busy with other things meanwhile, and slow to wake: for what its front end
    takes for a request the least counts that any of the server's stacks shows.
    """
    told = _curves(known, baselines)
    return tuple(
        _predicted(cell, held[cell.name], told[cell.name], beforehand) for cell in known if cell.name in told
    )


def expected_capacities(known: Sequence[Cell], baselines: Sequence[Baseline]) -> dict[str, float]:
    """SLO capacities in requests/s by cell, of those whose model was timed in process."""
    told = _curves(known, baselines)
    return {cell.name: _capacity(cell, told[cell.name]) for cell in known if cell.name in told}


def _curves(known: Sequence[Cell], baselines: Sequence[Baseline]) -> dict[str, ServiceCurve]:
    curves = {cell.name: curve for cell in known if (curve := _curve(cell, baselines)) is not None}
    own = [cell for cell in known if cell.name in curves]
    return {cell.name: _busy_only(cell, own, curves) for cell in own}


def _busy_only(cell: Cell, own: Sequence[Cell], curves: Mapping[str, ServiceCurve]) -> ServiceCurve:
    """The cell's curve, without what its pods do while they wait for a batch."""
    curve = curves[cell.name]
    if cell.good(SERIAL) and window(cell.settings(), cell.server) is None:
        return curve
    shown = [curves[each.name] for each in own if each.server == cell.server and each.good(SERIAL)]
    least = min(shown, key=lambda each: (each.work.machine_millis, each.work.pod_millis), default=curve)
    return replace(curve, work=least.work, overhead_millis=least.overhead_millis)


def _curve(cell: Cell, baselines: Sequence[Baseline]) -> ServiceCurve | None:
    """From times in process and one request in flight. A cell without own times, as a twin, takes all."""
    of_server = [each for each in baselines if each.server == cell.server]
    times = [each for each in of_server if each.arm == cell.arm.name] or of_server
    if not times or cell.arm.through_port_forward:
        return None
    curve, alone = queueing.curve(times), _alone(cell)
    cores = float(cell.latest.obtained.cpus)
    return queueing.with_overhead(curve, cell.settings(), cell.server, alone, cores) if alone else curve


def _alone(cell: Cell) -> Alone | None:
    """One request in flight, medians over blocks; None if that was not measured."""
    runs = cell.good(SERIAL)
    times = [by_block(runs, partial(_percentile, name=name)) for name in ("p50", "p95", "p99")]
    if not all(times):
        return None
    p50, p95, p99 = (median(each.values()) for each in times)
    pod, machine = (median(by_block(runs, cpu).values()) for cpu in (_pod_cpu, _machine_cpu))
    return Alone(p50, p95, p99, pod, machine)


def _percentile(made: Summary, name: str) -> float | None:
    return made.total.percentile(name)


def _pod_cpu(made: Summary) -> float:
    """CPU of a request in its pods, in ms."""
    return 1000 * sum(pod.cpu_seconds for pod in made.pods) / max(1, made.total.requests)


def _machine_cpu(made: Summary) -> float:
    """The same with the generator's, where it shares the machine."""
    near = made.machine.generator if made.machine else 0.0
    return _pod_cpu(made) + 1000 * near / max(1, made.total.requests)


def _cores(cell: Cell) -> float:
    """The machine's, less what others than serving and generator use of them with one request in flight."""
    machines = [run.summary.machine for run in cell.good(SERIAL)]
    used = [each.others / each.wall_seconds for each in machines if each]
    return cell.latest.obtained.cpus - (median(used) if used else 0.0)


def _predicted(cell: Cell, held: Capacity, curve: ServiceCurve, beforehand: Sequence[Expected]) -> Predicted:
    own = [each for each in beforehand if (each.arm, each.server) == (cell.arm.name, cell.server)]
    return Predicted(
        cell=cell.name,
        server=cell.server,
        predicted=_capacity(cell, curve),
        measured=held.estimate,
        from_serial=bool(cell.good(SERIAL)),
        points=tuple(_points(cell, curve, _cores(cell))),
        beforehand=tuple(
            Beforehand(each.block, each.rate, held.by_block.get(each.block))
            for each in sorted(own, key=lambda each: each.block)
        ),
    )


def _capacity(cell: Cell, curve: ServiceCurve) -> float:
    return queueing.capacity(cell.settings(), cell.server, curve, _cores(cell))


def _points(cell: Cell, curve: ServiceCurve, cores: float) -> list[Point]:
    loads = {THESIS: cell.good(THESIS), CONFIRM: at_capacity(cell)}
    return [_point(cell, LOADS[part], runs, curve, cores) for part, runs in loads.items() if runs]


def _point(cell: Cell, label: str, runs: Sequence[Run], curve: ServiceCurve, cores: float) -> Point:
    summaries = [run.summary for run in runs]
    rate = median(_rate(made.judged) for made in summaries)
    expected = queueing.at_rate(cell.settings(), cell.server, curve, rate, cores)
    batches = [size for made in summaries if (size := mean_batch(made)) is not None]
    busy = [share for made in summaries if (share := _busy(made)) is not None]
    times = [p95 for made in summaries if (p95 := made.judged.percentile("p95")) is not None]
    return Point(
        label=label,
        rate=rate,
        predicted_batch=expected.mean_batch,
        measured_batch=median(batches) if batches else None,
        predicted_utilization=expected.utilization,
        busy=median(busy) if busy else None,
        predicted_p95=expected.p95_millis if math.isfinite(expected.p95_millis) else None,
        measured_p95=median(times) if times else None,
    )


def _rate(part: Stretch) -> float:
    return max(part.offered_rate or part.achieved_rate, 0.001)


def _busy(made: Summary) -> float | None:
    machine = made.machine
    return machine.serving / (machine.cpus * machine.wall_seconds) if machine else None

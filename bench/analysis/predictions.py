"""What the capacity model expects of each stack, beside what was measured."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bench import model
from bench.analysis.batching import measured as mean_batch
from bench.analysis.capacities import Capacity, at_capacity
from bench.analysis.cells import Cell, by_block
from bench.analysis.tax import p50
from bench.model import ServiceCurve
from bench.records import Baseline
from bench.statistics import Estimate
from bench.store import Run
from bench.summary import CONFIRM, SERIAL, THESIS, Part, Summary

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
class Predicted:
    """One cell. `predicted` and `measured` are SLO capacities in requests/s; `measured` None: not searched.

    `from_serial`: the overhead is that of the stack's own p50 with one request in flight, else 0.
    """

    cell: str
    server: str
    predicted: float
    measured: Estimate | None
    from_serial: bool
    points: tuple[Point, ...]

    @property
    def error(self) -> float | None:
        """(predicted − measured) ÷ measured; None where nothing was measured, or no rate held."""
        if self.measured is None or self.measured.value <= 0:
            return None
        return (self.predicted - self.measured.value) / self.measured.value


def predicted(cell: Cell, held: Capacity, baselines: Sequence[Baseline]) -> Predicted | None:
    """From times in process and one request in flight; None where those were not measured.

    A cell without times of its own, as a twin, takes all of its server.
    """
    of_server = [each for each in baselines if each.server == cell.server]
    own = [each for each in of_server if each.arm == cell.arm.name] or of_server
    if not own or cell.arm.through_port_forward:
        return None
    cores, settings = float(cell.latest.obtained.cpus), cell.settings()
    serial = by_block(cell.good(SERIAL), p50)
    curve = model.curve(own)
    if serial:
        curve = model.with_overhead(curve, settings, cell.server, median(serial.values()), cores)
    return Predicted(
        cell=cell.name,
        server=cell.server,
        predicted=model.capacity(settings, cell.server, curve, cores),
        measured=held.estimate,
        from_serial=bool(serial),
        points=tuple(_points(cell, curve, cores)),
    )


def _points(cell: Cell, curve: ServiceCurve, cores: float) -> list[Point]:
    loads = {THESIS: cell.good(THESIS), CONFIRM: at_capacity(cell)}
    return [_point(cell, LOADS[part], runs, curve, cores) for part, runs in loads.items() if runs]


def _point(cell: Cell, label: str, runs: Sequence[Run], curve: ServiceCurve, cores: float) -> Point:
    summaries = [run.summary for run in runs]
    rate = median(_rate(made.judged) for made in summaries)
    expected = model.at_rate(cell.settings(), cell.server, curve, rate, cores)
    batches = [size for made in summaries if (size := mean_batch(made)) is not None]
    busy = [share for made in summaries if (share := _busy(made)) is not None]
    times = [made.judged.latency.percentiles["p95"].value for made in summaries if made.judged.latency]
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


def _rate(part: Part) -> float:
    return max(part.offered_rate or part.achieved_rate, 0.001)


def _busy(made: Summary) -> float | None:
    machine = made.machine
    return machine.serving / (machine.cpus * machine.wall_seconds) if machine else None
